using System.Net;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>The client's body on its way into an HTTP/2 stream: counts it, and knows whether the upstream or the client is being waited for.</summary>
internal sealed class SendingContent : HttpContent
{
    private readonly HttpContent _inner;
    private readonly Attempt _attempt;
    private readonly Action _sendStalled;

    public SendingContent(HttpContent inner, Attempt attempt, Action sendStalled)
    {
        _inner = inner;
        _attempt = attempt;
        _sendStalled = sendStalled;
        foreach (var (name, values) in inner.Headers.NonValidated)
        {
            foreach (var value in values) Headers.TryAddWithoutValidation(name, value);
        }
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var watched = new WatchedStream(stream, this);
        await _inner.CopyToAsync(watched, context, cancellationToken);
        if (!watched.Failed) _attempt.SendCompleted();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    private sealed class WatchedStream(Stream inner, SendingContent owner) : AsyncOnlyStream
    {
        public bool Failed { get; private set; }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var writing = inner.WriteAsync(buffer, cancellationToken);
                // Blocked by the peer's flow-control window: the upstream does not read.
                if (!writing.IsCompletedSuccessfully) await AwaitWriteAsync(writing.AsTask(), cancellationToken);
                owner._attempt.BodyBytesSent += buffer.Length;
            }
            catch (TimeoutException e)
            {
                Failed = true;
                throw new IOException("The upstream does not take the body.", e);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed = true;
                throw;
            }
        }

        private async Task AwaitWriteAsync(Task writing, CancellationToken cancellationToken)
        {
            try
            {
                await writing.WaitAsync(owner._attempt.Timeouts.Send, owner._attempt.Request.Clock, cancellationToken);
            }
            catch (Exception e)
            {
                if (e is TimeoutException)
                {
                    owner._attempt.FailTimeout(Diagnostics.Attempts.TimeoutPhase.Send, owner._attempt.Timeouts.Send);
                    owner._sendStalled();
                }

                // The write reads a buffer that the caller lends to others next: it must be over, and its end seen by someone.
                await writing.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                throw;
            }
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override bool CanWrite => true;
    }
}
