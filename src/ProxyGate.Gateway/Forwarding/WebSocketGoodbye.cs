using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// Ends a WebSocket in order when the gateway stops: a Close frame with status 1001, "going away" (RFC 6455 section 7.4.1), between two of the
/// app's frames. What the app says after that is dropped; the client's answer goes to the app, which closes in its turn.
/// </summary>
internal sealed class WebSocketGoodbye : IDisposable
{
    private static readonly byte[] GoingAway = [0x88, 0x02, 0x03, 0xE9];

    private readonly Stream _client;
    private readonly WebSocketCloseScan _scan = new();
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly CancellationTokenRegistration _signal;
    private volatile bool _wanted;
    private bool _said;

    public WebSocketGoodbye(Stream client, CancellationToken goingAway)
    {
        _client = client;
        _signal = goingAway.UnsafeRegister(static s => ((WebSocketGoodbye)s!).Begin(), this);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_said) return;
            if (!_wanted)
            {
                await _client.WriteAsync(buffer, cancellationToken);
                _scan.Feed(buffer.Span);
                return;
            }

            // Only a frame under way is finished; nothing new begins.
            if (!_scan.IsBetweenFrames) await _client.WriteAsync(buffer[.._scan.FeedToEndOfFrame(buffer.Span)], cancellationToken);
            await SayAsync(cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _signal.Dispose();

    private void Begin()
    {
        _wanted = true;
        _ = Task.Run(WhenSilentAsync);
    }

    /// <summary>The app may say nothing for hours.</summary>
    private async Task WhenSilentAsync()
    {
        await _turn.WaitAsync();
        try
        {
            await SayAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The client was quicker to leave, which its own side of the tunnel notes.
            _said = true;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task SayAsync(CancellationToken cancellationToken)
    {
        if (_said || !_scan.IsBetweenFrames) return;
        _said = true;
        if (_scan.CloseSeen) return; // the app has said it already
        await _client.WriteAsync(GoingAway, cancellationToken);
        await _client.FlushAsync(cancellationToken);
    }
}
