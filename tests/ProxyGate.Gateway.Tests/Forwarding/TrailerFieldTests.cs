using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>What may come behind a body (RFC 9110 section 6.5.1), in either direction.</summary>
public sealed class TrailerFieldTests
{
    private static readonly string[] Names =
    [
        "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Accept-Ranges", "Age", "Allow", "Alt-Svc", "Authorization", "Cache-Control", "Content-Disposition", "Content-Encoding",
        "Content-Language", "Content-Location", "Content-MD5", "Content-Range", "Content-Security-Policy", "Content-Type", "Date", "Digest", "ETag", "Expect", "Expires", "From", "Host",
        "If-Match", "If-Modified-Since", "If-None-Match", "If-Range", "If-Unmodified-Since", "Last-Modified", "Link", "Location", "Max-Forwards", "Origin", "Pragma", "Proxy-Authenticate",
        "Proxy-Authorization", "Range", "Referer", "Retry-After", "Server", "Server-Timing", "Set-Cookie", "Strict-Transport-Security", "TE", "Trailer", "User-Agent", "Vary", "Via", "Warning",
        "WWW-Authenticate", "X-Sum", "grpc-status", "grpc-message",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_DotNets_own_client_drops_is_dropped_here_and_nothing_else_of_these()
    {
        await using var upstream = ScriptedUpstream.Answering(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + string.Concat(Names.Select(n => $"{n}: 1\r\n")) + "\r\n");
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, UseCookies = false });
        using var answer = await client.GetAsync(upstream.Url, Ct);
        var taken = answer.TrailingHeaders.NonValidated.Select(f => f.Key).ToHashSet(StringComparer.Ordinal);
        Assert.Equal(string.Join(", ", Names.Where(n => !taken.Contains(n))), string.Join(", ", Names.Where(n => !HopByHop.MayTrail(n))));
    }

    [Theory]
    [InlineData("Content-Length")]
    [InlineData("transfer-encoding")]
    [InlineData("Connection")]
    [InlineData("Keep-Alive")]
    [InlineData("Proxy-Connection")]
    [InlineData("Upgrade")]
    [InlineData("Cookie")]
    [InlineData("Forwarded")]
    [InlineData("x-forwarded-for")]
    [InlineData("X-Real-IP")]
    public void Framing_the_hops_own_fields_and_who_asked_never_trail(string name) => Assert.False(HopByHop.MayTrail(name));

    [Theory]
    [InlineData(nameof(ForwarderKind.Direct))]
    [InlineData(nameof(ForwarderKind.Yarp))]
    public async Task Only_what_may_trail_comes_through(string kind)
    {
        const string Trailers = "0\r\nX-Sum: 42\r\nLocation: /elsewhere\r\nContent-Type: text/html\r\nAuthorization: Basic YTpi\r\nHost: other\r\ngrpc-status: 0\r\n\r\n";
        var sent = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is { } head)
            {
                if (head.StartsWith("POST", StringComparison.Ordinal)) sent.TrySetResult(await c.ReadUntilAsync("\r\n\r\n"));
                await c.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + Trailers.Replace("Location", "X-Empty:\r\nLocation", StringComparison.Ordinal));
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, clientProtocols: HttpProtocols.Http2, forwarder: Enum.Parse<ForwarderKind>(kind));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        using var answer = await gateway.Client.SendAsync(request, Ct);
        Assert.Equal("ok", await answer.Content.ReadAsStringAsync(Ct));
        Assert.Equal(["grpc-status: 0", "x-empty: ", "x-sum: 42"], answer.TrailingHeaders.NonValidated.Select(f => $"{f.Key}: {f.Value}".ToLowerInvariant()).Order(StringComparer.Ordinal));

        await using var plain = await ForwardingHarness.StartAsync(upstream.Url, forwarder: Enum.Parse<ForwarderKind>(kind));
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, plain.Address.Port, Ct);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n" + Trailers), Ct);
        Assert.Equal("2\r\nok\r\n0\r\nX-Sum: 42\r\ngrpc-status: 0\r\n\r\n", await sent.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct));
    }
}
