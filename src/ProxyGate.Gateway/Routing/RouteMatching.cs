using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Routing;

/// <summary>
/// Matches requests to the routes in force, in the place of ASP.NET Core's <c>UseRouting</c>. There are two tables: a changed configuration is made
/// ready in the one that is not in use, and then they change places, so that every request is matched by one configuration as a whole.
/// </summary>
internal sealed class RouteMatching
{
    private readonly EndpointDataSource _source;
    private readonly RouteTable[] _tables;
    private readonly Lock _lock = new();
    private int _inUse;

    public RouteMatching(EndpointDataSource source, IServiceProvider services)
    {
        (_source, _tables) = (source, [new RouteTable(services), new RouteTable(services)]);
        _tables[0].Take(source.Endpoints);
        ChangeToken.OnChange(source.GetChangeToken, Changed);
    }

    public Task MatchAsync(HttpContext context) => _tables[Volatile.Read(ref _inUse)].FindAsync(context);

    /// <summary>Told by YARP within its own change: when this returns, the new routes are in force.</summary>
    private void Changed()
    {
        lock (_lock)
        {
            var next = 1 - _inUse;
            _tables[next].Take(_source.Endpoints);
            Volatile.Write(ref _inUse, next);
        }
    }
}
