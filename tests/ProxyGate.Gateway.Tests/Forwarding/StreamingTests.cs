using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Forwarding;

public class StreamingTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string AcceptFor(string head)
    {
        var key = head.Split("\r\n").First(l => l.StartsWith("Sec-WebSocket-Key:", StringComparison.OrdinalIgnoreCase)).Split(':')[1].Trim();
#pragma warning disable CA5350 // RFC 6455 names SHA-1.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private static string Switch(string head) =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {AcceptFor(head)}\r\n\r\n";

    [Fact]
    public async Task A_websocket_talks_both_ways_and_ends_in_order()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            var head = (await c.ReadHeadAsync())!;
            await c.SendAsync(Switch(head));
            using var socket = WebSocket.CreateFromStream(new NetworkStream(c.Socket), isServer: true, null, TimeSpan.FromSeconds(30));
            var buffer = new byte[1024];
            while (true)
            {
                var got = await socket.ReceiveAsync(buffer, c.Stop);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, c.Stop);
                    return;
                }

                await socket.SendAsync(buffer.AsMemory(0, got.Count), WebSocketMessageType.Text, true, c.Stop);
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws" }.Uri, Ct);
        await client.SendAsync(Encoding.UTF8.GetBytes("hello"), WebSocketMessageType.Text, true, Ct);
        var reply = new byte[64];
        var result = await client.ReceiveAsync(reply, Ct);
        Assert.Equal("hello", Encoding.UTF8.GetString(reply, 0, result.Count));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, Ct);
        var (record, facts) = await gateway.NextRecordAsync();
        Assert.Equal((AttemptEnd.Answered, TunnelEnd.Normal), (facts!.End, record.TunnelEnd));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_websocket_the_upstream_breaks_is_told_as_broken_by_it(bool reset)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.SendAsync(Switch((await c.ReadHeadAsync())!));
            await c.SendAsync("\u0081\u0002hi");
            if (reset) c.Reset();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        using var client = new ClientWebSocket();
        try
        {
            await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws" }.Uri, Ct);
            await client.ReceiveAsync(new byte[64], Ct);
            await client.ReceiveAsync(new byte[64], Ct);
        }
        catch (WebSocketException)
        {
            // The client sees the break; how soon depends on the reset.
        }

        var (record, _) = await gateway.NextRecordAsync();
        Assert.Equal(TunnelEnd.UpstreamBroke, record.TunnelEnd);
    }

    [Fact]
    public async Task A_silent_tunnel_ends_at_the_idle_limit()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.SendAsync(Switch((await c.ReadHeadAsync())!));
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, ForwardingHarness.Short());
        using var client = new ClientWebSocket();
        await client.ConnectAsync(new UriBuilder(gateway.Address) { Scheme = "ws" }.Uri, Ct);
        await Assert.ThrowsAnyAsync<Exception>(async () => await client.ReceiveAsync(new byte[64], Ct));
        var (record, _) = await gateway.NextRecordAsync();
        Assert.Equal(TunnelEnd.Idle, record.TunnelEnd);
    }

    [Fact]
    public async Task A_client_that_drops_its_websocket_frees_the_upstream_at_once()
    {
        var upstreamSawEnd = new TaskCompletionSource();
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.SendAsync(Switch((await c.ReadHeadAsync())!));
            try
            {
                await c.ReadHeadAsync();
            }
            finally
            {
                upstreamSawEnd.TrySetResult();
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, new GatewaySettings());
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        await client.GetStream().WriteAsync(
            "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"u8.ToArray(), Ct);
        await client.GetStream().ReadAtLeastAsync(new byte[1024], 12, true, Ct);
        client.Dispose();
        await upstreamSawEnd.Task.WaitAsync(TimeSpan.FromSeconds(5), Ct);
        var (record, _) = await gateway.NextRecordAsync();
        Assert.NotEqual(TunnelEnd.UpstreamBroke, record.TunnelEnd);
    }

    [Fact]
    public async Task Events_arrive_one_by_one_without_buffering()
    {
        var next = new SemaphoreSlim(0);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (var i = 0; i < 3; i++)
            {
                await c.SendAsync($"9\r\ndata: {i}\n\n\r\n");
                await next.WaitAsync(c.Stop);
            }

            await c.SendAsync("0\r\n\r\n");
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        using var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Ct);
        await using var stream = await response.Content.ReadAsStreamAsync(Ct);
        var buffer = new byte[64];
        for (var i = 0; i < 3; i++)
        {
            var read = await stream.ReadAtLeastAsync(buffer, 9, true, Ct);
            Assert.Equal($"data: {i}\n\n", Encoding.ASCII.GetString(buffer, 0, read));
            next.Release();
        }

        Assert.Equal(0, await stream.ReadAsync(buffer, Ct));
    }

    [Fact]
    public async Task The_body_waits_for_100_continue_and_is_not_sent_after_a_refusal()
    {
        var bodySeen = false;
        await using var upstream = new ScriptedUpstream(async c =>
        {
            var head = await c.ReadHeadAsync();
            if (head!.StartsWith("POST /no", StringComparison.Ordinal))
            {
                await c.SendAsync("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                bodySeen |= (await c.ReadBodyAsync(4)).Length > 0;
                return;
            }

            await c.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            var body = await c.ReadBodyAsync(4);
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, clock: new FakeTimeProvider()); // it waits a second, and a busy machine may need longer
        foreach (var (path, status) in new[] { ("/yes", HttpStatusCode.OK), ("/no", HttpStatusCode.ExpectationFailed) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent("four") };
            request.Headers.ExpectContinue = true;
            var response = await gateway.Client.SendAsync(request, Ct);
            Assert.Equal(status, response.StatusCode);
        }

        Assert.False(bodySeen);
    }

    [Fact]
    public async Task Interim_answers_are_passed_over_but_not_without_end()
    {
        await using (var upstream = ScriptedUpstream.Answering("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
        {
            await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
        }

        await using var flood = ScriptedUpstream.Answering(string.Concat(Enumerable.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 5000)));
        await using var behind = await ForwardingHarness.StartAsync(flood.Url);
        await behind.Client.GetAsync("/", Ct);
        Assert.Equal(HeadDefect.TooManyInterim, (await behind.NextFactsAsync()).HeadDefect);
    }

    [Fact]
    public async Task Bytes_after_a_complete_answer_end_the_connection_and_never_reach_the_next_request()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison", close: false);
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        for (var i = 0; i < 3; i++) Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
        Assert.Equal(3, upstream.Accepted);
    }

    [Fact]
    public async Task Heads_without_bodies_leave_the_connection_ready()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is { } head)
            {
                if (head.StartsWith("HEAD", StringComparison.Ordinal)) await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n");
                else if (head.Contains("/304", StringComparison.Ordinal)) await c.SendAsync("HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n");
                else await c.SendAsync("HTTP/1.1 204 No Content\r\n\r\n");
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        var head = await gateway.Client.SendAsync(new HttpRequestMessage(HttpMethod.Head, "/"), Ct);
        Assert.Equal(500, head.Content.Headers.ContentLength);
        Assert.Equal(HttpStatusCode.NotModified, (await gateway.Client.GetAsync("/304", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.Client.DeleteAsync("/204", Ct)).StatusCode);
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task A_unix_socket_is_reached_and_a_missing_one_is_told_as_missing()
    {
        var folder = Directory.CreateTempSubdirectory("proxygate-unix").FullName;
        try
        {
            var path = Path.Combine(folder, "app.sock");
            Assert.True(UnixDestinations.TryEncode($"http://unix:{path}", out var address, out _));
            await using (var missing = await ForwardingHarness.StartAsync(address))
            {
                await missing.Client.GetAsync("/", Ct);
                var facts = await missing.NextFactsAsync();
                Assert.True(facts.IsUnixSocket);
                Assert.Equal((AttemptEnd.ConnectFailed, path, SocketError.AddressNotAvailable, 2), (facts.End, facts.AddressesTried[0].Address, facts.SocketError, facts.Errno));
            }

            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            listener.Listen();
            var serving = Task.Run(
                async () =>
                {
                    using var accepted = new Conversation(await listener.AcceptAsync(Ct), Ct);
                    var head = await accepted.ReadHeadAsync();
                    Assert.Contains("Host: localhost\r\n", head, StringComparison.Ordinal);
                    await accepted.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
                },
                Ct);
            await using var gateway = await ForwardingHarness.StartAsync(address);
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
            await serving;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task Many_at_once_with_faults_between_never_get_each_others_answers()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is { } head)
            {
                var path = head.Split(' ')[1];
                var fault = int.Parse(path.Split('-')[1], System.Globalization.CultureInfo.InvariantCulture) % 7;
                if (fault == 1) return;
                if (fault == 2)
                {
                    c.Reset();
                    return;
                }

                if (fault == 3)
                {
                    await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{path}");
                    return;
                }

                await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {path.Length}\r\n\r\n{path}");
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        var healthy = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 2000), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = Ct }, async (i, token) =>
        {
            var path = $"/r-{i}";
            try
            {
                using var response = await gateway.Client.GetAsync(path, token);
                if (i % 7 is 1 or 2) Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
                if (response.StatusCode != HttpStatusCode.OK) return;
                Assert.Equal(path, await response.Content.ReadAsStringAsync(token));
                Interlocked.Increment(ref healthy);
            }
            catch (HttpRequestException)
            {
                Assert.Equal(3, i % 7);
            }
        });
        // A connection that ends between two requests is a stale one: without retries the next request on it fails, so a few healthy ones may.
        Assert.InRange(healthy, 1000, 2000);
    }
}
