using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Dashboard;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.EventLog.Writing;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Routing;
using ProxyGate.Gateway.Tests.EventLog;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>A real Kestrel with a public and an admin listener, the event log's services, and two clusters of which one is empty.</summary>
internal sealed class AdminHarness : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AdminHarness(WebApplication app, Uri open, Uri admin) => (_app, Public, Admin) = (app, open, admin);

    public Uri Public { get; }

    public Uri Admin { get; }

    public HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public T Get<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static async Task<AdminHarness> StartAsync(TestTarget? console = null, OpenTelemetrySettings? openTelemetry = null, AdminSettings? admin = null)
    {
        var settings = new GatewaySettings { Events = new EventSettings { File = null, Console = true }, OpenTelemetry = openTelemetry ?? new OpenTelemetrySettings(), Admin = admin ?? new AdminSettings(), Incidents = new IncidentSettings { Store = "memory" } };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(services => new ConsoleLog(console ?? new TestTarget(), ConsoleStyle.Plain, redirected: true, TimeProvider.System));
        builder.AddGatewayLogging();
        builder.AddGatewayTelemetry(settings, new MetricSeries(10, 10, 10));
        builder.Services.AddSingleton<IGatewaySettingsSource>(new SettingsInForce(settings));
        builder.Services.AddEventLog().AddIncidents().AddDashboard(settings.Admin.Oidc);
        var routes = new RouteSource(
            [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "/proxied/{**rest}" } }],
            [
                new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://127.0.0.1:9" } } },
                new ClusterConfig { ClusterId = "empty" },
            ]);
        builder.Services.AddSingleton(routes).AddSingleton<IProxyConfigProvider>(routes).AddReverseProxy();
        Assert.True(ListenAddress.TryParse("http://127.0.0.1:9180", out var address, out _, out _));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Use(next => connection =>
            {
                connection.Features.Set(new ListenerFeature(address!, IsAdmin: true));
                return next(connection);
            }));
        });
        var app = builder.Build();
        app.UseAdmin();
        app.MapReverseProxy();
        app.MapFallback(context => context.Response.WriteAsync(context.Request.Path == "/cookies" ? $"public {context.Request.Headers.Cookie}" : "public"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        var addresses = app.Urls.Select(u => new Uri(u)).ToArray();
        return new AdminHarness(app, addresses[0], addresses[1]);
    }

    public void BeginDraining() => Get<IHostApplicationLifetime>().StopApplication();

    public Task<HttpResponseMessage> GetAsync(string path, Uri? from = null, string? host = null, HttpMethod? method = null)
    {
        var request = new HttpRequestMessage(method ?? HttpMethod.Get, new Uri(from ?? Admin, path));
        request.Headers.Host = host;
        return Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public async Task<string> GetTextAsync(string path)
    {
        using var response = await GetAsync(path);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None); // what is still to be told is told
        await _app.DisposeAsync();
    }

    /// <summary>As after a reload.</summary>
    public void Change(AdminSettings admin) => ((SettingsInForce)Get<IGatewaySettingsSource>()).Change(admin);

    private sealed class SettingsInForce(GatewaySettings settings) : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; private set; } = settings;

        public event Action<GatewaySettings>? Changed;

        public void Change(AdminSettings admin)
        {
            Current = Current with { Admin = admin };
            Changed?.Invoke(Current);
        }
    }
}
