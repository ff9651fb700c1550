using Grpc.Core;
using Grpc.Net.Client;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

public sealed class GrpcTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_kind_of_call_goes_through(bool tls)
    {
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http2, GatewayInFront.Http2);
        using var channel = Channel(gateway, tls);
        var echo = new Echo.EchoClient(channel);

        Assert.Equal("hello", (await echo.SayAsync(new Words { Text = "hello" }, cancellationToken: Stop)).Text);

        using var repeat = echo.Repeat(new Words { Text = "again", Times = 500 }, cancellationToken: Stop);
        var times = 0;
        await foreach (var words in repeat.ResponseStream.ReadAllAsync(Stop)) Assert.Equal(times++, words.Times);
        Assert.Equal(500, times);

        using var gather = echo.Gather(cancellationToken: Stop);
        for (var i = 0; i < 200; i++) await gather.RequestStream.WriteAsync(new Words { Text = "x" }, Stop);
        await gather.RequestStream.CompleteAsync();
        Assert.Equal(200, (await gather.ResponseAsync).Times);

        // Both ways at once: each answer must come before the next word is sent.
        using var talk = echo.Talk(cancellationToken: Stop);
        await talk.ResponseHeadersAsync.WaitAsync(TimeSpan.FromSeconds(10), Stop);
        for (var i = 0; i < 50; i++)
        {
            await talk.RequestStream.WriteAsync(new Words { Times = i }, Stop);
            Assert.True(await talk.ResponseStream.MoveNext(Stop));
            Assert.Equal(i, talk.ResponseStream.Current.Times);
        }

        await talk.RequestStream.CompleteAsync();
        Assert.False(await talk.ResponseStream.MoveNext(Stop));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task The_apps_own_error_and_the_clients_deadline_are_nobodys_failure_but_theirs()
    {
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http2, GatewayInFront.Http2);
        using var channel = Channel(gateway, tls: true);
        var echo = new Echo.EchoClient(channel);
        var wrong = await Assert.ThrowsAsync<RpcException>(async () => await echo.SayAsync(new Words { Text = "wrong" }, cancellationToken: Stop));
        Assert.Equal(StatusCode.InvalidArgument, wrong.StatusCode);
        Assert.Equal("wrong words", wrong.Status.Detail);
        Assert.Empty(await gateway.Process.LinesAsync(Stop));

        var late = await Assert.ThrowsAsync<RpcException>(
            async () => await echo.SayAsync(new Words { Text = "never" }, deadline: DateTime.UtcNow.AddMilliseconds(500), cancellationToken: Stop));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);
        // Whoever was first to give up; the app's process is never blamed for the client's deadline.
        foreach (var line in await gateway.Process.LinesAsync(Stop)) Assert.DoesNotContain("\"party\":\"upstream_process\"", line, StringComparison.Ordinal);
        Assert.Equal("hello", (await echo.SayAsync(new Words { Text = "hello" }, cancellationToken: Stop)).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_dead_app_is_unavailable(bool tls)
    {
        await using var gateway = await TlsGateway.StartAsync($"http://127.0.0.1:{Ports.Free()}", GatewayInFront.Http2);
        using var channel = Channel(gateway, tls);
        var echo = new Echo.EchoClient(channel);
        var dead = await Assert.ThrowsAsync<RpcException>(async () => await echo.SayAsync(new Words { Text = "hello" }, cancellationToken: Stop));
        Assert.Equal(StatusCode.Unavailable, dead.StatusCode);
        var failure = await gateway.Process.WaitForEventAsync(e => (string?)e["cause"] == "connect_refused", "a refused connection", Stop);
        Assert.Contains((string)failure["id"]!, $"{dead.Status.Detail} {string.Join(' ', dead.Trailers.Select(t => t.Value))}", StringComparison.Ordinal);
    }

    private static GrpcChannel Channel(TlsGateway gateway, bool tls) =>
        GrpcChannel.ForAddress(tls ? gateway.Secure : gateway.Plain, new GrpcChannelOptions { HttpHandler = gateway.Handler(), DisposeHttpClient = true });
}
