using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

/// <summary>A client must not notice that its connection has rested. The server's heart beats once a second of the real clock; how long a connection was idle is by the fake one.</summary>
public sealed class RestingConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongEnough = RestingConnection.RestAfter + TimeSpan.FromSeconds(1);

    private readonly FakeTimeProvider _clock = new();
    private readonly TaskCompletionSource _slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _connections = [];
    private readonly RestWatch _watch;
    private readonly RestWatch _busy;
    private RestingConnection? _resting;
    private WeakReference? _protocol;
    private CancellationToken _closed;
    private int _beats;

    public RestingConnectionTests() => (_watch, _busy) = (new RestWatch(_clock), new RestWatch(_clock));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_let_to_rest_and_serves_its_client_again()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal("hello", await AskAsync(client));
            await RestAsync();
            Assert.False(IsKept());
            Assert.Equal(0, client.Available);
        }

        Assert.Equal("hello", await AskAsync(client));
        Assert.Single(_connections.Distinct());
        Assert.False(_closed.IsCancellationRequested);
    }

    [Fact]
    public async Task It_serves_a_request_that_was_sent_in_pieces_after_the_rest()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await RestAsync();
        await client.SendAsync("POST /echo HT"u8.ToArray(), SocketFlags.None, Ct);
        await ListenerHarness.UntilAsync(() => !_resting!.IsResting);
        await client.SendAsync("TP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\npi"u8.ToArray(), SocketFlags.None, Ct);
        await client.SendAsync("ng"u8.ToArray(), SocketFlags.None, Ct);
        Assert.Equal("ping", await AnswerAsync(client));
    }

    [Fact]
    public async Task A_request_under_way_is_not_idle_and_neither_is_a_body_that_nobody_read()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await SendAsync(client, "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
        await PassAsync(LongEnough);
        Assert.False(_resting!.IsResting);
        _slow.SetResult();
        Assert.Equal("slow", await AnswerAsync(client));
        // The answer comes before the body has.
        await SendAsync(client, "POST /unread HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\npi");
        Assert.Equal("unread", await AnswerAsync(client));
        await PassAsync(LongEnough);
        Assert.False(_resting.IsResting);
        await SendAsync(client, "ng");
        Assert.Equal("hello", await AskAsync(client));
    }

    [Fact]
    public async Task A_line_break_after_a_request_is_no_request_and_may_be_rested_on()
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await SendAsync(client, "\r\n");
        await RestAsync();
        await SendAsync(client, "\r\n");
        Assert.Equal("hello", await AskAsync(client));
    }

    [Fact]
    public async Task Half_a_head_is_given_its_time_and_its_answer_and_no_rest()
    {
        await using var server = await StartAsync(limits => limits with { RequestHeadersTimeout = TimeSpan.FromSeconds(4) });
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await SendAsync(client, "GET /");
        await PassAsync(LongEnough);
        Assert.StartsWith("HTTP/1.1 408", await RestOfAsync(client), StringComparison.Ordinal);
        await ClosedAsync();
    }

    [Fact]
    public async Task It_is_closed_when_its_keep_alive_is_over_and_not_a_moment_before()
    {
        var keepAlive = TimeSpan.FromMinutes(1);
        await using var server = await StartAsync(limits => limits with { KeepAlive = keepAlive });
        // While a connection rests, another one that is busy tells of the server's heart.
        using var busy = await ConnectAsync(server);
        await SendAsync(busy, "GET /busy HTTP/1.1\r\nHost: a\r\n\r\n");
        await ListenerHarness.UntilAsync(() => _busy.Lives > 0);
        using var client = await ConnectAsync(server);
        for (var i = 1; i <= 2; i++)
        {
            Assert.Equal("hello", await AskAsync(client));
            Assert.Equal(i, _watch.Lives);
            await _watch.RestAsync();
            _clock.Advance(keepAlive - RestingConnection.RestAfter - TimeSpan.FromTicks(1));
            await _busy.BeatAsync();
        }

        // It was served after all but a tick of its time, and has had as long again since.
        Assert.True(_watch.Connection!.IsResting);
        Assert.False(_watch.Closed.IsCancellationRequested);
        _clock.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("", await RestOfAsync(client));
        await _watch.ClosedAsync();
        Assert.Single(_connections.Distinct());
        _slow.SetResult();
        Assert.Equal("busy", await AnswerAsync(busy));
    }

    [Fact]
    public async Task The_server_stops_without_waiting_for_it()
    {
        var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await RestAsync();
        await server.DisposeAsync().AsTask().WaitAsync(Limit, Ct);
        Assert.Equal("", await RestOfAsync(client));
        await ClosedAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_leaves_during_the_rest_is_noticed(bool byReset)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server);
        await AskAsync(client);
        await RestAsync();
        if (byReset) client.LingerState = new LingerOption(true, 0);
        client.Close();
        await ClosedAsync();
        Assert.DoesNotContain(server.Log.Lines, l => !l.StartsWith("Information", StringComparison.Ordinal));
    }

    private async Task<ListenerHarness> StartAsync(Func<LimitSettings, LimitSettings>? limits = null) => await ListenerHarness.StartAsync(
        new GatewaySettings { Listen = ["http://127.0.0.1:0"], Limits = limits?.Invoke(new LimitSettings()) ?? new LimitSettings() },
        app =>
        {
            app.UseTrustedProxies();
            app.Run(AnswerAsync);
        },
        time: _clock);

    private async Task AnswerAsync(HttpContext context)
    {
        Note(context);
        var text = context.Request.Path.Value switch
        {
            "/slow" => "slow",
            "/busy" => "busy",
            "/echo" => await new StreamReader(context.Request.Body).ReadToEndAsync(Ct),
            "/unread" => "unread",
            _ => "hello",
        };
        if (text is "slow" or "busy") await _slow.Task;
        context.Response.ContentLength = text.Length;
        await context.Response.WriteAsync(text, Ct);
    }

    private void Note(HttpContext context)
    {
        if (context.Request.Path == "/busy")
        {
            _busy.Note(context);
            return;
        }

        _watch.Note(context);
        _connections.Add(context.Connection.Id);
        _protocol = new WeakReference(context.Features);
        var resting = context.Features.Get<RealPeer>()!.Resting!;
        if (_resting is not null) return;
        _resting = resting;
        _closed = context.Features.Get<IConnectionLifetimeFeature>()!.ConnectionClosed;
        resting.OnHeartbeat(static t => Interlocked.Increment(ref ((RestingConnectionTests)t)._beats), this);
    }

    private async Task RestAsync()
    {
        await ListenerHarness.UntilAsync(() =>
        {
            _clock.Advance(LongEnough / 10);
            return _resting!.IsResting;
        });
    }

    /// <summary>Until the server's heart has beaten often enough to act on it.</summary>
    private async Task PassAsync(TimeSpan time)
    {
        var beats = Volatile.Read(ref _beats);
        for (var i = 1; i <= 3; i++)
        {
            _clock.Advance(time / 3);
            var until = beats + i;
            if (!_resting!.IsResting) await ListenerHarness.UntilAsync(() => Volatile.Read(ref _beats) >= until);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsKept()
    {
        for (var i = 0; i < 5 && _protocol!.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return _protocol!.IsAlive;
    }

    private static async Task<Socket> ConnectAsync(ListenerHarness server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, server.Port, Ct);
        return client;
    }

    private static Task<int> SendAsync(Socket client, string text) => client.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, Ct).AsTask();

    private static async Task<string> AskAsync(Socket client)
    {
        await SendAsync(client, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        return await AnswerAsync(client);
    }

    /// <summary>The body of an answer on a connection that stays.</summary>
    private static async Task<string> AnswerAsync(Socket client)
    {
        var got = "";
        while (true)
        {
            var read = await ReadAsync(client);
            Assert.NotEqual("", read);
            got += read;
            var end = got.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0) continue;
            Assert.StartsWith("HTTP/1.1 200", got, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", got, StringComparison.OrdinalIgnoreCase);
            var length = int.Parse(got.Split("Content-Length: ")[1].Split('\r')[0], System.Globalization.CultureInfo.InvariantCulture);
            if (got.Length == end + 4 + length) return got[(end + 4)..];
        }
    }

    private static async Task<string> RestOfAsync(Socket client)
    {
        var got = "";
        while (await ReadAsync(client) is { Length: > 0 } read) got += read;
        return got;
    }

    private static async Task<string> ReadAsync(Socket client)
    {
        var buffer = new byte[4096];
        var count = await client.ReceiveAsync(buffer, SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    private async Task ClosedAsync()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = _closed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Limit, Ct);
    }
}
