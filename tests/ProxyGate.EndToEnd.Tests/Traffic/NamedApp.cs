using System.Globalization;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.EndToEnd.Tests.Traffic.Checks;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>An app that answers every path with its name and the path, can be stopped and started on its port, and answers health checks as told.</summary>
internal sealed class NamedApp : IAsyncDisposable
{
    private readonly string _name;
    private readonly HttpProtocols _protocols;
    private WebApplication? _app;
    private int _port;

    private NamedApp(string name, HttpProtocols protocols) => (_name, _protocols) = (name, protocols);

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    /// <summary>What <c>/health</c> answers.</summary>
    public volatile int HealthStatus = 200;

    public volatile HealthCheckResponse.Types.ServingStatus Serving = HealthCheckResponse.Types.ServingStatus.Serving;

    private int _requests;

    public int Requests => Volatile.Read(ref _requests);

    public static async Task<NamedApp> StartAsync(string name, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var app = new NamedApp(name, protocols);
        await app.StartAsync();
        return app;
    }

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, _port, listen => listen.Protocols = _protocols));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        _app = builder.Build();
        _app.MapGrpcService<HealthService>();
        _app.MapGet("/health", context =>
        {
            context.Response.StatusCode = HealthStatus;
            return Task.CompletedTask;
        });
        _app.MapFallback(context =>
        {
            Interlocked.Increment(ref _requests);
            return context.Response.WriteAsync($"{_name} {context.Request.Path}");
        });
        await _app.StartAsync();
        _port = new Uri(_app.Urls.First()).Port;
    }

    /// <summary>The port is closed, and every connection.</summary>
    public async Task StopAsync()
    {
        if (_app is null) return;
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private sealed class HealthService(NamedApp app) : Checks.Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => request.Service is "" or "shop"
            ? Task.FromResult(new HealthCheckResponse { Status = app.Serving })
            : throw new RpcException(new Status(StatusCode.NotFound, "unknown service"));
    }
}
