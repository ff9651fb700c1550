using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Direct;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Loops;
using ProxyGate.Gateway.Tests.Forwarding;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Listeners;

/// <summary>A client's connection whose last answer went through the kernel alone rests like any other, and then serves again, in either way.</summary>
public sealed class SplicedThenRestedTests : IAsyncDisposable
{
    private const int Long = 3_000_000;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly FakeTimeProvider _clock = new();
    private readonly RestWatch _watch;
    private readonly ScriptedUpstream _upstream;
    private readonly byte[] _noise = new byte[Long];
    private readonly List<LoopOutput> _outputs = [];
    private readonly List<string> _connections = [];

    public SplicedThenRestedTests()
    {
        Random.Shared.NextBytes(_noise);
        _watch = new RestWatch(_clock);
        _upstream = new ScriptedUpstream(ServeAsync);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    [Theory]
    [InlineData("long long long")]
    [InlineData("long short long")]
    [InlineData("short long short")]
    [InlineData("long upload long")]
    [InlineData("upload long upload")]
    public async Task It_serves_after_each_rest_as_before(string asked)
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        var lives = 0;
        foreach (var what in asked.Split(' '))
        {
            await AskAsync(client, what);
            Assert.Equal(++lives, _watch.Lives);
            await _watch.RestAsync();
            Assert.False(_watch.Closed.IsCancellationRequested);
            Assert.Equal(0, client.Available);
        }

        // One connection on either side, and the server's end of it made anew each time: the pipe of the last life is not the next one's.
        Assert.Single(_connections.Distinct());
        Assert.Equal(1, _upstream.Accepted);
        Assert.Equal(lives, _outputs.Distinct().Count());
    }

    [Fact]
    public async Task Two_in_one_life_and_one_in_the_next_come_whole_and_in_order()
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        await AskAsync(client, "long");
        await AskAsync(client, "short");
        await AskAsync(client, "long");
        Assert.Equal(1, _watch.Lives);
        await _watch.RestAsync();
        // Both requests are there when the rest ends: the second must not be lost with it.
        await client.SendAsync(Encoding.ASCII.GetBytes(Request("long") + Request("short")), SocketFlags.None, Ct);
        await AnswerAsync(client, Long);
        await AnswerAsync(client, 2);
        Assert.Equal(2, _watch.Lives);
    }

    [Fact]
    public async Task It_does_not_rest_while_a_long_answer_stands_still()
    {
        await using var gateway = await StartAsync();
        using var client = await ConnectAsync(gateway);
        await client.SendAsync(Encoding.ASCII.GetBytes(Request("halting")), SocketFlags.None, Ct);
        var half = new byte[Long / 2];
        await HeadAsync(client);
        await ReadAsync(client, half);
        for (var i = 0; i < 2; i++)
        {
            await _watch.BeatAsync();
            _clock.Advance(RestingConnection.RestAfter);
        }

        await _watch.BeatAsync();
        Assert.False(_watch.Connection!.IsResting);
        _goOn.SetResult();
        var rest = new byte[Long - half.Length];
        await ReadAsync(client, rest);
        Assert.True(_noise.AsSpan().SequenceEqual([.. half, .. rest]));
        await _watch.RestAsync();
        await AskAsync(client, "long");
        Assert.Single(_connections.Distinct());
    }

    private readonly TaskCompletionSource _goOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ServeAsync(Conversation c)
    {
        while (await c.ReadHeadAsync() is { } head)
        {
            var what = head.Split(' ')[1];
            if (what == "/upload") Assert.Equal(4, (await c.ReadBodyAsync(4)).Length);
            var body = what is "/long" or "/halting" ? _noise : "ok"u8.ToArray();
            // The head alone, so that all of a long body is there for the kernel.
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
            if (what == "/halting")
            {
                await c.Socket.SendAsync(body.AsMemory(0, Long / 2), SocketFlags.None, c.Stop);
                await _goOn.Task.WaitAsync(Limit, c.Stop);
                body = body[(Long / 2)..];
            }

            await c.Socket.SendAsync(body, SocketFlags.None, c.Stop);
        }
    }

    private async Task<ListenerHarness> StartAsync() => await ListenerHarness.StartAsync(
        new GatewaySettings { Listen = ["http://127.0.0.1:0"], Forwarder = ForwarderKind.Direct },
        app =>
        {
            app.UseTrustedProxies();
            app.Use((context, next) =>
            {
                context.Features.Set(new RequestRecord(context, _clock));
                _watch.Note(context);
                _connections.Add(context.Connection.Id);
                // Where this is there, long bodies go through the kernel.
                _outputs.Add(BodyPipe.OutputOf(context) ?? throw new InvalidOperationException("The body would be copied."));
                Assert.Same(_outputs[^1], context.Features.Get<IConnectionTransportFeature>()!.Transport.Output);
                return next(context);
            });
            app.MapReverseProxy();
        },
        services =>
        {
            services.AddReverseProxy().AddTransforms<ForwardedTransforms>().LoadFromMemory(
                [new RouteConfig { RouteId = "all", ClusterId = "app", Match = new RouteMatch { Path = "/{**rest}" } }],
                [new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = _upstream.Url } } }]);
            services.AddForwarding();
        },
        _clock);

    private static async Task<Socket> ConnectAsync(ListenerHarness server)
    {
        var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, server.Port, Ct);
        return client;
    }

    /// <summary>PUT, which may be sent on a connection that has served before: one to the app is enough for all.</summary>
    private static string Request(string what) => what == "upload" ? "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nping" : $"GET /{what} HTTP/1.1\r\nHost: a\r\n\r\n";

    private async Task AskAsync(Socket client, string what)
    {
        await client.SendAsync(Encoding.ASCII.GetBytes(Request(what)), SocketFlags.None, Ct);
        await AnswerAsync(client, what == "long" ? Long : 2);
    }

    private async Task AnswerAsync(Socket client, int length)
    {
        var head = await HeadAsync(client);
        Assert.StartsWith("HTTP/1.1 200", head, StringComparison.Ordinal);
        Assert.Contains($"\r\nContent-Length: {length}\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Connection: close", head, StringComparison.OrdinalIgnoreCase);
        var body = new byte[length];
        await ReadAsync(client, body);
        if (length == Long) Assert.True(_noise.AsSpan().SequenceEqual(body));
        else Assert.Equal("ok", Encoding.ASCII.GetString(body));
    }

    /// <summary>The head and not a byte more.</summary>
    private static async Task<string> HeadAsync(Socket client)
    {
        var (head, one) = (new StringBuilder(), new byte[1]);
        while (head.Length < 4 || head.ToString(head.Length - 4, 4) != "\r\n\r\n")
        {
            await ReadAsync(client, one);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static async Task ReadAsync(Socket client, Memory<byte> all)
    {
        while (!all.IsEmpty)
        {
            var read = await client.ReceiveAsync(all, SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
            Assert.True(read > 0, "The connection was closed.");
            all = all[read..];
        }
    }
}
