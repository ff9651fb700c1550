using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Routing;

/// <summary>Endpoints that are given, and may be given anew.</summary>
internal sealed class EndpointList : EndpointDataSource
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _changed = new();
    private IReadOnlyList<Endpoint> _endpoints = [];

    public override IReadOnlyList<Endpoint> Endpoints => Volatile.Read(ref _endpoints);

    public override IChangeToken GetChangeToken()
    {
        lock (_lock) return new CancellationChangeToken(_changed.Token);
    }

    /// <summary>When it returns, whoever looks here has taken them over.</summary>
    public void Take(IReadOnlyList<Endpoint> endpoints)
    {
        CancellationTokenSource before;
        lock (_lock)
        {
            before = _changed;
            _changed = new CancellationTokenSource();
            Volatile.Write(ref _endpoints, endpoints);
        }

        // Not disposed: somebody may still look at its token.
        before.Cancel();
    }
}
