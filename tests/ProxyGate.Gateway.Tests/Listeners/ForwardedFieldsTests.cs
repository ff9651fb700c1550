using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Listeners;

/// <summary>What an upstream is told of the client, from clients that may and may not say who they are for.</summary>
public sealed class ForwardedFieldsTests
{
    private static readonly string[] Shown =
        ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Prefix", "X-Forwarded-Port", "X-Real-IP", "Forwarded", "Host"];

    private const string None = "";
    private const string Loopback = "127.0.0.0/8";

    public static TheoryData<string, string, string, string> Cases => new()
    {
        // trusted, sent, client as the gateway sees it, what the upstream gets
        { None, "", "127.0.0.1 http gate.example", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1;host=gate.example;proto=http" },
        // Spoofed by an ordinary client: replaced, not appended to.
        { None, "X-Forwarded-For: 1.2.3.4|X-Forwarded-Proto: https|X-Forwarded-Host: evil|X-Forwarded-Prefix: /evil|X-Forwarded-Port: 1|X-Real-IP: 1.2.3.4|Forwarded: for=1.2.3.4", "127.0.0.1 http gate.example", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1;host=gate.example;proto=http" },
        { "10.0.0.0/8", "X-Forwarded-For: 1.2.3.4", "127.0.0.1 http gate.example", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1;host=gate.example;proto=http" },
        // A trusted proxy that says nothing.
        { Loopback, "", "127.0.0.1 http gate.example", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1;host=gate.example;proto=http" },
        // A trusted proxy's word.
        { Loopback, "X-Forwarded-For: 1.2.3.4|X-Forwarded-Proto: HTTPS|X-Forwarded-Host: www.example|X-Forwarded-Prefix: /p", "1.2.3.4 https www.example", "X-Forwarded-For: 1.2.3.4, 127.0.0.1|X-Forwarded-Proto: https|X-Forwarded-Host: www.example|X-Forwarded-Prefix: /p|X-Real-IP: 1.2.3.4|Forwarded: for=1.2.3.4;host=www.example;proto=https" },
        // What the client made up stands left of the first address that is not trusted.
        { Loopback, "X-Forwarded-For: 6.6.6.6, 1.2.3.4", "1.2.3.4 http gate.example", "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 1.2.3.4|Forwarded: for=1.2.3.4;host=gate.example;proto=http" },
        { Loopback + " 10.0.0.0/8", "X-Forwarded-For: 6.6.6.6, 1.2.3.4, 10.0.0.9, 10.0.0.8", "1.2.3.4 http gate.example", null! },
        { Loopback + " 10.0.0.0/8", "X-Forwarded-For: 10.0.0.7, 10.0.0.9", "10.0.0.7 http gate.example", null! },
        // Ports, brackets, mapped addresses.
        { Loopback, "X-Forwarded-For: 1.2.3.4:5678", "1.2.3.4 http gate.example", null! },
        { Loopback, "X-Forwarded-For: [2001:db8::1]:443", "2001:db8::1 http gate.example", "X-Forwarded-For: [2001:db8::1]:443, 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 2001:db8::1|Forwarded: for=\"[2001:db8::1]\";host=gate.example;proto=http" },
        { Loopback, "X-Forwarded-For: 2001:db8::1", "2001:db8::1 http gate.example", null! },
        { Loopback, "X-Forwarded-For: ::ffff:1.2.3.4", "1.2.3.4 http gate.example", null! },
        // Nonsense is not believed.
        { Loopback, "X-Forwarded-For: unknown", "127.0.0.1 http gate.example", null! },
        { Loopback, "X-Forwarded-For: 1.2.3.4, unknown", "127.0.0.1 http gate.example", null! },
        { Loopback, "X-Forwarded-For: 12", "127.0.0.1 http gate.example", null! },
        { Loopback, "X-Forwarded-Proto: javascript|X-Forwarded-Host: a b<script>", "127.0.0.1 http gate.example", null! },
        // Several hops, each with its own word: that of the farthest trusted one.
        { Loopback + " 10.0.0.0/8", "X-Forwarded-For: 1.2.3.4, 10.0.0.9|X-Forwarded-Proto: https, http|X-Forwarded-Host: www.example, inner.example", "1.2.3.4 https www.example", null! },
        { Loopback, "X-Forwarded-For: 6.6.6.6, 1.2.3.4|X-Forwarded-Proto: https, http", "1.2.3.4 http gate.example", null! },
        // RFC 7239.
        { Loopback, "Forwarded: for=1.2.3.4;proto=https;host=www.example", "1.2.3.4 https www.example", "X-Forwarded-For: 127.0.0.1|X-Forwarded-Proto: https|X-Forwarded-Host: www.example|X-Real-IP: 1.2.3.4|Forwarded: for=1.2.3.4;proto=https;host=www.example, for=127.0.0.1" },
        { Loopback, "Forwarded: For=\"[2001:db8::7]:99\" ; Proto=http, for=\"5.6.7.8\"", "5.6.7.8 http gate.example", null! },
        { Loopback, "Forwarded: for=_hidden;proto=https", "127.0.0.1 https gate.example", null! },
        { Loopback, "Forwarded: for=\"1.2.3.4", "127.0.0.1 http gate.example", null! },
        { Loopback, "Forwarded: for=1.2.3.4;for=5.6.7.8", "127.0.0.1 http gate.example", null! },
        // Both: nearly every proxy writes X-Forwarded-For and passes a client's Forwarded through.
        { Loopback, "Forwarded: for=6.6.6.6|X-Forwarded-For: 1.2.3.4", "1.2.3.4 http gate.example", null! },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task The_upstream_learns_who_the_client_is(string trusted, string sent, string seen, string? forwarded)
    {
        await using var pair = await Pair.StartAsync(trusted, []);
        var (gateway, upstream) = await pair.SendAsync(sent);

        Assert.Equal(seen, gateway);
        if (forwarded is not null)
            Assert.Equal(forwarded, string.Join('|', upstream.Where(f => !f.StartsWith("Host:", StringComparison.Ordinal))));
        // YARP's default: the destination's own name.
        Assert.Contains(upstream, f => f.StartsWith("Host: 127.0.0.1:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("X-Forwarded", "Off", "X-Forwarded-For: 1.2.3.4")]
    [InlineData("X-Forwarded", "Append", "X-Forwarded-For: 1.2.3.4, 127.0.0.1|X-Forwarded-Proto: http|X-Forwarded-Host: gate.example")]
    [InlineData("RequestHeaderRemove", "X-Forwarded-For", "X-Forwarded-Proto: http|X-Forwarded-Host: gate.example|X-Real-IP: 127.0.0.1|Forwarded: for=127.0.0.1;host=gate.example;proto=http")]
    public async Task A_routes_own_transforms_have_the_last_word(string transform, string value, string expected)
    {
        await using var pair = await Pair.StartAsync("", [new Dictionary<string, string> { [transform] = value }]);
        var (_, upstream) = await pair.SendAsync("X-Forwarded-For: 1.2.3.4");
        Assert.Equal(expected, string.Join('|', upstream.Where(f => !f.StartsWith("Host:", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task A_route_may_keep_the_original_host_and_set_a_field_itself()
    {
        await using var pair = await Pair.StartAsync("",
        [
            new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" },
            new Dictionary<string, string> { ["RequestHeader"] = "X-Real-IP", ["Set"] = "mine" },
        ]);
        var (_, upstream) = await pair.SendAsync("");
        Assert.Contains("Host: gate.example", upstream);
        Assert.Contains("X-Real-IP: mine", upstream);
    }

    [Fact]
    public async Task A_name_that_is_not_ascii_goes_on_as_the_client_wrote_it()
    {
        await using var pair = await Pair.StartAsync("", [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }]);
        var (_, upstream) = await pair.SendAsync("", "xn--bcher-kva.example");
        Assert.Contains("Host: xn--bcher-kva.example", upstream);
        Assert.Contains("X-Forwarded-Host: xn--bcher-kva.example", upstream);
        Assert.Contains("Forwarded: for=127.0.0.1;host=xn--bcher-kva.example;proto=http", upstream);
    }

    private sealed class Pair : IAsyncDisposable
    {
        private readonly WebApplication _upstream;
        private readonly ListenerHarness _gateway;
        private string _seen = "";

        private Pair(WebApplication upstream, ListenerHarness gateway)
        {
            _upstream = upstream;
            _gateway = gateway;
        }

        public static async Task<Pair> StartAsync(string trusted, IReadOnlyList<IReadOnlyDictionary<string, string>> transforms)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            var upstream = builder.Build();
            upstream.Urls.Add("http://127.0.0.1:0");
            upstream.Run(context => context.Response.WriteAsJsonAsync(
                Shown.Where(f => context.Request.Headers.ContainsKey(f)).Select(f => $"{f}: {context.Request.Headers[f]}").ToArray()));
            await upstream.StartAsync();

            Pair? pair = null;
            var settings = new GatewaySettings
            {
                Listen = ["http://127.0.0.1:0"],
                TrustedProxies = trusted.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            };
            var gateway = await ListenerHarness.StartAsync(
                settings,
                app =>
                {
                    app.UseTrustedProxies();
                    app.Use((context, next) =>
                    {
                        pair!._seen = $"{context.Connection.RemoteIpAddress} {context.Request.Scheme} {context.Request.Host}";
                        return next(context);
                    });
                    app.MapReverseProxy();
                },
                services => services.AddReverseProxy()
                    .AddTransforms<ForwardedTransforms>()
                    .LoadFromMemory(
                        [new RouteConfig { RouteId = "r", ClusterId = "c", Match = new RouteMatch { Path = "/{**rest}" }, Transforms = transforms }],
                        [new ClusterConfig { ClusterId = "c", Destinations = new Dictionary<string, DestinationConfig> { ["d"] = new() { Address = upstream.Urls.First() } } }]));
            return pair = new Pair(upstream, gateway);
        }

        public async Task<(string Seen, string[] Upstream)> SendAsync(string fields, string host = "gate.example")
        {
            using var client = new HttpClient();
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{_gateway.Port}/") { Headers = { Host = host } };
            foreach (var field in fields.Split('|', StringSplitOptions.RemoveEmptyEntries))
            {
                var colon = field.IndexOf(": ", StringComparison.Ordinal);
                request.Headers.TryAddWithoutValidation(field[..colon], field[(colon + 2)..]);
            }

            using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            var json = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            return (_seen, JsonSerializer.Deserialize<string[]>(json)!);
        }

        public async ValueTask DisposeAsync()
        {
            await _gateway.DisposeAsync();
            await _upstream.DisposeAsync();
        }
    }
}
