using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>The body (or, after an extended CONNECT, the tunnel) of one HTTP/2 stream, under the idle limit and with its failure noted.</summary>
internal sealed class Http2BodyStream(Stream inner, Http2Connection connection, Attempt attempt, bool tunnel) : AsyncOnlyStream
{
    private bool _done;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            attempt.AwaitsBody();
            var reading = inner.ReadAsync(buffer, cancellationToken);
            var read = reading.IsCompletedSuccessfully ? reading.Result : await AwaitReadAsync(reading.AsTask());
            attempt.GotBody();
            if (read == 0 && buffer.Length > 0) End();
            attempt.BodyBytesReceived += read;
            return read;
        }
        catch (TimeoutException)
        {
            attempt.FailTimeout(TimeoutPhase.Idle, attempt.Timeouts.Idle);
            if (tunnel) attempt.Request.TunnelEnd = TunnelEnd.Idle;
            _done = true;
            await inner.DisposeAsync();
            connection.Release();
            throw new UpstreamBodyException(attempt);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            Fail(e);
            throw new UpstreamBodyException(attempt);
        }
    }

    private async Task<int> AwaitReadAsync(Task<int> reading)
    {
        try
        {
            // An answer that is all head ("Trailers-Only" in gRPC) ends without being waited for, and so stays one.
            if (attempt.BodyBytesReceived == 0 && !tunnel) await LiveAnswer.SendHeadAsync(attempt.Request.Context);
            return await reading.WaitAsync(attempt.Timeouts.Idle, attempt.Request.Clock, CancellationToken.None);
        }
        catch
        {
            // The read fills a buffer that the caller lends to others next: it must be over, and its end seen by someone.
            await inner.DisposeAsync();
            await reading.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
            await inner.FlushAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            Fail(e);
            throw new UpstreamBodyException(attempt);
        }
    }

    private void Fail(Exception error)
    {
        connection.NoteFailure(attempt, error);
        if (tunnel && attempt.Request.TunnelEnd == TunnelEnd.None) attempt.Request.TunnelEnd = TunnelEnd.UpstreamBroke;
        if (_done) return;
        _done = true;
        connection.Release();
    }

    private void End()
    {
        if (_done) return;
        _done = true;
        attempt.Answered();
        connection.Release();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            if (!_done)
            {
                _done = true;
                if (tunnel) attempt.Answered();
                else attempt.FailCancelled();
                connection.Release();
            }

            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => tunnel;

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
}
