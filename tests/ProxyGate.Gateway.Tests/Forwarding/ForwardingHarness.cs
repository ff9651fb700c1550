using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>The forwarding room alone behind a real Kestrel: every request's record is kept for the test to look at.</summary>
internal sealed class ForwardingHarness : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly System.Collections.Concurrent.ConcurrentQueue<(RequestRecord Record, AttemptFacts? Facts)> _records = new();

    private ForwardingHarness(WebApplication app, HttpClient client, Uri address) => (_app, Client, Address) = (app, client, address);

    public HttpClient Client { get; }

    public Uri Address { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<ForwardingHarness> StartAsync(
        string destination, GatewaySettings? settings = null, ForwarderRequestConfig? request = null, HttpProtocols clientProtocols = HttpProtocols.Http1, ForwarderKind? forwarder = null,
        Action<HttpContext>? look = null, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.Listen(IPAddress.Loopback, 0, l => l.Protocols = clientProtocols);
            k.ResponseHeaderEncodingSelector = _ => Encoding.Latin1;
            k.RequestHeaderEncodingSelector = _ => Encoding.Latin1;
        });
        // The clients' connections are on the loops, as the gateway's are.
        builder.Services.AddSingleton<AcceptedConnections>();
        builder.Services.AddSingleton<IConnectionListenerFactory, LoopTransport>();
        builder.Services.AddSingleton(clock ?? TimeProvider.System);
        builder.Services.AddSingleton<IGatewaySettingsSource>(new FixedSettings((settings ?? new GatewaySettings()) with { Forwarder = forwarder ?? ForwarderUnderTest.Kind }));
        builder.Services.AddReverseProxy().AddTransforms<ForwardedTransforms>().LoadFromMemory(
            [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "/{**rest}" } }],
            [
                new ClusterConfig
                {
                    ClusterId = "app",
                    HttpRequest = request,
                    Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = destination } },
                },
            ]);
        builder.Services.AddForwarding();
        var app = builder.Build();
        ForwardingHarness? harness = null;
        app.Use(async (context, next) =>
        {
            var record = new RequestRecord(context, TimeProvider.System);
            context.Features.Set(record);
            look?.Invoke(context);
            try
            {
                await next(context);
            }
            finally
            {
                record.ClientBody?.Dispose();
                harness!._records.Enqueue((record, record.Last?.ToFacts()));
            }
        });
        app.MapReverseProxy();
        await app.StartAsync();
        var address = new Uri(app.Urls.First());
        var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromSeconds(20) }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(20) };
        harness = new ForwardingHarness(app, client, address);
        return harness;
    }

    public static GatewaySettings Short() => new()
    {
        Timeouts = new TimeoutSettings
        {
            Dns = TimeSpan.FromSeconds(1),
            Connect = TimeSpan.FromSeconds(1),
            Tls = TimeSpan.FromSeconds(1),
            Send = TimeSpan.FromSeconds(1),
            FirstByte = TimeSpan.FromSeconds(1),
            Idle = TimeSpan.FromSeconds(1),
        },
        Limits = new LimitSettings { RequestBodyIdle = TimeSpan.FromSeconds(1) },
    };

    /// <summary>The record of the next finished request; a client sees its answer a moment before the pipeline ends.</summary>
    public async Task<(RequestRecord Record, AttemptFacts? Facts)> NextRecordAsync()
    {
        for (var i = 0; i < 500; i++)
        {
            if (_records.TryDequeue(out var next)) return next;
            await Task.Delay(10);
        }

        throw new TimeoutException("No request finished within 5 s.");
    }

    public async Task<AttemptFacts> NextFactsAsync()
    {
        var (_, facts) = await NextRecordAsync();
        return facts ?? throw new InvalidOperationException("No attempt was made.");
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

/// <summary>Whose forwarder the tests of forwarding look at: the default one; the suite runs once more with <c>PROXYGATE_FORWARDER=Yarp</c>.</summary>
internal static class ForwarderUnderTest
{
    public static ForwarderKind Kind { get; } = Environment.GetEnvironmentVariable("PROXYGATE_FORWARDER") is { Length: > 0 } kind ? Enum.Parse<ForwarderKind>(kind) : ForwarderKind.Direct;
}

/// <summary>A port that stays ours while no app listens on it, and refuses then.</summary>
internal sealed class HeldPort : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public HeldPort()
    {
        Share(_socket);
        _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    }

    public int Port => ((IPEndPoint)_socket.LocalEndPoint!).Port;

    /// <summary>SO_REUSEPORT of SOL_SOCKET, which .NET has no name for.</summary>
    public static void Share(Socket socket) => socket.SetRawSocketOption(1, 15, BitConverter.GetBytes(1));

    public void Dispose() => _socket.Dispose();
}

/// <summary>An upstream whose every byte is the test's.</summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;
    private int _accepted;

    /// <param name="script">What is said on each connection.</param>
    /// <param name="beside">Its port is taken over; none: a new one.</param>
    public ScriptedUpstream(Func<Conversation, Task> script, HeldPort? beside = null)
    {
        _listener = new TcpListener(IPAddress.Loopback, beside?.Port ?? 0);
        if (beside is not null) HeldPort.Share(_listener.Server);
        _listener.Start();
        _loop = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                Socket socket;
                try
                {
                    socket = await _listener.AcceptSocketAsync(_stop.Token);
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }

                Interlocked.Increment(ref _accepted);
                _ = Task.Run(async () =>
                {
                    using var conversation = new Conversation(socket, _stop.Token);
                    try
                    {
                        await script(conversation);
                    }
                    catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
                    {
                        // The gateway left first, or the test is over.
                    }
                });
            }
        });
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Url => $"http://127.0.0.1:{Port}";

    public int Accepted => Volatile.Read(ref _accepted);

    public static ScriptedUpstream Answering(string answer, bool close = true) => new(async c =>
    {
        do
        {
            if (await c.ReadHeadAsync() is null) return;
            await c.SendAsync(answer);
        }
        while (!close);
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _loop;
        _stop.Dispose();
    }
}

internal sealed class Conversation(Socket socket, CancellationToken stop) : IDisposable
{
    private readonly byte[] _buffer = new byte[65536];
    private string _pending = "";

    public Socket Socket => socket;

    public CancellationToken Stop => stop;

    /// <summary>The next request head, or null at the end.</summary>
    public async Task<string?> ReadHeadAsync()
    {
        while (true)
        {
            var end = _pending.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end >= 0)
            {
                var head = _pending[..(end + 4)];
                _pending = _pending[(end + 4)..];
                return head;
            }

            var read = await socket.ReceiveAsync(_buffer, SocketFlags.None, stop);
            if (read == 0) return null;
            _pending += Encoding.Latin1.GetString(_buffer, 0, read);
        }
    }

    public async Task<string> ReadBodyAsync(int length)
    {
        while (_pending.Length < length)
        {
            var read = await socket.ReceiveAsync(_buffer, SocketFlags.None, stop);
            if (read == 0) break;
            _pending += Encoding.Latin1.GetString(_buffer, 0, read);
        }

        var body = _pending[..Math.Min(length, _pending.Length)];
        _pending = _pending[body.Length..];
        return body;
    }

    public async Task<string> ReadUntilAsync(string end)
    {
        while (!_pending.Contains(end, StringComparison.Ordinal))
        {
            var read = await socket.ReceiveAsync(_buffer, SocketFlags.None, stop);
            if (read == 0) break;
            _pending += Encoding.Latin1.GetString(_buffer, 0, read);
        }

        var all = _pending;
        _pending = "";
        return all;
    }

    public async Task SendAsync(string text) => await socket.SendAsync(Encoding.Latin1.GetBytes(text), SocketFlags.None, stop);

    public Task HangAsync() => Task.Delay(Timeout.Infinite, stop);

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
