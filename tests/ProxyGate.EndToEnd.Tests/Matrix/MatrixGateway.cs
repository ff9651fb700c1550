using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>The built gateway with every fault that can share one and run here behind it, each on a route of its own.</summary>
public sealed class MatrixGateway : IAsyncLifetime
{
    private FaultStand? _stand;

    internal FaultStand Stand => _stand!;

    internal GatewayProcess Gateway => _stand!.Gateway;

    /// <summary>The faults that do not run here, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Left => _stand!.Left;

    public async ValueTask InitializeAsync() =>
        _stand = await FaultStand.StartAsync(
            FaultCatalogue.All.Where(f => f is { RequiresNamespace: false, RequiresOwnGateway: false }),
            FaultTimeouts.Brief,
            inNamespace: false,
            new Dictionary<string, (string, string)>(),
            TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_stand is not null) await _stand.DisposeAsync();
    }
}

/// <summary>The built gateway inside a network namespace whose routes, packet filters and resolver misbehave.</summary>
public sealed class NamespaceGateway : IAsyncLifetime
{
    private FaultStand? _stand;

    internal GatewayProcess Gateway => _stand!.Gateway;

    /// <summary>The faults that do not run here, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Left => _stand!.Left;

    public async ValueTask InitializeAsync() =>
        _stand = await FaultStand.StartAsync(
            FaultCatalogue.All.Where(f => f.RequiresNamespace),
            FaultTimeouts.Brief,
            inNamespace: true,
            new Dictionary<string, (string, string)>(),
            TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (_stand is not null) await _stand.DisposeAsync();
    }
}
