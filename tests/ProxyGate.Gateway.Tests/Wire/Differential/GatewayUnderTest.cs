using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>One of the gateways that are compared, in front of the scripted app: ours, forwarding in one way or the other, or YARP with nothing around it.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    /// <summary>On an answer that bare YARP made itself.</summary>
    public const string ErrorField = "X-Bare-Error";

    /// <summary>A path that leads nowhere, by which a client sees whether its connection still serves.</summary>
    public const string NoRoute = "/no-route-at-all";

    private readonly Func<Task> _stop;

    private GatewayUnderTest(string name, IPEndPoint http1, IPEndPoint http2, Func<Task> stop) => (Name, Http1, Http2, _stop) = (name, http1, http2, stop);

    public string Name { get; }

    public IPEndPoint Http1 { get; }

    public IPEndPoint Http2 { get; }

    /// <summary>The built gateway with everything in it, one attempt a request.</summary>
    /// <param name="forwarder">The value of <c>ProxyGate:Forwarder</c>.</param>
    /// <param name="app">The app's address.</param>
    /// <param name="folder">For its files.</param>
    public static async Task<GatewayUnderTest> StartOwnAsync(string forwarder, string app, string folder)
    {
        var file = Path.Combine(folder, forwarder, "proxygate.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
        {
            ProxyGate = new
            {
                Listen = new[] { "http://127.0.0.1:0" },
                Admin = new { Listen = "http://127.0.0.1:0" },
                Forwarder = forwarder,
                Retries = new { Attempts = 1 },
                CircuitBreaker = new { Enabled = false },
                Incidents = new { Store = "memory" },
                Clusters = new { app = new { Investigate = false } },
            },
            ReverseProxy = new
            {
                Routes = new { all = new { ClusterId = "app", Match = new { Hosts = new[] { "site.example" }, Path = "/{**rest}" }, Transforms = new[] { new { RequestHeaderOriginalHost = "true" } } } },
                Clusters = new { app = new { Destinations = new { one = new { Address = app } } } },
            },
        }));
        var started = new TaskCompletionSource<StartedGateway>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        var said = new StringWriter();
        var options = new GatewayRunOptions { ConfigFile = file, Listen = ["http://127.0.0.1:0"], Started = started.SetResult };
        var running = Task.Run(() => GatewayApplication.RunAsync(options, said, stop.Token));
        if (await Task.WhenAny(started.Task, running) == running) throw new InvalidOperationException($"The gateway ended with {await running}: {said}");
        var address = new Uri((await started.Task).Addresses[0]);
        var endPoint = new IPEndPoint(IPAddress.Loopback, address.Port);
        return new GatewayUnderTest(forwarder, endPoint, endPoint, async () =>
        {
            await stop.CancelAsync();
            await running;
            stop.Dispose();
        });
    }

    /// <summary>YARP and SocketsHttpHandler as they come, told only to take field values as the bytes they are.</summary>
    public static async Task<GatewayUnderTest> StartBareAsync(string app)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.RequestHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.ResponseHeaderEncodingSelector = static _ => Encoding.Latin1;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddReverseProxy().LoadFromMemory(
            [
                new RouteConfig
                {
                    RouteId = "all", ClusterId = "app", Match = new RouteMatch { Hosts = ["site.example"], Path = "/{**rest}" },
                    Transforms = [new Dictionary<string, string> { ["RequestHeaderOriginalHost"] = "true" }],
                },
            ],
            [
                new ClusterConfig
                {
                    ClusterId = "app",
                    HttpClient = new HttpClientConfig { RequestHeaderEncoding = "latin1", ResponseHeaderEncoding = "latin1" },
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = app } },
                },
            ]);
        var yarp = builder.Build();
        yarp.Use(async (context, next) =>
        {
            await next(context);
            if (context.Features.Get<IForwarderErrorFeature>() is { } error && !context.Response.HasStarted) context.Response.Headers[ErrorField] = error.Error.ToString();
        });
        yarp.MapReverseProxy();
        await yarp.StartAsync();
        var ports = yarp.Urls.Select(url => new Uri(url).Port).ToArray();
        return new GatewayUnderTest("bare", new IPEndPoint(IPAddress.Loopback, ports[0]), new IPEndPoint(IPAddress.Loopback, ports[1]), async () =>
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await yarp.StopAsync(limit.Token);
            await yarp.DisposeAsync();
        });
    }

    public async ValueTask DisposeAsync() => await _stop();
}
