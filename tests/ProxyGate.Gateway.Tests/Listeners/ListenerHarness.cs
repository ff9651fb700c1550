using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

/// <summary>A real server with the gateway's listeners and an app of the test's choice behind them.</summary>
internal sealed class ListenerHarness : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ListenerHarness(WebApplication app, GatewaySettingsSource settings)
    {
        _app = app;
        Settings = settings;
    }

    public GatewaySettingsSource Settings { get; }

    public CertificateStore Certificates => _app.Services.GetRequiredService<CertificateStore>();

    public CollectedLog Log { get; private init; } = new();

    /// <summary>The ports the system chose, in the order of the addresses.</summary>
    public IReadOnlyList<int> Ports =>
    [
        .. _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses
            .Where(a => !a.Contains(PriorKnowledgeEndPoint.Name, StringComparison.Ordinal) && !a.Contains("unix:", StringComparison.Ordinal))
            .Select(a => new Uri(a).Port),
    ];

    public int Port => Ports[0];

    public static async Task<ListenerHarness> StartAsync(
        GatewaySettings settings, Action<WebApplication> pipeline, Action<IServiceCollection>? services = null, TimeProvider? time = null)
    {
        var log = new CollectedLog();
        var source = new GatewaySettingsSource(settings with { Admin = new AdminSettings { Listen = null } }, NullLogger<GatewaySettingsSource>.Instance);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddSingleton(source).AddSingleton<IGatewaySettingsSource>(source).AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddListeners();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        pipeline(app);
        await app.StartAsync();
        return new ListenerHarness(app, source) { Log = log };
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>Polls until the condition holds; a test fails when it does not within ten seconds.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        var deadline = Environment.TickCount64 + 10_000;
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, "The condition did not come true within 10 s.");
            await Task.Delay(10);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _app.StopAsync(patience.Token);
        await _app.DisposeAsync();
    }
}

/// <summary>Keeps what was logged.</summary>
internal sealed class CollectedLog : ILoggerProvider
{
    private readonly List<string> _lines = [];

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_lines)
                return [.. _lines];
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public ILogger<T> For<T>() => new LoggerFactory([this]).CreateLogger<T>();

    public void Dispose()
    {
    }

    private sealed class Logger(CollectedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (log._lines)
                log._lines.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
