using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Routing;

/// <summary>Endpoints that are given, and may be given anew.</summary>
internal sealed class EndpointList : EndpointDataSource
{
    private ConfigurationReloadToken _changed = new();
    private IReadOnlyList<Endpoint> _endpoints = [];

    public override IReadOnlyList<Endpoint> Endpoints => Volatile.Read(ref _endpoints);

    public override IChangeToken GetChangeToken() => Volatile.Read(ref _changed);

    /// <summary>When it returns, whoever looks here has taken them over. For one caller at a time.</summary>
    public void Take(IReadOnlyList<Endpoint> endpoints)
    {
        Volatile.Write(ref _endpoints, endpoints);
        Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();
    }
}
