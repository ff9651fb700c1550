namespace ProxyGate.Simulation.Namespaces;

internal sealed class NamespaceLab : IAsyncDisposable
{
    internal static Task<NamespaceLab> CreateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    public ValueTask DisposeAsync() => default;
}
