using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The client's body as the upstream will get it. Notes what goes wrong on the client's side where it happens, so that it is never
/// taken for the upstream's doing, and gives up on a client that sends nothing for the idle limit.
/// </summary>
internal sealed class ClientBody(PipeReader reader, RequestRecord record, TimeSpan idleLimit, ReplayBuffer? kept) : AsyncOnlyStream
{
    private readonly Lock _lock = new();
    private CancellationTokenSource? _limit;
    private bool _pending;
    private int _replayed;
    private volatile bool _unwanted;

    /// <summary>Bytes the client sent, each counted once.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Whether another attempt can send the body from its beginning: nothing of it was read yet, or all of that is kept.</summary>
    public bool CanBeSentAgain => BytesRead == 0 || kept is { IsWhole: true };

    /// <summary>Whether it is the client that is being waited for.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (_lock) return _pending;
        }
    }

    /// <summary>Whether its reading was ended by <see cref="Stop"/>, and by nobody's fault.</summary>
    public bool WasStopped { get; private set; }

    /// <summary>Nobody wants the rest: ends its reading.</summary>
    public void Stop()
    {
        _unwanted = true;
        EndPendingRead();
    }

    /// <summary>Begins again for another attempt: what is kept comes first, the rest from the client as before.</summary>
    public void Rewind()
    {
        _limit?.Dispose();
        _limit = null;
        _replayed = 0;
    }

    /// <summary>
    /// Ends a pending read by telling the reader, not by a token: after a read ended by its token the server can no longer drain the body,
    /// says so in its log and gives the connection up.
    /// </summary>
    [MemberNotNull(nameof(_limit))]
    private void Watch(CancellationToken cancellationToken)
    {
        if (_limit is not null) return;
        _limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _limit.Token.UnsafeRegister(static s => ((ClientBody)s!).EndPendingRead(), this);
    }

    private void EndPendingRead()
    {
        lock (_lock)
        {
            // The limit may pass, or the token be signalled, just when the request is over and its reader gone.
            if (!_pending) return;
            try
            {
                reader.CancelPendingRead();
            }
            catch (Exception e) when (e is ObjectDisposedException or InvalidOperationException)
            {
                // The server ended the request first, and the pending read with it. Here, on the timer's thread, it would end the process.
            }
        }
    }

    private void SetPending(bool pending)
    {
        lock (_lock) _pending = pending;
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> pending)
    {
        SetPending(true);
        try
        {
            _limit!.CancelAfter(idleLimit);
            // Signalled before the read was known to be pending: nobody would end it.
            if (_limit.IsCancellationRequested || _unwanted) EndPendingRead();
            return await pending;
        }
        finally
        {
            SetPending(false);
            _limit!.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private Exception Stopped(CancellationToken cancellationToken) =>
        _unwanted ? Unwanted()
        : cancellationToken.IsCancellationRequested || record.Context.RequestAborted.IsCancellationRequested ? new OperationCanceledException(cancellationToken)
        : new TimeoutException();

    private OperationCanceledException Unwanted()
    {
        WasStopped = true;
        return new OperationCanceledException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_unwanted) throw Unwanted();
        if (kept is not null && _replayed < kept.Count)
        {
            var again = kept.Read(buffer, _replayed);
            _replayed += again;
            return again;
        }

        // The token is the same for every read of an attempt, so one source serves them all.
        Watch(cancellationToken);
        try
        {
            var pending = reader.ReadAsync(CancellationToken.None);
            var result = pending.IsCompletedSuccessfully ? pending.Result : await WaitAsync(pending);
            if (result.IsCanceled)
            {
                reader.AdvanceTo(result.Buffer.Start);
                throw Stopped(cancellationToken);
            }

            var take = (int)Math.Min(buffer.Length, result.Buffer.Length);
            var part = result.Buffer.Slice(0, take);
            part.CopyTo(buffer.Span);
            if (kept is not null) _replayed += kept.Keep(buffer.Span[..take]);
            reader.AdvanceTo(part.End);
            BytesRead += take;
            return take;
        }
        catch (TimeoutException e)
        {
            record.Blame(ClientFault.BodyTimedOut, StatusCodes.Status408RequestTimeout);
            throw new IOException("The client sent nothing of its body for the idle limit.", e);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            record.Blame(ClientFault.RequestTooLarge, e.StatusCode);
            throw;
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status408RequestTimeout)
        {
            record.Blame(ClientFault.BodyTimedOut, e.StatusCode);
            throw;
        }
        catch (BadHttpRequestException e)
        {
            // "Unexpected end of request content" is how a client that went away in the middle of its upload is seen.
            record.Blame(record.Context.RequestAborted.IsCancellationRequested ? ClientFault.Disconnected : ClientFault.BodyFailed, e.StatusCode);
            throw;
        }
        catch (Exception e) when (e is ConnectionResetException or ConnectionAbortedException or SocketException)
        {
            record.Blame(ClientFault.Disconnected);
            // Said to the server too: it would try to drain the body, find this read unfinished and complain of us.
            record.Context.Abort();
            throw;
        }
        catch (OperationCanceledException) when (record.Context.RequestAborted.IsCancellationRequested)
        {
            record.Blame(ClientFault.Disconnected);
            throw;
        }
        catch (IOException)
        {
            // HTTP/2: the client reset its stream or the connection broke.
            record.Blame(record.Context.RequestAborted.IsCancellationRequested ? ClientFault.Disconnected : ClientFault.BodyFailed);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _limit?.Dispose();
            kept?.Dispose();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;
}
