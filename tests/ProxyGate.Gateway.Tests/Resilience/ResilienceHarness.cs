using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Resilience;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Resilience;

/// <summary>Forwarding and resilience behind a real Kestrel, in front of any number of destinations; every request's record is kept.</summary>
internal sealed class ResilienceHarness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(RequestRecord Record, AttemptFacts[] Facts)> _records = new();

    private ResilienceHarness(WebApplication app, HttpClient client) => (_app, Client) = (app, client);

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<ResilienceHarness> StartAsync(GatewaySettings settings, params string[] destinations) => StartAsync(settings, null, destinations);

    /// <param name="request">How requests are sent upstream, e.g. in HTTP/2.</param>
    public static async Task<ResilienceHarness> StartAsync(GatewaySettings settings, ForwarderRequestConfig? request, params string[] destinations)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = HttpProtocols.Http1);
            k.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IGatewaySettingsSource>(new FixedSettings(settings with { Forwarder = Forwarding.ForwarderUnderTest.Kind }));
        builder.Services.AddReverseProxy().AddTransforms<ForwardedTransforms>().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "app",
                    LoadBalancingPolicy = "FirstAlphabetical",
                    HttpRequest = request,
                    Destinations = destinations.Select((d, i) => (d, i)).ToDictionary(d => $"d{d.i + 1}", d => new DestinationConfig { Address = d.d }),
                },
            ]);
        builder.Services.AddForwarding();
        builder.Services.AddSingleton<RouteHistory>();
        builder.Services.AddResilience();
        var app = builder.Build();
        var overload = app.Services.GetRequiredService<OverloadLimit>();
        ResilienceHarness? harness = null;
        app.Use(async (context, next) =>
        {
            var record = new RequestRecord(context, TimeProvider.System);
            context.Features.Set(record);
            try
            {
                if (overload.Enter(record))
                {
                    await next(context);
                    if (record.FollowUp?.After(record) is { } further) await further;
                }
            }
            finally
            {
                record.ClientBody?.Dispose();
                overload.Leave(record);
                harness!._records.Enqueue((record, [.. record.Attempts.Select(a => a.ToFacts())]));
            }
        });
        app.UseRouting();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseResilience();
            proxy.UseLoadBalancing();
            proxy.UseConcurrencyLimits();
        });
        await app.StartAsync();
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(5) })
        {
            BaseAddress = new Uri(app.Urls.First()),
            Timeout = TimeSpan.FromSeconds(20),
        };
        harness = new ResilienceHarness(app, client);
        return harness;
    }

    /// <summary>The next finished request; a client sees its answer a moment before the pipeline ends.</summary>
    public async Task<(RequestRecord Record, AttemptFacts[] Facts)> NextAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            if (_records.TryDequeue(out var next)) return next;
            await Task.Delay(10);
        }

        throw new TimeoutException("No request finished within 5 s.");
    }

    /// <summary>Destination and end of each attempt of the next finished request.</summary>
    public async Task<string> NextAttemptsAsync() => string.Join(", ", (await NextAsync()).Facts.Select(f => $"{f.Destination} {f.End}"));

    /// <summary>The gate of a destination, once it is as full as this.</summary>
    public async Task<DestinationGate> GateOfAsync(string destination, int underWay, int waiting)
    {
        for (var i = 0; i < 500; i++)
        {
            if (Services.GetRequiredService<IProxyStateLookup>().TryGetCluster("app", out var cluster))
            {
                var gate = Services.GetRequiredService<ClusterGuards>().Of(cluster).GateOf(destination);
                if ((gate.UnderWay, gate.Waiting) == (underWay, waiting)) return gate;
            }

            await Task.Delay(10);
        }

        throw new TimeoutException("The destination did not fill up within 5 s.");
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await _app.DisposeAsync();
    }

    private sealed class FixedSettings(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current => settings;

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
