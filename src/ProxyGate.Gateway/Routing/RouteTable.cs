using System.Collections.Frozen;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ProxyGate.Gateway.Routing;

/// <summary>
/// Finds the route of a request as ASP.NET Core does, but by the host first. Its own matcher keeps for every path all the routes that could match
/// it whatever their host is: a thousand hosts beside a thousand paths are a million entries, and a start of minutes. Here the routes of a host are
/// matched as if it were the first segment of their path, and those that name none by themselves; of the two found, the better one is taken.
/// </summary>
internal sealed class RouteTable
{
    private readonly EndpointList _hosted = new();
    private readonly EndpointList _others = new();
    private readonly RequestDelegate _matchHosted;
    private readonly RequestDelegate _matchOthers;
    private FrozenSet<string> _hosts = [];

    public RouteTable(IServiceProvider services)
    {
        (_matchHosted, _matchOthers) = (Matcher(services, _hosted), Matcher(services, _others));
    }

    /// <summary>Takes these routes in the place of those it had. Not for a table that is in use.</summary>
    public void Take(IReadOnlyList<Endpoint> endpoints)
    {
        var (hosted, others) = (new List<Endpoint>(), new List<Endpoint>());
        var hosts = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var patterns = endpoints.SelectMany(e => HostsOf(e) ?? []).Where(static h => !IsName(h)).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        foreach (var endpoint in endpoints)
        {
            if (endpoint is not RouteEndpoint route || HostsOf(route) is not { Count: > 0 } names || !names.All(n => IsName(n) && !patterns.Exists(p => Covers(p, n))))
            {
                others.Add(endpoint);
                continue;
            }

            foreach (var name in names.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                hosts.Add(name);
                hosted.Add(UnderHost(route, name));
            }
        }

        _hosts = hosts.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _hosted.Take(hosted);
        _others.Take(others);
        MakeReady(_matchHosted);
        MakeReady(_matchOthers);
    }

    /// <summary>A matcher is made by its first request: by this one, so that no visitor waits for it. It is code that runs, and waits for nothing.</summary>
    private static void MakeReady(RequestDelegate match) => match(new DefaultHttpContext { Request = { Method = HttpMethods.Get, Path = "/" } }).GetAwaiter().GetResult();

    /// <summary>Sets the request's endpoint and route values, when a route matches.</summary>
    public Task FindAsync(HttpContext context)
    {
        if (_hosts.Count == 0) return _matchOthers(context);
        var host = context.Request.Host.Host;
        return _hosts.Contains(host) ? FindAsync(context, host) : _matchOthers(context);
    }

    private async Task FindAsync(HttpContext context, string host)
    {
        var request = context.Request;
        var path = request.Path;
        request.Path = new PathString("/" + host).Add(path);
        try
        {
            await _matchHosted(context);
        }
        finally
        {
            request.Path = path;
        }

        var (own, values) = (context.GetEndpoint(), request.RouteValues);
        if (own is not null && _others.Endpoints.Count > 0)
        {
            context.SetEndpoint(null);
            // A route without values leaves those it finds.
            request.RouteValues = [];
            await _matchOthers(context);
            if (!IsBetter(own, context.GetEndpoint())) return;
        }
        else if (own is null)
        {
            await _matchOthers(context);
            return;
        }

        context.SetEndpoint(own.Metadata.GetMetadata<Original>()?.Route ?? own);
        request.RouteValues = values;
    }

    /// <summary>By ASP.NET Core's order: the route's own, then the more specific path, then methods, then hosts.</summary>
    private static bool IsBetter(Endpoint hosted, Endpoint? other)
    {
        // What is no route says that the method is not allowed.
        if (other is not RouteEndpoint second) return other is null || hosted is RouteEndpoint;
        if (hosted.Metadata.GetMetadata<Original>() is not { Route: var first }) return false;
        if (first.Order != second.Order) return first.Order < second.Order;
        var (a, b) = (first.RoutePattern.InboundPrecedence, second.RoutePattern.InboundPrecedence);
        return a != b ? a < b : HasMethods(first) || !HasMethods(second);
    }

    private static bool HasMethods(Endpoint endpoint) => endpoint.Metadata.GetMetadata<IHttpMethodMetadata>() is { HttpMethods.Count: > 0 };

    private static IReadOnlyList<string>? HostsOf(Endpoint route) => route.Metadata.GetMetadata<IHostMetadata>()?.Hosts;

    /// <summary>Which of a name, a wildcard and a port goes first is ASP.NET Core's to say: what a pattern covers is left to it.</summary>
    private static bool Covers(string pattern, string name)
    {
        var port = pattern.LastIndexOf(':');
        var host = port < 0 ? pattern : pattern[..port];
        return host is "" or "*" || (host.StartsWith("*.", StringComparison.Ordinal)
            ? name.EndsWith(host[1..], StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Neither a wildcard nor with a port.</summary>
    private static bool IsName(string host) => host.Length > 0 && !host.AsSpan().ContainsAny('*', ':', '/');

    private static RouteEndpoint UnderHost(RouteEndpoint route, string host) => new(
        route.RequestDelegate!,
        RoutePatternFactory.Combine(RoutePatternFactory.Pattern(RoutePatternFactory.Segment(RoutePatternFactory.LiteralPart(host))), route.RoutePattern),
        route.Order,
        new EndpointMetadataCollection([.. route.Metadata.Where(static m => m is not IHostMetadata), new Original(route)]),
        route.DisplayName);

    private static RequestDelegate Matcher(IServiceProvider services, EndpointList endpoints)
    {
        var matching = new ApplicationBuilder(services);
        matching.UseRouting();
        ((IEndpointRouteBuilder)matching.Properties[RouteServices.RouteBuilderKey]!).DataSources.Add(endpoints);
        matching.Run(static _ => Task.CompletedTask);
        return matching.Build();
    }

    private sealed record Original(RouteEndpoint Route);
}
