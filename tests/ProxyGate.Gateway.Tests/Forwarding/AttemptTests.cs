using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ProxyGate.Diagnostics.Attempts;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Forwarding;

public class AttemptTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_healthy_answer_passes_with_its_body_and_fields()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: caf\u00e9\r\n\r\nhello", close: false);
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        for (var i = 1; i <= 3; i++)
        {
            var response = await gateway.Client.GetAsync("/x?y=1", Ct);
            Assert.Equal("hello", await response.Content.ReadAsStringAsync(Ct));
            var facts = await gateway.NextFactsAsync();
            Assert.Equal(AttemptEnd.Answered, facts.End);
            Assert.Equal(i, facts.RequestNumber);
        }

        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Chunks_and_trailers_pass_through()
    {
        await using var upstream = ScriptedUpstream.Answering(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 42\r\n\r\n", close: false);
        // Kestrel sends trailers in HTTP/2 only.
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, clientProtocols: HttpProtocols.Http2);
        for (var i = 0; i < 2; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
            var response = await gateway.Client.SendAsync(request, Ct);
            Assert.Equal("hello world", await response.Content.ReadAsStringAsync(Ct));
            Assert.Equal("42", response.TrailingHeaders.GetValues("X-Sum").Single());
        }

        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Bodies_are_sent_with_their_length_or_in_chunks()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is { } head)
            {
                var body = head.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? await c.ReadUntilAsync("0\r\n\r\n") : await c.ReadBodyAsync(4);
                var text = body.Replace("\r\n", "|", StringComparison.Ordinal);
                await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        var sized = await gateway.Client.PostAsync("/", new StringContent("four"), Ct);
        Assert.Equal("four", await sized.Content.ReadAsStringAsync(Ct));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("abc") };
        request.Headers.TransferEncodingChunked = true;
        var chunked = await gateway.Client.SendAsync(request, Ct);
        Assert.Equal("3|abc|0||", await chunked.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_large_body_passes_both_ways()
    {
        var payload = new byte[5_000_000];
        Random.Shared.NextBytes(payload);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            var body = await c.ReadBodyAsync(payload.Length);
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
            await c.SendAsync(body);
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        var response = await gateway.Client.PostAsync("/", new ByteArrayContent(payload), Ct);
        Assert.Equal(payload, await response.Content.ReadAsByteArrayAsync(Ct));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", HeadDefect.NotHttp)]
    [InlineData("HTTP/1.1 2OO OK\r\n\r\n", HeadDefect.StatusLineMalformed)]
    [InlineData("HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", HeadDefect.StatusOutOfRange)]
    [InlineData("HTTP/1.1 1000 Odd\r\nContent-Length: 0\r\n\r\n", HeadDefect.StatusOutOfRange)]
    [InlineData("HTTP/3.7 200 OK\r\n\r\n", HeadDefect.VersionUnsupported)]
    [InlineData("HTTP/1.1 200 OK\r\nBad Name: x\r\n\r\n", HeadDefect.FieldNameInvalid)]
    [InlineData("HTTP/1.1 200 OK\r\nNoColon\r\n\r\n", HeadDefect.FieldLineMalformed)]
    [InlineData("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n", HeadDefect.FieldValueInvalid)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nhello", HeadDefect.FramingConflict)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", HeadDefect.FramingConflict)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", HeadDefect.ContentLengthInvalid)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: frobnicate\r\n\r\n", HeadDefect.TransferCodingUnknown)]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: upgrade\r\n\r\n", HeadDefect.UnexpectedUpgrade)]
    [InlineData("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n<html>The plain HTTP request was sent to HTTPS port</html>", HeadDefect.PlainHttpToTlsPage)]
    [InlineData("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n", HeadDefect.PlainHttpToTlsPage)]
    public async Task A_broken_head_is_refused_with_its_defect(string answer, HeadDefect defect)
    {
        await using var upstream = ScriptedUpstream.Answering(answer);
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        var response = await gateway.Client.GetAsync("/", Ct);
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
        var facts = await gateway.NextFactsAsync();
        Assert.Equal((AttemptEnd.HeadRefused, defect), (facts.End, facts.HeadDefect));
        Assert.NotEmpty(facts.FirstBytes);
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task An_answer_that_never_comes_is_one_attempt_whatever_the_method()
    {
        await using var upstream = new ScriptedUpstream(async c => await c.ReadHeadAsync());
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        foreach (var method in new[] { "GET", "HEAD", "DELETE", "POST" })
        {
            var before = upstream.Accepted;
            using var request = new HttpRequestMessage(new HttpMethod(method), "/");
            var response = await gateway.Client.SendAsync(request, Ct);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            var facts = await gateway.NextFactsAsync();
            Assert.Equal(AttemptEnd.PeerClosed, facts.End);
            Assert.Equal(0, facts.BytesReceived);
            Assert.Equal(before + 1, upstream.Accepted);
            Assert.True(facts.Tcp!.RequestBytesAcked > 0);
        }
    }

    [Fact]
    public async Task A_reset_and_a_refusal_are_told_by_their_errno()
    {
        await using (var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            c.Reset();
        }))
        {
            await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
            await gateway.Client.GetAsync("/", Ct);
            var facts = await gateway.NextFactsAsync();
            Assert.Equal((AttemptEnd.PeerReset, SocketError.ConnectionReset, 104), (facts.End, facts.SocketError, facts.Errno));
        }

        // Bound and not listening: nobody else can take the port meanwhile.
        using var bound = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        bound.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)bound.LocalEndPoint!).Port;
        await using var dead = await ForwardingHarness.StartAsync($"http://127.0.0.1:{port}");
        await dead.Client.GetAsync("/", Ct);
        var refused = await dead.NextFactsAsync();
        Assert.Equal(AttemptEnd.ConnectFailed, refused.End);
        Assert.Equal((SocketError.ConnectionRefused, 111), (refused.AddressesTried.Single().Error, refused.AddressesTried.Single().Errno));
    }

    [Fact]
    public async Task Both_families_of_a_name_are_tried_and_told()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        await using var gateway = await ForwardingHarness.StartAsync($"http://localhost:{upstream.Port}");
        var response = await gateway.Client.GetAsync("/", Ct);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var facts = await gateway.NextFactsAsync();
        Assert.Equal("localhost", facts.Dns!.Host);
        Assert.Contains(facts.AddressesTried, t => t.Connected && t.Address.StartsWith("127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_fails_in_dns()
    {
        await using var gateway = await ForwardingHarness.StartAsync("http://no-such-host.invalid");
        await gateway.Client.GetAsync("/", Ct);
        var facts = await gateway.NextFactsAsync();
        Assert.True(facts.End is AttemptEnd.DnsFailed or AttemptEnd.TimedOut, facts.End.ToString());
        Assert.Equal("no-such-host.invalid", facts.Dns!.Host);
    }

    [Theory]
    [InlineData("", TimeoutPhase.FirstByte)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-T", TimeoutPhase.Head)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart", TimeoutPhase.Idle)]
    public async Task Each_silence_has_its_own_limit(string start, TimeoutPhase phase)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            if (start.Length > 0) await c.SendAsync(start);
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, ForwardingHarness.Short());
        try
        {
            using var response = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseContentRead, Ct);
        }
        catch (HttpRequestException)
        {
            // A body cut after it began is an aborted message for the client.
        }

        var facts = await gateway.NextFactsAsync();
        Assert.Equal((AttemptEnd.TimedOut, phase), (facts.End, facts.TimedOut));
        Assert.Equal(1000, facts.TimeoutMs);
    }

    [Fact]
    public async Task An_upload_nobody_reads_times_out_while_sending()
    {
        await using var upstream = new ScriptedUpstream(c => c.HangAsync());
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, ForwardingHarness.Short());
        var response = await gateway.Client.PostAsync("/", new ByteArrayContent(new byte[20_000_000]), Ct);
        var facts = await gateway.NextFactsAsync();
        Assert.Equal((AttemptEnd.TimedOut, TimeoutPhase.Send), (facts.End, facts.TimedOut));
        Assert.True(facts.BodyBytesSent > 0);
        Assert.False(facts.RequestComplete);
        Assert.True((int)response.StatusCode is 502 or 504);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_early_refusal_of_an_upload_reaches_the_client(bool reset)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
            if (reset) c.Reset();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        // A raw client, as HttpClient itself may lose an answer that comes while it is sending.
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n\r\n"), Ct);
        await stream.WriteAsync(new byte[300_000], Ct);
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer, Ct);
        Assert.StartsWith("HTTP/1.1 413", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);
        client.Close();
        var facts = await gateway.NextFactsAsync();
        Assert.Equal(413, facts.UpstreamStatus);
        Assert.False(facts.RequestComplete);
    }

    [Fact]
    public async Task A_cut_body_aborts_the_client_and_is_never_a_clean_end()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + new string('x', 70000));
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        await Assert.ThrowsAsync<HttpRequestException>(async () => await gateway.Client.GetAsync("/", Ct));
        var facts = await gateway.NextFactsAsync();
        Assert.Equal(AttemptEnd.PeerClosed, facts.End);
        Assert.Equal((100000, 70000), (facts.Body!.ContentLength, facts.Body.BytesReceived));
    }

    [Fact]
    public async Task A_stale_connection_shows_that_nothing_was_acknowledged_or_that_it_was_reused()
    {
        var second = new TaskCompletionSource();
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            await c.ReadHeadAsync();
            second.TrySetResult();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        Assert.Equal("ok", await gateway.Client.GetStringAsync("/", Ct));
        await gateway.NextFactsAsync();
        await gateway.Client.GetAsync("/", Ct);
        var facts = await gateway.NextFactsAsync();
        Assert.Equal((true, 2, AttemptEnd.PeerClosed, 0L), (facts.Reused, facts.RequestNumber, facts.End, facts.BytesReceived));
        Assert.NotNull(facts.IdleMs);
    }

    [Fact]
    public async Task A_client_that_leaves_is_not_the_upstreams_fault()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, new ProxyGate.Gateway.Configuration.GatewaySettings());
        using var leave = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        leave.CancelAfter(200);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await gateway.Client.GetAsync("/", leave.Token));
        var facts = await gateway.NextFactsAsync();
        Assert.Equal(AttemptEnd.ClientGone, facts.End);
    }

    [Fact]
    public async Task A_client_that_stalls_its_upload_is_the_clients_fault()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, ForwardingHarness.Short());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc"), Ct);
        var (record, _) = await gateway.NextRecordAsync();
        Assert.Equal(ClientFault.BodyTimedOut, record.ClientFault);
        Assert.Equal(AttemptEnd.ClientGone, record.Last!.End);
    }

    [Fact]
    public async Task Http2_without_tls_is_spoken_by_prior_knowledge_and_a_wrong_peer_is_known_by_its_first_bytes()
    {
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
        await using var gateway = await ForwardingHarness.StartAsync(
            upstream.Url, request: new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        await gateway.Client.GetAsync("/", Ct);
        var facts = await gateway.NextFactsAsync();
        Assert.Equal(AttemptEnd.Http2Error, facts.End);
        Assert.True(facts.Http2!.PeerIsNotHttp2);
        Assert.StartsWith("HTTP/1.1 400", Encoding.ASCII.GetString(facts.FirstBytes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Http2_upstreams_answer_over_one_connection()
    {
        await using var app = await ForwardingHarness.StartAsync("http://127.0.0.1:1", clientProtocols: HttpProtocols.Http2);
        await using var gateway = await ForwardingHarness.StartAsync(
            app.Address.ToString(), request: new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact });
        for (var i = 1; i <= 3; i++)
        {
            // The app behind is itself a gateway to nowhere: its 502 is an answer like any other.
            var response = await gateway.Client.GetAsync("/", Ct);
            Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
            var facts = await gateway.NextFactsAsync();
            Assert.Equal((AttemptEnd.Answered, 502, "h2c", i), (facts.End, facts.UpstreamStatus, facts.Protocol, facts.RequestNumber));
        }
    }
}
