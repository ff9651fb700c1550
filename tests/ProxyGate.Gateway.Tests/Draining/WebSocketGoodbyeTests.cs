using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Gateway.Tests.Draining;

public sealed class WebSocketGoodbyeTests : IDisposable
{
    private static readonly byte[] GoingAway = [0x88, 0x02, 0x03, 0xE9];

    private readonly MemoryStream _client = new();
    private readonly CancellationTokenSource _stop = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _client.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task A_silent_socket_is_closed_at_once()
    {
        using var goodbye = new WebSocketGoodbye(_client, _stop.Token);
        await goodbye.WriteAsync(Frame(10), Stop);
        await _stop.CancelAsync();
        await UntilAsync(14 + 2);
        Assert.Equal([.. Frame(10), .. GoingAway], _client.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(300)]
    public async Task A_frame_under_way_is_finished_first_and_nothing_follows_the_close(int cut)
    {
        using var goodbye = new WebSocketGoodbye(_client, _stop.Token);
        var frame = Frame(400);
        await goodbye.WriteAsync(frame.AsMemory(0, cut), Stop);
        await _stop.CancelAsync();
        await goodbye.WriteAsync((byte[])[.. frame[cut..], .. Frame(20)], Stop);
        await goodbye.WriteAsync(Frame(30), Stop);
        await UntilAsync(frame.Length + GoingAway.Length);
        Assert.Equal([.. frame, .. GoingAway], _client.ToArray());
    }

    [Fact]
    public async Task An_app_that_has_closed_already_is_not_interrupted()
    {
        using var goodbye = new WebSocketGoodbye(_client, _stop.Token);
        byte[] close = [0x88, 0x02, 0x03, 0xE8];
        await goodbye.WriteAsync(close, Stop);
        await _stop.CancelAsync();
        await goodbye.WriteAsync(Frame(3), Stop);
        Assert.Equal([.. close, .. Frame(3)], _client.ToArray());
    }

    /// <summary>A binary frame of the app's, unmasked.</summary>
    private static byte[] Frame(int length) => length < 126
        ? [0x82, (byte)length, .. new byte[length]]
        : [0x82, 126, (byte)(length >> 8), (byte)length, .. new byte[length]];

    private async Task UntilAsync(int length)
    {
        for (var i = 0; i < 500 && _client.Length < length; i++) await Task.Delay(10, Stop);
        Assert.Equal(length, _client.Length);
    }
}
