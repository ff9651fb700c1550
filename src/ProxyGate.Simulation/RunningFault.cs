namespace ProxyGate.Simulation;

/// <summary>A fault that is misbehaving right now. Disposing it frees its ports, files and processes.</summary>
public sealed class RunningFault : IAsyncDisposable
{
    private readonly IAsyncDisposable[] _parts;

    internal RunningFault(Fault fault, string? destination, FaultClusterSettings cluster, params IAsyncDisposable[] parts)
    {
        Fault = fault;
        Destination = destination;
        Cluster = cluster;
        _parts = parts;
    }

    public Fault Fault { get; }

    /// <summary>The address to put into the gateway's cluster; absent when the fault is a cluster without destinations.</summary>
    public string? Destination { get; }

    public FaultClusterSettings Cluster { get; }

    /// <summary>The network namespace in which the gateway has to run to meet the fault; absent: any.</summary>
    public string? Namespace { get; init; }

    public async ValueTask DisposeAsync()
    {
        foreach (var part in _parts)
            await part.DisposeAsync();
    }
}
