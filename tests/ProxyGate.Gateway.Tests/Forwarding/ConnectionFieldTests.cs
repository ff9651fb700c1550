using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>RFC 9110 section 7.6.1: what Connection names is meant for that connection, and ends here with it, in both directions.</summary>
public sealed class ConnectionFieldTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<int> Forwarders => [(int)ForwarderKind.Direct, (int)ForwarderKind.Yarp];

    [Theory, MemberData(nameof(Forwarders))]
    public async Task Fields_that_the_client_names_do_not_reach_the_app_and_all_others_do(int forwarder)
    {
        var head = "";
        await using var upstream = new ScriptedUpstream(async c =>
        {
            head = await c.ReadHeadAsync() ?? "";
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, forwarder: (ForwarderKind)forwarder);
        var answer = await AskAsync(
            gateway,
            "POST /a HTTP/1.1\r\nHost: shop.example\r\nConnection: keep-alive, X-Hop , x-second\r\nConnection: close,,Host, Content-Length, Content-Type, X-Forwarded-Proto\r\nX-Hop: 1\r\nX-SECOND: 2\r\nX-Kept: 3\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.Contains("X-Kept: 3", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Content-Length: 2", head, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Host: ", head, StringComparison.OrdinalIgnoreCase);
        // What the gateway writes itself is not the client's to take out.
        Assert.Contains("X-Forwarded-Proto: http", head, StringComparison.OrdinalIgnoreCase);
        foreach (var gone in new[] { "X-Hop", "X-Second", "Content-Type" }) Assert.DoesNotContain(gone + ":", head, StringComparison.OrdinalIgnoreCase);
    }

    [Theory, MemberData(nameof(Forwarders))]
    public async Task Fields_that_the_app_names_do_not_reach_the_client_and_are_passed_on_again_when_it_does_not(int forwarder)
    {
        string[] connections = ["Connection: X-Hop, keep-alive\r\n", "", "Connection: keep-alive\r\n", "Connection: Content-Length, x-hop, Content-Encoding\r\n"];
        var n = 0;
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
                await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Hop: 1\r\nX-Kept: 2\r\nContent-Encoding: identity\r\n{connections[n++]}\r\nok");
        });
        await using var gateway = await ForwardingHarness.StartAsync(upstream.Url, forwarder: (ForwarderKind)forwarder);
        foreach (var passedOn in new[] { false, true, true, false })
        {
            using var response = await gateway.Client.GetAsync("/", Ct);
            Assert.Equal("ok", await response.Content.ReadAsStringAsync(Ct));
            Assert.Equal(passedOn, response.Headers.Contains("X-Hop"));
            Assert.True(response.Headers.Contains("X-Kept"));
            Assert.Equal((2L, "identity"), (response.Content.Headers.ContentLength, response.Content.Headers.ContentEncoding.Single()));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("keep-alive")]
    [InlineData("Close")]
    [InlineData("Upgrade")]
    [InlineData("keep-alive, Upgrade")]
    [InlineData(" , ,close,")]
    public void The_usual_options_name_no_field(string value) => Assert.Null(ConnectionField.NamesIn(value));

    [Fact]
    public void No_field_at_all_names_none() => Assert.Null(ConnectionField.NamesIn(StringValues.Empty));

    [Fact]
    public void Names_are_gathered_from_every_line_and_no_more_than_an_honest_sender_has()
    {
        Assert.Equal(["A", "b", "c"], ConnectionField.NamesIn(new StringValues(["A , close", "b,\tc", "a"]))!.Order(StringComparer.Ordinal));
        Assert.Equal(64, ConnectionField.NamesIn(string.Join(',', Enumerable.Range(0, 1000).Select(i => $"x{i}")))!.Count);
    }

    [Fact]
    public void What_is_taken_out_of_a_request_is_what_is_named_and_never_what_frames_it()
    {
        var headers = new HeaderDictionary
        {
            ["Connection"] = "X-Hop, Host, Content-Length, Transfer-Encoding, X-Forwarded-For, Forwarded, X-Real-IP, Absent",
            ["X-Hop"] = "1",
            ["Host"] = "h",
            ["Content-Length"] = "2",
            ["X-Forwarded-For"] = "192.0.2.1",
            ["Forwarded"] = "for=192.0.2.1",
            ["X-Real-IP"] = "192.0.2.1",
            ["X-Kept"] = "1",
        };
        ConnectionField.TakeOutNamed(headers);
        Assert.Equal(["Connection", "Content-Length", "Forwarded", "Host", "X-Forwarded-For", "X-Kept", "X-Real-IP"], headers.Keys.Order(StringComparer.Ordinal));
    }

    private static async Task<string> AskAsync(ForwardingHarness gateway, string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Address.Port, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Ct);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return await reader.ReadToEndAsync(Ct);
    }
}
