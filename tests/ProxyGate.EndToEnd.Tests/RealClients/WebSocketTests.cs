using System.Net;
using System.Net.WebSockets;
using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

public sealed class WebSocketTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, "1.1")]
    [InlineData(true, "1.1")]
    [InlineData(true, "2.0")]
    public async Task Messages_of_every_size_come_back(bool tls, string version)
    {
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http1);
        using var invoker = new HttpMessageInvoker(gateway.Handler());
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("echo");
        socket.Options.HttpVersion = Version.Parse(version);
        socket.Options.HttpVersionPolicy = HttpVersionPolicy.RequestVersionExact;
        socket.Options.CollectHttpResponseDetails = true;
        var url = new UriBuilder(tls ? gateway.Secure : gateway.Plain) { Scheme = tls ? "wss" : "ws", Path = "/socket" }.Uri;
        await socket.ConnectAsync(url, invoker, Stop);
        Assert.Equal(version == "2.0" ? HttpStatusCode.OK : HttpStatusCode.SwitchingProtocols, socket.HttpStatusCode);
        Assert.Equal("echo", socket.SubProtocol);

        foreach (var size in (int[])[0, 1, 125, 126, 65535, 65536, 1_000_000])
        {
            var message = new byte[size];
            Random.Shared.NextBytes(message);
            var sending = socket.SendAsync(message, WebSocketMessageType.Binary, true, Stop);
            Assert.Equal(message, await ReceiveAsync(socket));
            await sending;
        }

        await socket.SendAsync(Encoding.UTF8.GetBytes("grüße"), WebSocketMessageType.Text, true, Stop);
        Assert.Equal("grüße", Encoding.UTF8.GetString(await ReceiveAsync(socket)));
        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "done", Stop);
        Assert.Equal(WebSocketCloseStatus.NormalClosure, socket.CloseStatus);
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task A_refused_socket_shows_the_gateways_answer()
    {
        await using var gateway = await TlsGateway.StartAsync($"http://127.0.0.1:{Ports.Free()}");
        using var socket = new ClientWebSocket();
        socket.Options.CollectHttpResponseDetails = true;
        var url = new UriBuilder(gateway.Plain) { Scheme = "ws", Path = "/socket" }.Uri;
        await Assert.ThrowsAsync<WebSocketException>(() => socket.ConnectAsync(url, Stop));
        Assert.Equal(HttpStatusCode.BadGateway, socket.HttpStatusCode);
        await gateway.Process.EventAsync(socket.HttpResponseHeaders!["ProxyGate-Failure"].Single(), Stop);
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket socket)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), Stop);
            message.Write(buffer, 0, got.Count);
            if (got.EndOfMessage) return message.ToArray();
        }
    }
}
