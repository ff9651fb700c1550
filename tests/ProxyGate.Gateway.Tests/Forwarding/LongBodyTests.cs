using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Forwarding.Direct;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>Bodies long enough to go through the kernel alone.</summary>
public sealed class LongBodyTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        Random.Shared.NextBytes(noise);
        return noise;
    }

    [Theory]
    [InlineData(16_000, true)]
    [InlineData(102_400, true)]
    [InlineData(102_400, false)]
    [InlineData(10_000_000, true)]
    [InlineData(10_000_000, false)]
    public async Task Every_byte_arrives_and_the_connection_serves_again(int length, bool withHead)
    {
        var body = Noise(length);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                var head = $"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n";
                if (!withHead) await c.SendAsync(head);
                await c.Socket.SendAsync(withHead ? [.. Encoding.ASCII.GetBytes(head), .. body] : body, SocketFlags.None, c.Stop);
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        for (var n = 0; n < 5; n++)
        {
            var got = await gateway.Client.GetByteArrayAsync("/", Ct);
            Assert.True(body.AsSpan().SequenceEqual(got));
            var (record, facts) = await gateway.NextRecordAsync();
            Assert.Equal((AttemptEnd.Answered, (long)length), (facts!.End, record.Last!.BodyBytesReceived));
        }

        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task Only_what_nobody_looks_at_or_changes_goes_through_the_kernel()
    {
        var seen = new List<(bool Plain, bool Wrapped)>();
        await using var upstream = ScriptedUpstream.Answering("HTTP/1.1 204 No Content\r\n\r\n", close: false);
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, look: Look);
        await gateway.Client.GetAsync("/", Ct);
        Assert.Equal((true, false), Assert.Single(seen));

        void Look(HttpContext context)
        {
            var plain = BodyPipe.OutputOf(context) is not null;
            var own = context.Features.Get<IHttpResponseBodyFeature>()!;
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null, own));
            seen.Add((plain, BodyPipe.OutputOf(context) is not null));
            context.Features.Set(own);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_answer_that_breaks_off_never_looks_whole(bool reset)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + new string('x', 300_000));
            if (reset) c.Reset();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => gateway.Client.GetByteArrayAsync("/", Ct));
        var (record, facts) = await gateway.NextRecordAsync();
        Assert.Equal(reset ? AttemptEnd.PeerReset : AttemptEnd.PeerClosed, facts!.End);
        if (!reset) Assert.Equal(300_000, record.Last!.BodyBytesReceived);
    }

    [Fact]
    public async Task What_has_come_is_sent_while_the_rest_is_waited_for_and_silence_ends_it()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nfirst");
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, ForwardingHarness.Short());
        using var answer = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Ct);
        await using var body = await answer.Content.ReadAsStreamAsync(Ct);
        var first = new byte[5];
        await body.ReadExactlyAsync(first, Ct);
        Assert.Equal("first", Encoding.ASCII.GetString(first));
        await Assert.ThrowsAnyAsync<Exception>(async () => await body.ReadExactlyAsync(new byte[1], Ct));
        var facts = await gateway.NextFactsAsync();
        Assert.Equal((AttemptEnd.TimedOut, TimeoutPhase.Idle), (facts.End, facts.TimedOut));
    }

    [Fact]
    public async Task A_client_that_leaves_in_the_middle_ends_it_for_the_upstream_and_is_not_taken_for_the_upstream()
    {
        var upstreamSawEnd = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var part = Noise(1_000_000);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n");
            try
            {
                while (true) await c.Socket.SendAsync(part, SocketFlags.None, c.Stop);
            }
            catch (SocketException)
            {
                upstreamSawEnd.SetResult();
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        using (var answer = await gateway.Client.GetAsync("/", HttpCompletionOption.ResponseHeadersRead, Ct))
        {
            await using var body = await answer.Content.ReadAsStreamAsync(Ct);
            await body.ReadExactlyAsync(new byte[3_000_000], Ct);
        }

        await upstreamSawEnd.Task.WaitAsync(Limit, Ct);
        var facts = await gateway.NextFactsAsync();
        Assert.True(facts.End is AttemptEnd.ClientGone or AttemptEnd.Answered, $"{facts.End}"); // as whoever noticed it first says; never the upstream
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(3_000_000)]
    public async Task An_upload_that_went_well_leaves_nothing_behind_at_the_gateways_stop(int length)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                await c.ReadBodyAsync(length);
                await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        for (var n = 0; n < 20; n++)
        {
            using var answer = await gateway.Client.PostAsync("/", new ByteArrayContent(new byte[length]), Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            await gateway.NextFactsAsync();
        }

        // The connection that is kept may hold one.
        Assert.InRange(Registrations(gateway.Services.GetRequiredService<DrainState>().Over), 0, 1);

        // .NET tells nobody how many wait for a token.
        static int Registrations(CancellationToken token)
        {
            const BindingFlags Hidden = BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public;
            var source = typeof(CancellationToken).GetField("_source", Hidden)!.GetValue(token)!;
            if (typeof(CancellationTokenSource).GetField("_registrations", Hidden)!.GetValue(source) is not { } registrations) return 0;
            var count = 0;
            for (var node = registrations.GetType().GetField("Callbacks", Hidden)!.GetValue(registrations); node is not null; node = node.GetType().GetField("Next", Hidden)!.GetValue(node)) count++;
            return count;
        }
    }

    [Fact]
    public async Task An_old_client_gets_it_too()
    {
        var body = new string('y', 200_000);
        await using var upstream = ScriptedUpstream.Answering($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        await client.GetStream().WriteAsync("GET / HTTP/1.0\r\n\r\n"u8.ToArray(), Ct);
        using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
        var answer = await reader.ReadToEndAsync(Ct);
        Assert.EndsWith("\r\n\r\n" + body, answer, StringComparison.Ordinal);
    }
}
