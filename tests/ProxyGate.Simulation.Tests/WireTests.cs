using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Simulation.Clients;

namespace ProxyGate.Simulation.Tests;

/// <summary>What a plain client sees when it speaks to the faults directly.</summary>
public sealed class WireTests
{
    [Theory]
    [InlineData("close-no-byte", null, AnswerEnd.Closed, 0)]
    [InlineData("close-no-byte-post", null, AnswerEnd.Closed, 0)]
    [InlineData("reset-no-byte", null, AnswerEnd.Reset, 0)]
    [InlineData("reset-no-byte-post", null, AnswerEnd.Reset, 0)]
    [InlineData("close-after-interim", 103, AnswerEnd.Closed, 0)]
    [InlineData("partial-status-line", null, AnswerEnd.Closed, 0)]
    [InlineData("partial-head", 200, AnswerEnd.Closed, 0)]
    [InlineData("partial-head-reset", 200, AnswerEnd.Reset, 0)]
    [InlineData("head-then-close", 200, AnswerEnd.Closed, 0)]
    [InlineData("head-then-reset", 200, AnswerEnd.Reset, 0)]
    [InlineData("truncated-length", 200, AnswerEnd.Closed, 10)]
    [InlineData("truncated-length-reset", 200, AnswerEnd.Reset, 10)]
    [InlineData("truncated-in-chunk", 200, AnswerEnd.Closed, 5)]
    [InlineData("truncated-in-chunk-reset", 200, AnswerEnd.Reset, 5)]
    [InlineData("truncated-between-chunks", 200, AnswerEnd.Closed, 10)]
    [InlineData("truncated-trailers", 200, AnswerEnd.Closed, 10)]
    [InlineData("stale-close", null, AnswerEnd.Closed, 0)]
    [InlineData("stale-close-post", null, AnswerEnd.Closed, 0)]
    [InlineData("stale-reset", null, AnswerEnd.Reset, 0)]
    [InlineData("stale-reset-post", null, AnswerEnd.Reset, 0)]
    [InlineData("reset-during-upload", null, AnswerEnd.Reset, 0)]
    [InlineData("killed-before-answer", null, AnswerEnd.Closed, 0)]
    [InlineData("killed-mid-answer", 200, AnswerEnd.Closed, 5000)]
    [InlineData("early-413-reset", 413, AnswerEnd.Complete, 8)]
    [InlineData("bad-chunk", 200, AnswerEnd.Malformed, 0)]
    [InlineData("bad-chunk-after-data", 200, AnswerEnd.Malformed, 5)]
    [InlineData("chunk-too-long", 200, AnswerEnd.Malformed, 10)]
    [InlineData("chunk-size-overflow", 200, AnswerEnd.Malformed, 0)]
    [InlineData("bad-status-code", null, AnswerEnd.Malformed, 0)]
    [InlineData("status-999", 999, AnswerEnd.Complete, 0)]
    [InlineData("http09", null, AnswerEnd.Malformed, 0)]
    [InlineData("ssh-banner", null, AnswerEnd.Malformed, 0)]
    [InlineData("mysql-banner", null, AnswerEnd.Malformed, 0)]
    [InlineData("redis", null, AnswerEnd.Malformed, 0)]
    [InlineData("http-to-tls-go", 400, AnswerEnd.Complete, 48)]
    [InlineData("ws-refused-426", 426, AnswerEnd.Complete, 0)]
    [InlineData("ws-then-close", 101, AnswerEnd.Complete, 4)]
    [InlineData("ws-then-reset", 101, AnswerEnd.Reset, 4)]
    [InlineData("app-500", 500, AnswerEnd.Complete, 11)]
    [InlineData("nginx-behind-502", 502, AnswerEnd.Complete, null)]
    [InlineData("healthy-small", 200, AnswerEnd.Complete, 2)]
    [InlineData("healthy-large", 200, AnswerEnd.Complete, 5_000_000)]
    [InlineData("healthy-chunked-trailers", 200, AnswerEnd.Complete, 11)]
    [InlineData("healthy-head", 200, AnswerEnd.Complete, 0)]
    [InlineData("healthy-204", 204, AnswerEnd.Complete, 0)]
    [InlineData("healthy-304", 304, AnswerEnd.Complete, 0)]
    [InlineData("healthy-100-continue", 200, AnswerEnd.Complete, 2)]
    [InlineData("healthy-events", 200, AnswerEnd.Complete, 45)]
    [InlineData("healthy-early-hints", 200, AnswerEnd.Complete, 2)]
    [InlineData("healthy-connection-close", 200, AnswerEnd.Complete, 2)]
    [InlineData("healthy-close-delimited", 200, AnswerEnd.Complete, 12)]
    [InlineData("slow-but-fine", 200, AnswerEnd.Complete, 2)]
    [InlineData("bare-line-feeds", 200, AnswerEnd.Complete, 2)]
    [InlineData("ws-echo", 101, AnswerEnd.Complete, 8)]
    [InlineData("unix-healthy", 200, AnswerEnd.Complete, 2)]
    [InlineData("one-dead-one-alive", 200, AnswerEnd.Complete, 2)]
    [InlineData("tls-good", 200, AnswerEnd.Complete, 2)]
    [InlineData("tls-good-chain", 200, AnswerEnd.Complete, 2)]
    [InlineData("tls-expired", 200, AnswerEnd.Complete, 2)]
    [InlineData("tls-close-no-byte", null, AnswerEnd.Closed, 0)]
    [InlineData("tls-truncated", 200, AnswerEnd.Closed, 10)]
    [InlineData("mtls-nginx-page", 400, AnswerEnd.Complete, null)]
    [InlineData("client-aborts-waiting", null, AnswerEnd.ClientLeft, 0)]
    [InlineData("client-aborts-during-answer", null, AnswerEnd.ClientLeft, 0)]
    [InlineData("client-aborts-upload", null, AnswerEnd.ClientLeft, 0)]
    public async Task The_wire_shows_what_the_fault_says(string id, int? status, AnswerEnd end, int? bodyLength)
    {
        await using var environment = LifeTests.NewEnvironment();
        var fault = FaultCatalogue.Find(id)!;
        await using var running = await fault.StartAsync(environment, TestContext.Current.CancellationToken);
        var seen = await FaultClient.SendAsync(running.Destination!, fault.Request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(end, seen.End);
        if (end is not AnswerEnd.ClientLeft && !(id.StartsWith("partial", StringComparison.Ordinal) || status is 103))
            Assert.Equal(status, seen.Status);
        if (bodyLength is { } length)
            Assert.Equal(length, seen.Body.Length);
    }

    [Theory]
    [InlineData("never-answers", "")]
    [InlineData("half-head-stall", "HTTP/1.1 200 OK\r\nContent-Type: text/pl")]
    [InlineData("body-stall", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789")]
    [InlineData("unexpected-101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("ssh-banner", "SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")]
    [InlineData("smtp-banner", "220 mail.example ESMTP Postfix\r\n")]
    [InlineData("http-to-tls-alert", "\u0015\u0003\u0001\0\u0002\u0002\u0046")]
    [InlineData("http1-to-h2", "\0\0\0\u0004\0\0\0\0\0\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u0001")]
    public async Task The_first_bytes_are_exactly_these(string id, string expected)
    {
        var bytes = await ConverseAsync(id, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), expected.Length);
        Assert.Equal(expected, Encoding.Latin1.GetString(bytes));
    }

    [Theory]
    [InlineData("tls-version-alert", 70)]
    [InlineData("tls-no-shared-cipher", 40)]
    [InlineData("tls-unrecognized-name", 112)]
    [InlineData("tls-internal-error", 80)]
    public async Task A_ClientHello_is_answered_with_the_alert(string id, byte alert)
    {
        var bytes = await ConverseAsync(id, [0x16, 3, 1, 0, 4, 1, 0, 0, 0], 7);
        Assert.Equal([0x15, 3, 3, 0, 2, 2, alert], bytes);
    }

    [Theory]
    [InlineData("h2-rst-no-error", 3, 0)]
    [InlineData("h2-rst-refused-stream", 3, 7)]
    [InlineData("h2-rst-unknown-code", 3, 99)]
    [InlineData("h2-goaway-calm", 7, 11)]
    [InlineData("h2-goaway-internal", 7, 2)]
    public async Task An_HTTP_2_request_is_answered_with_the_frame_and_the_code(string id, byte frame, byte code)
    {
        // Preface, empty SETTINGS, HEADERS of stream 1 with :method GET, :scheme http, :path / from the static table.
        byte[] request =
        [
            .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 3, 1, 5, 0, 0, 0, 1, 0x82, 0x86, 0x84,
        ];
        // SETTINGS, its acknowledgement, and the frame.
        var length = 9 + 9 + 9 + (frame == 7 ? 8 : 4);
        var bytes = await ConverseAsync(id, request, length);
        Assert.Equal(length, bytes.Length);
        Assert.Equal(frame, bytes[18 + 3]);
        Assert.Equal(code, bytes[^1]);
    }

    [Theory]
    [InlineData("connect-refused")]
    [InlineData("connect-refused-everywhere")]
    [InlineData("listens-ipv6-only")]
    public async Task Nobody_listens(string id)
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<SocketException>(() =>
            FaultClient.SendAsync(running.Destination!, FaultRequest.Get, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionRefused, failure.SocketErrorCode);
    }

    [Theory]
    [InlineData("unix-missing", SocketError.AddressNotAvailable)]
    [InlineData("unix-refused", SocketError.ConnectionRefused)]
    [InlineData("unix-queue-full", SocketError.WouldBlock)]
    public async Task A_unix_socket_cannot_be_connected_to(string id, SocketError error)
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
        var failure = await Assert.ThrowsAsync<SocketException>(() =>
            FaultClient.SendAsync(running.Destination!, FaultRequest.Get, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(error, failure.SocketErrorCode);
    }

    [Fact]
    public async Task A_full_accept_queue_leaves_the_connection_unanswered()
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find("accept-queue-full")!.StartAsync(environment, TestContext.Current.CancellationToken);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            socket.ConnectAsync(IPAddress.Loopback, new Uri(running.Destination!).Port, patience.Token).AsTask());
    }

    [Fact]
    public async Task A_killed_process_is_started_again()
    {
        await using var environment = LifeTests.NewEnvironment();
        var fault = FaultCatalogue.Find("killed-before-answer")!;
        await using var running = await fault.StartAsync(environment, TestContext.Current.CancellationToken);
        for (var (met, deadline) = (0, DateTime.UtcNow.AddSeconds(20)); met < 2;)
        {
            Assert.True(DateTime.UtcNow < deadline, "It was not started again in time.");
            try
            {
                var seen = await FaultClient.SendAsync(running.Destination!, fault.Request, cancellationToken: TestContext.Current.CancellationToken);
                // The kernel resets for a process that was killed with bytes it had not read.
                Assert.True(seen.End is AnswerEnd.Closed or AnswerEnd.Reset, $"It ended with {seen.End}.");
                met++;
            }
            catch (SocketException)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Sends bytes to a fault and gives the first ones that come back; fewer when it closes, none when it stays silent.</summary>
    private static async Task<byte[]> ConverseAsync(string id, byte[] request, int count)
    {
        await using var environment = LifeTests.NewEnvironment();
        await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(running.Destination!).Port, TestContext.Current.CancellationToken);
        var stream = client.GetStream();
        await stream.WriteAsync(request, TestContext.Current.CancellationToken);
        using var patience = new CancellationTokenSource(count == 0 ? TimeSpan.FromMilliseconds(300) : TimeSpan.FromSeconds(10));
        var bytes = new byte[Math.Max(count, 1)];
        var read = 0;
        try
        {
            for (var now = 1; read < bytes.Length && now > 0; read += now)
                now = await stream.ReadAsync(bytes.AsMemory(read), patience.Token);
        }
        catch (OperationCanceledException) when (count == 0)
        {
            // Silence was what was asked for.
        }

        return bytes[..read];
    }
}
