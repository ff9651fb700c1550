using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Routing;

namespace ProxyGate.Gateway.Tests.Routing;

/// <summary>Routes are found as ASP.NET Core finds them, and in any number.</summary>
public sealed class RouteTableTests : IDisposable
{
    private static readonly string?[] Hosts =
        [null, null, "a.example", "a.example", "b.example", "b.example", "A.Example|b.example", "sub.b.example", "*.b.example", "a.example:8080", "*:9090", "*"];
    private static readonly string[] Paths = ["/{**rest}", "/x/{**rest}", "/x/y", "/x", "/{id}/y", "/{id}", "/", "/x/{id:int}"];
    private static readonly string?[] Methods = [null, null, "GET", "POST"];
    private static readonly string[] AskedHosts = ["a.example", "A.EXAMPLE", "b.example", "c.example", "sub.b.example", "a.example:8080", "b.example:9090", "elsewhere", ""];
    private static readonly string[] AskedPaths = ["/", "/x", "/x/", "/x/y", "/X/Y", "/x/y/z", "/q/y", "/q", "/x/17", "/a.example/x", "/%20/y"];

    private readonly ServiceProvider _services = new ServiceCollection().AddLogging().AddRouting().AddSingleton<System.Diagnostics.DiagnosticListener>(_ => new("test")).BuildServiceProvider();

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task Any_routes_are_found_as_aspnet_core_finds_them()
    {
        var random = new Random(20261130);
        var compared = 0;
        for (var round = 0; round < 150; round++)
        {
            var endpoints = Enumerable.Range(0, random.Next(1, 9)).Select(n => Route(
                $"route{n}", Pick(random, round % 2 == 0 ? Hosts : Hosts[..8]), Pick(random, Paths), Pick(random, Methods), random.Next(4) == 0 ? random.Next(2) : 0)).ToList();
            var table = new RouteTable(_services);
            table.Take(endpoints);
            // Two spellings of one host are two hosts to ASP.NET Core's matcher, of which it asks only the first.
            var theirs = Theirs([.. endpoints.Select(WithHostsInLowerCase)]);
            foreach (var host in AskedHosts)
            {
                foreach (var path in AskedPaths)
                {
                    var expected = await AnswerAsync(theirs, host, path);
                    var found = await AnswerAsync(Filled(table), host, path);
                    // Two alike are an error: there, when none is better; here, already when none of the same host is.
                    if (expected is null || found is null) continue;
                    compared++;
                    if (IsNone(expected) && IsNone(found)) continue;
                    Assert.Equal((host, path, expected), (host, path, found));
                }
            }
        }

        Assert.InRange(compared, 5_000, int.MaxValue);

        static T Pick<T>(Random random, T[] from) => from[random.Next(from.Length)];
    }

    /// <summary>What most sites have: one route that takes everything, alone or for its host.</summary>
    [Theory]
    [InlineData("all:")]
    [InlineData("all:|POST")]
    [InlineData("a:a.example")]
    [InlineData("a:A.Example", "b:b.example")]
    [InlineData("a:a.example", "b:b.example|POST")]
    [InlineData("a:a.example", "b:b.example", "x:b.example||/x/{**rest}")]
    [InlineData("a:a.example", "b:b.example", "all:")]
    [InlineData("a:a.example", "any:*.example")]
    [InlineData("constrained:||/{**rest:minlength(2)}")]
    [InlineData("filled:||/{**rest=none}")]
    [InlineData("under:||/x/{**rest}")]
    [InlineData("one:||/{rest}")]
    public async Task A_route_that_takes_everything_is_found_and_filled_in_as_by_aspnet_core(params string[] routes)
    {
        var endpoints = routes.Select(r =>
        {
            var (name, rest) = (r.Split(':')[0], r[(r.IndexOf(':', StringComparison.Ordinal) + 1)..].Split('|'));
            return Route(name, rest[0] is { Length: > 0 } host ? host : null, rest.ElementAtOrDefault(2) ?? "/{**rest}", rest.ElementAtOrDefault(1) is { Length: > 0 } method ? method : null, 0);
        }).ToList();
        var table = new RouteTable(_services);
        table.Take(endpoints);
        var theirs = Theirs([.. endpoints.Select(WithHostsInLowerCase)]);
        foreach (var host in AskedHosts)
        {
            foreach (var path in AskedPaths.Append(""))
            {
                var (expected, found) = (await AnswerAsync(theirs, host, path), await AnswerAsync(Filled(table), host, path));
                if (!IsNone(expected) || !IsNone(found)) Assert.Equal((host, path, expected), (host, path, found));
            }
        }
    }

    [Fact]
    public async Task A_thousand_hosts_beside_a_thousand_paths_are_ready_at_once()
    {
        List<RouteEndpoint> endpoints = [];
        for (var n = 0; n < 5000; n++)
        {
            endpoints.Add(Route($"host{n}", $"shop{n}.example", "/{**rest}", null, 0));
            endpoints.Add(Route($"path{n}", null, $"/section{n}/{{**rest}}", null, 0));
        }

        // ASP.NET Core's own matcher would keep 25 million entries.
        var before = GC.GetTotalAllocatedBytes();
        var table = new RouteTable(_services);
        table.Take(endpoints);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1024L * 1024 * 1024);
        Assert.StartsWith("host4321 ", await AnswerAsync(Filled(table), "shop4321.example", "/x"), StringComparison.Ordinal);
        Assert.StartsWith("path4321 ", await AnswerAsync(Filled(table), "shop4321.example", "/section4321/x"), StringComparison.Ordinal);
        Assert.StartsWith("path17 ", await AnswerAsync(Filled(table), "elsewhere", "/section17"), StringComparison.Ordinal);
        Assert.Equal("none", await AnswerAsync(Filled(table), "elsewhere", "/x"));
    }

    [Fact]
    public async Task Changed_routes_take_the_place_of_those_before()
    {
        var source = new EndpointList();
        source.Take([Route("old", "a.example", "/{**rest}", null, 0), Route("stays", null, "/x", null, 0)]);
        var matching = new RouteMatching(source, _services);
        Assert.StartsWith("old ", await AnswerAsync(matching.MatchAsync, "a.example", "/y"), StringComparison.Ordinal);
        for (var n = 0; n < 3; n++)
        {
            source.Take([Route($"new{n}", n % 2 == 0 ? null : "a.example", "/{**rest}", null, 0), Route("stays", null, "/x", null, 0)]);
            Assert.StartsWith($"new{n} ", await AnswerAsync(matching.MatchAsync, "a.example", "/y"), StringComparison.Ordinal);
            Assert.StartsWith("stays ", await AnswerAsync(matching.MatchAsync, "a.example", "/x"), StringComparison.Ordinal);
        }
    }

    /// <summary>ASP.NET Core looks at methods before hosts: whether it says that a method is not allowed depends on routes of other hosts.</summary>
    private static bool IsNone(string? found) => found is "none" or "405 HTTP Method Not Supported";

    private static RouteEndpoint WithHostsInLowerCase(RouteEndpoint route) => route.Metadata.GetMetadata<IHostMetadata>() is not { } hosts ? route : new RouteEndpoint(
        route.RequestDelegate!, route.RoutePattern, route.Order,
        new EndpointMetadataCollection([.. route.Metadata.Where(static m => m is not IHostMetadata), new HostAttribute([.. hosts.Hosts.Select(static h => h.ToLowerInvariant())])]), route.DisplayName);

    private RequestDelegate Theirs(IReadOnlyList<Endpoint> endpoints)
    {
        var source = new EndpointList();
        source.Take(endpoints);
        var app = new ApplicationBuilder(_services);
        app.UseRouting();
        ((IEndpointRouteBuilder)app.Properties[RouteServices.RouteBuilderKey]!).DataSources.Add(source);
        app.Run(static _ => Task.CompletedTask);
        return app.Build();
    }

    /// <summary>With the values that are left to who asks for them.</summary>
    private static RequestDelegate Filled(RouteTable table) => async context =>
    {
        await table.FindAsync(context);
        SoleRoute.SetValues(context);
    };

    /// <summary>The route and its values; "none"; null where two routes are alike.</summary>
    private async Task<string?> AnswerAsync(RequestDelegate match, string host, string path)
    {
        var context = new DefaultHttpContext { RequestServices = _services, Request = { Method = "GET", Scheme = "http", Host = new HostString(host), Path = PathString.FromUriComponent(path) } };
        var asked = context.Request.Path;
        try
        {
            await match(context);
        }
        catch (Exception e) when (e.GetType().Name == "AmbiguousMatchException")
        {
            return null;
        }

        Assert.Equal(asked, context.Request.Path);
        return context.GetEndpoint() is not { } endpoint ? "none" : endpoint is not RouteEndpoint ? endpoint.DisplayName
            : $"{endpoint.DisplayName} {string.Join(',', context.Request.RouteValues.OrderBy(v => v.Key, StringComparer.Ordinal).Select(v => $"{v.Key}={v.Value}"))}";
    }

    private static RouteEndpoint Route(string name, string? hosts, string path, string? method, int order)
    {
        List<object> metadata = [];
        if (hosts is not null) metadata.Add(new HostAttribute(hosts.Split('|')));
        if (method is not null) metadata.Add(new HttpMethodMetadata([method]));
        return new RouteEndpoint(static _ => Task.CompletedTask, RoutePatternFactory.Parse(path), order, new EndpointMetadataCollection(metadata), name);
    }
}
