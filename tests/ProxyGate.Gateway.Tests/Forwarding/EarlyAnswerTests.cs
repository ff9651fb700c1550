using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>An app may answer before it has the whole upload, and its client may wait for that answer before it sends on, or send no more.</summary>
public sealed class EarlyAnswerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Answers { get; } = new(
        from kind in Enum.GetNames<ForwarderKind>()
        from answer in new (string, string)[]
        {
            ("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""),
            ("HTTP/1.1 204 No Content\r\n\r\n", ""),
            ("HTTP/1.1 303 See Other\r\nLocation: /done\r\nContent-Length: 2\r\n\r\nok", "ok"),
            ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "2\r\nok\r\n0\r\n\r\n"),
            ("HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n", ""),
        }
        select (kind, answer.Item1, answer.Item2));

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task It_is_passed_on_whole_though_the_upload_stands_still(string kind, string answer, string body)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync(answer);
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, forwarder: Enum.Parse<ForwarderKind>(kind));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        await client.SendAsync("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"u8.ToArray(), SocketFlags.None, Ct);
        Assert.StartsWith(answer.Split("\r\n")[0], await ReadToAsync(client, "\r\n\r\n" + body), StringComparison.Ordinal);
        // The record ends with the request: long before the limit of a client that sends nothing, and without blaming it.
        var (record, facts) = await gateway.NextRecordAsync();
        Assert.Equal((AttemptEnd.Answered, false, ClientFault.None), (facts!.End, facts.RequestComplete, record.ClientFault));
    }

    [Theory]
    [InlineData(nameof(ForwarderKind.Direct))]
    [InlineData(nameof(ForwarderKind.Yarp))]
    public async Task Nothing_of_it_is_kept_back_from_a_client_of_HTTP_1_0(string kind)
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsome\r\n");
            await begun.Task.WaitAsync(Limit, c.Stop);
            await c.SendAsync("4\r\nmore\r\n0\r\n\r\n");
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, forwarder: Enum.Parse<ForwarderKind>(kind));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        await client.SendAsync("POST / HTTP/1.0\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf"u8.ToArray(), SocketFlags.None, Ct);
        await ReadToAsync(client, "\r\n\r\nsome");
        begun.SetResult();
        await ReadToAsync(client, "more");
    }

    [Theory]
    [InlineData(nameof(ForwarderKind.Direct))]
    [InlineData(nameof(ForwarderKind.Yarp))]
    public async Task It_ends_a_stream_of_HTTP2_too(string kind)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            await c.HangAsync();
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, clientProtocols: HttpProtocols.Http2, forwarder: Enum.Parse<ForwarderKind>(kind));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact, Content = new Endless() };
        using var response = await gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Ct).WaitAsync(Limit, Ct);
        Assert.Equal("ok", await response.Content.ReadAsStringAsync(Ct).WaitAsync(Limit, Ct));
        var (record, facts) = await gateway.NextRecordAsync();
        Assert.Equal((AttemptEnd.Answered, false, ClientFault.None), (facts!.End, facts.RequestComplete, record.ClientFault));
    }

    /// <summary>What came, up to and including this.</summary>
    private static async Task<string> ReadToAsync(Socket client, string end)
    {
        var (got, buffer) = ("", new byte[4096]);
        while (!got.EndsWith(end, StringComparison.Ordinal))
        {
            var read = await client.ReceiveAsync(buffer, SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
            Assert.True(read > 0, $"closed after '{got}'");
            got += Encoding.Latin1.GetString(buffer, 0, read);
        }

        return got;
    }

    /// <summary>A body whose end does not come.</summary>
    private sealed class Endless : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("half"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
