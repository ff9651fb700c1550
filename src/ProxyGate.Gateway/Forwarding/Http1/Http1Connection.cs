using System.Buffers;
using System.Net;
using System.Runtime.CompilerServices;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// One HTTP/1.1 connection to an upstream, carrying one request at a time. It never sends a request twice; every byte in and out passes
/// here, so what is recorded is what happened.
/// </summary>
internal sealed class Http1Connection : IDisposable
{
    private const int InitialBuffer = 8 * 1024;
    private const int MaxInterimAnswers = 100;
    private static readonly TimeSpan ContinueWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SalvageWait = TimeSpan.FromSeconds(1);

    /// <summary>A close may have arrived that the pending read has not told yet; in a busy moment that is not worth a system call.</summary>
    private static readonly TimeSpan LookAtKernelAfter = TimeSpan.FromMilliseconds(20);

    private readonly UpstreamTransport _transport;
    private readonly UpstreamTarget _target;
    private readonly Http1Pool _pool;
    private readonly TimeProvider _clock;
    private readonly Deadline _deadline;
    private readonly ArrayBufferWriter<byte> _headBuffer = new(1024);
    private readonly ResponseHead _head = new();
    private readonly byte[] _answerStart = new byte[SocketStream.FirstBytesKept];
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(InitialBuffer);
    private int _start;
    private int _end;
    private int _answerStartCount;
    private int _requests;
    private long _idleSince;
    private TimeSpan? _peerKeepAlive;
    private Attempt? _attempt;
    private TimeoutSettings _timeouts = new();
    private int _headLimit;
    private EndsWatch _watch;
    private RequestEnds _ends;
    private RequestBodyStream? _requestBody;
    private TaskCompletionSource? _continue;
    private int _interim;
    private int _interimBytes;
    private bool _ended;
    private bool _reusable;
    private ValueTask<int> _readAhead;
    private bool _hasReadAhead;
    private int _disposed;

    public Http1Connection(UpstreamTransport transport, UpstreamTarget target, Http1Pool pool, TimeProvider clock)
    {
        _transport = transport;
        _target = target;
        _pool = pool;
        _clock = clock;
        _idleSince = clock.GetTimestamp();
        _deadline = new Deadline(clock, Expired);
    }

    public UpstreamTransport Transport => _transport;

    public Attempt Attempt => _attempt!;

    public bool IsDisposed => Volatile.Read(ref _disposed) != 0;

    /// <summary>How long it has been idle.</summary>
    public TimeSpan IdleFor => _clock.GetElapsedTime(_idleSince);

    /// <summary>While idle: whether the peer closed it, or sent what nobody asked for.</summary>
    /// <param name="idleFor">How long it has been.</param>
    public bool HasEnded(TimeSpan idleFor) => !IsDisposed && (!_hasReadAhead || _readAhead.IsCompleted || (idleFor > LookAtKernelAfter && !TcpInfo.IsEstablished(_transport.Raw.Socket)));

    /// <summary>Whether it is young enough, by our limit and the peer's own.</summary>
    public bool IsYoungerThan(TimeSpan limit, TimeSpan idleFor) => !IsDisposed && idleFor < (_peerKeepAlive is { } peer && peer < limit ? peer : limit);

    /// <summary>Sends a request of YARP's and gives it the answer as YARP wants it.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, Attempt attempt, CancellationToken cancellationToken)
    {
        var request = new MessageRequest(message);
        if (await ExchangeAsync(request, attempt, new RequestEnds(cancellationToken)) is not { } head)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamException(attempt);
        }

        if (head.Status == 101) return head.ToMessage(message, new TunnelStream(this, UpgradeCheck.IsWebSocket(head)));
        if (!HasBody(request, head))
        {
            var whole = head.ToMessage(message, Stream.Null);
            Completed();
            return whole;
        }

        var body = new ResponseBodyStream(this, head);
        var answer = head.ToMessage(message, body);
        if (head.Chunked) body.OnTrailer = (name, value) => answer.TrailingHeaders.TryAddWithoutValidation(name, value);
        return answer;
    }

    /// <summary>Whether a body follows this head (RFC 9112 section 6.3). That of a 205 may not be passed on (RFC 9110 section 15.3.6), so it is not read either.</summary>
    public static bool HasBody(OutgoingRequest request, ResponseHead head) =>
        !request.IsHead && head.Status is not (204 or 205 or 304) && (head.Chunked || head.ContentLength != 0);

    /// <summary>
    /// Sends a request and reads the head of its answer. Absent when the attempt failed: how, it knows. A failure makes no exception of its own
    /// here, for in an outage every request is one.
    /// </summary>
    public async ValueTask<ResponseHead?> ExchangeAsync(OutgoingRequest request, Attempt attempt, RequestEnds ends)
    {
        _attempt = attempt;
        _timeouts = attempt.Timeouts;
        _headLimit = attempt.HeadLimit;
        _reusable = false;
        _answerStartCount = 0;
        _requestBody = null;
        _continue = null;
        (_interim, _interimBytes, _ended) = (0, 0, false);
        var now = _clock.GetTimestamp();
        attempt.Uses(_transport, ++_requests, _requests > 1 ? _clock.GetElapsedTime(_idleSince, now) : null, now);
        _ends = ends;
        _watch.Begin(ends, static s => ((Http1Connection)s!).Cancelled(), this);
        try
        {
            _headBuffer.ResetWrittenCount();
            request.WriteHead(_headBuffer, _target);
            ResponseHead? head;
            if (!request.HasBody)
            {
                await WriteAsync(_headBuffer.WrittenMemory);
                _deadline.AwaitRead(TimeoutPhase.FirstByte, _timeouts.FirstByte, attempt.SendCompleted());
                // The usual case, without a state machine of its own: the read begun while idle brings the whole head.
                if (!_hasReadAhead || Filled(TookReadAhead(await _readAhead)) == 0 || !TryTakeHead(out head)) head = await ReadFinalHeadAsync();
            }
            else
            {
                head = await SendBodyAndReadHeadAsync(request);
            }

            _deadline.ReadDone();
            if (head is not null && await IsRightAsync(request, head))
            {
                Note(head);
                return head;
            }

            attempt.Begins(_answerStart.AsSpan(0, _answerStartCount));
        }
        catch (Exception e)
        {
            _hasReadAhead = false;
            if (e is System.Net.Sockets.SocketException error) _transport.Raw.Note(error);
            Broken(e);
        }

        Dispose();
        if (attempt is { RequestNumber: > 1, BytesReceived: 0, End: AttemptEnd.PeerClosed or AttemptEnd.PeerReset or AttemptEnd.TimedOut }) _pool.Failed(attempt);
        return null;
    }

    private async ValueTask<ResponseHead?> SendBodyAndReadHeadAsync(OutgoingRequest request)
    {
        var body = new RequestBodyStream(this, _attempt!, _headBuffer.WrittenMemory, request.Length);
        _requestBody = body;
        if (request.ExpectsContinue) return await SendAfterContinueAsync(request, body);
        var sending = request.Sending = SendBodyAsync(request, body);
        if (!sending.IsCompletedSuccessfully || body.Failed) return await FinishSendingAsync(sending, body, ReadFinalHeadAsync().AsTask());
        // The usual case: the body was here as a whole, and the kernel took it.
        _deadline.AwaitRead(TimeoutPhase.FirstByte, _timeouts.FirstByte);
        return await ReadFinalHeadAsync();
    }

    /// <summary>RFC 9110 section 10.1.1: a server may ignore the expectation, so the wait is short.</summary>
    private async ValueTask<ResponseHead?> SendAfterContinueAsync(OutgoingRequest request, RequestBodyStream body)
    {
        var reading = ReadFinalHeadAsync().AsTask();
        _continue = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await body.FlushAsync(CancellationToken.None);
        await Task.WhenAny(_continue.Task, reading, Task.Delay(ContinueWait, _clock, _ends.First));
        return reading.IsCompleted ? await reading : await FinishSendingAsync(request.Sending = SendBodyAsync(request, body), body, reading);
    }

    /// <summary>The body is on its way, and the answer may come before it is through.</summary>
    private async ValueTask<ResponseHead?> FinishSendingAsync(Task sending, RequestBodyStream body, Task<ResponseHead?> reading)
    {
        if (await Task.WhenAny(sending, reading) == reading)
        {
            // An answer (or the end) while the request is still on its way; what becomes of the rest is seen at the end of the answer.
            _ = sending.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            return await reading;
        }

        if (sending.IsFaulted || sending.IsCanceled)
        {
            // The client's body failed, or the request was given up: the upstream has no part in it.
            _attempt!.Fail(AttemptEnd.ClientGone);
            _ = reading.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            await sending;
        }

        // When the upstream broke off the upload, the answer that says why may already lie in our socket.
        if (body.Failed) _deadline.AwaitRead(TimeoutPhase.FirstByte, SalvageWait);
        else _deadline.AwaitRead(TimeoutPhase.FirstByte, _timeouts.FirstByte);
        return await reading;
    }

    private async Task SendBodyAsync(OutgoingRequest request, RequestBodyStream body)
    {
        await request.SendBodyAsync(body, _ends);
        if (body.Failed) return;
        await body.FinishAsync(body.Attempt.Request.Context);
        if (!body.Failed) body.Attempt.SendCompleted();
    }

    /// <summary>Reads past interim answers to the final head (RFC 9110 section 15.2), or to a 101. Absent when the attempt failed.</summary>
    private async ValueTask<ResponseHead?> ReadFinalHeadAsync()
    {
        while (!_ended)
        {
            if (TryTakeHead(out var head)) return head;
            if (await FillAsync() == 0) break;
        }

        _attempt!.Fail(AttemptEnd.PeerClosed);
        return null;
    }

    /// <summary>Takes the final head out of the buffer. False while it is not all there; true without one when the attempt has failed.</summary>
    private bool TryTakeHead(out ResponseHead? head)
    {
        head = null;
        while (_end > _start)
        {
            if (!TryFindHead(_interimBytes, out var length)) return true;
            if (length == 0) return false;
            _head.Read(_buffer.AsSpan(_start, length));
            _start += length;
            if (_head.Defect != HeadDefect.None)
            {
                Refuse(_head.Defect, _head.Detail);
                return true;
            }

            if (_head.Status >= 200 || _head.Status == 101)
            {
                head = _head;
                return true;
            }

            if (_head.Status == 100) _continue?.TrySetResult();
            _interimBytes += length;
            if (++_interim <= MaxInterimAnswers && _interimBytes <= _headLimit) continue;
            Refuse(HeadDefect.TooManyInterim, $"{_interim} interim answers, {_interimBytes} bytes");
            return true;
        }

        return false;
    }

    /// <summary>Where the buffered head ends; 0 when it is not all there. False when these bytes are no head, or too many: the attempt has failed.</summary>
    private bool TryFindHead(int before, out int length)
    {
        var available = Buffered;
        length = 0;
        if (!ResponseHead.MayBeHttp(available))
        {
            Refuse(HeadDefect.NotHttp, null);
            return false;
        }

        var end = ResponseHead.FindEnd(available);
        if (end >= 0 && end + before <= _headLimit)
        {
            length = end;
            return true;
        }

        if (end < 0 && available.Length + before < _headLimit) return true;
        Refuse(HeadDefect.TooLarge, $"more than {_headLimit} bytes");
        return false;
    }

    private ResponseHead? Refuse(HeadDefect defect, string? detail)
    {
        _attempt!.FailHead(defect, detail);
        return null;
    }

    /// <summary>Reads more bytes behind those buffered; 0 at the peer's close.</summary>
    public ValueTask<int> FillAsync()
    {
        if (_hasReadAhead) return TakeReadAheadAsync();
        MakeRoom();
        var reading = _transport.Stream.ReadAsync(_buffer.AsMemory(_end), CancellationToken.None);
        return reading.IsCompletedSuccessfully ? new ValueTask<int>(Filled(reading.Result)) : AwaitFillAsync(reading);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> AwaitFillAsync(ValueTask<int> reading) => Filled(await reading);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> TakeReadAheadAsync() => Filled(TookReadAhead(await _readAhead));

    private int TookReadAhead(int read)
    {
        _hasReadAhead = false;
        if (_transport.Tls is null) _transport.Raw.NoteRead(_buffer.AsSpan(_end), read);
        return read;
    }

    private int Filled(int read)
    {
        if (read > 0) Received(_buffer.AsSpan(_end, read));
        else _ended = true;
        _end += read;
        return read;
    }

    /// <summary>
    /// Begins the read of the next answer while idle. If it ends before the next request is sent, the peer closed or sent what nobody
    /// asked for, and the connection is not used again; this costs no system call more than reading later would.
    /// </summary>
    private void ReadAhead()
    {
        MakeRoom();
#pragma warning disable CA2012 // Awaited exactly once: by the next request's first read, or by Observe.
        var room = _buffer.AsMemory(_end);
        _readAhead = _transport.Tls is { } tls ? tls.ReadAsync(room, CancellationToken.None) : _transport.Raw.BeginRead(room);
#pragma warning restore CA2012
        _hasReadAhead = true;
    }

    private void MakeRoom()
    {
        if (_start == _end) _start = _end = 0;
        if (_end == _buffer.Length)
        {
            if (_start > 0)
            {
                Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
                (_start, _end) = (0, _end - _start);
            }
            else
            {
                var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
                Buffer.BlockCopy(_buffer, 0, larger, 0, _end);
                ArrayPool<byte>.Shared.Return(_buffer);
                _buffer = larger;
            }
        }

    }

    private void Received(ReadOnlySpan<byte> bytes)
    {
        var attempt = _attempt!;
        if (attempt.BytesReceived == 0) attempt.FirstByteReceived();
        attempt.BytesReceived += bytes.Length;
        if (_answerStartCount == _answerStart.Length) return;
        var take = Math.Min(bytes.Length, _answerStart.Length - _answerStartCount);
        bytes[..take].CopyTo(_answerStart.AsSpan(_answerStartCount));
        _answerStartCount += take;
    }

    /// <summary>What is buffered and not yet taken.</summary>
    public ReadOnlySpan<byte> Buffered => _buffer.AsSpan(_start, _end - _start);

    public void Take(int count) => _start += count;

    /// <summary>Writes out a body that came whole with its head, as small answers do, and ends the exchange. False when there is more to come.</summary>
    public bool TryTakeWholeBody(ResponseHead head, IBufferWriter<byte> output)
    {
        if (head.Chunked || head.ContentLength is not { } length || length > _end - _start) return false;
        var attempt = _attempt!;
        attempt.AwaitsBody();
        attempt.GotBody();
        output.Write(_buffer.AsSpan(_start, (int)length));
        _start += (int)length;
        attempt.BodyBytesReceived = length;
        Completed();
        return true;
    }

    /// <summary>Reads body bytes, from the buffer first; under the idle limit. 0 at the peer's close.</summary>
    public ValueTask<int> ReadBodyAsync(Memory<byte> destination)
    {
        if (_end > _start)
        {
            var take = Math.Min(destination.Length, _end - _start);
            _buffer.AsSpan(_start, take).CopyTo(destination.Span);
            _start += take;
            return new ValueTask<int>(take);
        }

        return ReadBodyFromSocketAsync(destination);
    }

    private async ValueTask<int> ReadBodyFromSocketAsync(Memory<byte> destination)
    {
        _deadline.AwaitRead(TimeoutPhase.Idle, _timeouts.Idle);
        var read = await _transport.Stream.ReadAsync(destination, CancellationToken.None);
        _deadline.ReadDone();
        if (read > 0) Received(destination.Span[..read]);
        return read;
    }

    /// <summary>Whether a body can go on without being seen here: what came with the head is taken, and nothing is encrypted.</summary>
    public bool CanFill => _start == _end && _transport.Tls is null && _transport.Raw.CanFill;

    /// <summary>Takes body bytes into the pipe, under the idle limit. 0 at the peer's close.</summary>
    public async ValueTask<int> FillAsync(KernelPipe pipe, int most)
    {
        _deadline.AwaitRead(TimeoutPhase.Idle, _timeouts.Idle);
        var read = await _transport.Raw.FillAsync(pipe, most);
        _deadline.ReadDone();
        // Its head came before: the answer's first bytes are kept already.
        _attempt!.BytesReceived += read;
        return read;
    }

    /// <summary>Reads from a tunnel, whose idle limit counts both directions and is kept by <see cref="TunnelActive"/>.</summary>
    public async ValueTask<int> ReadTunnelAsync(Memory<byte> destination, CancellationToken cancellationToken)
    {
        if (_end > _start) return destination.IsEmpty ? 0 : await ReadBodyAsync(destination);
        var read = await _transport.Stream.ReadAsync(destination, cancellationToken);
        if (read > 0) Received(destination.Span[..read]);
        return read;
    }

    /// <summary>More bytes into the buffer, under the idle limit; for framing that must be parsed.</summary>
    public async ValueTask<int> FillBodyAsync()
    {
        _deadline.AwaitRead(TimeoutPhase.Idle, _timeouts.Idle);
        var read = await FillAsync();
        _deadline.ReadDone();
        return read;
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        var writing = _transport.Stream.WriteAsync(bytes, CancellationToken.None);
        if (!writing.IsCompletedSuccessfully) return AwaitWriteAsync(writing, bytes.Length);
        writing.GetAwaiter().GetResult();
        _attempt!.BytesSent += bytes.Length;
        return ValueTask.CompletedTask;
    }

    /// <summary>The kernel did not take all of it at once: from now on it has a limit.</summary>
    private async ValueTask AwaitWriteAsync(ValueTask writing, int count)
    {
        _deadline.AwaitWrite(_timeouts.Send);
        await writing;
        _deadline.WriteDone();
        _attempt!.BytesSent += count;
    }

    /// <summary>Restarts the idle limit of a tunnel; bytes in either direction count.</summary>
    public void TunnelActive() => _deadline.AwaitRead(TimeoutPhase.Idle, _timeouts.Idle);

    /// <summary>Whether the head can be the answer to this request; when it cannot, the attempt has failed.</summary>
    private ValueTask<bool> IsRightAsync(OutgoingRequest request, ResponseHead head)
    {
        if (head.Status == 400 && !request.IsHead && head.ContentLength != 0) return IsNoComplaintAsync(head);
        if (head.Status != 101 || UpgradeCheck.Of(request, head) is not (not HeadDefect.None and var defect, var detail)) return new ValueTask<bool>(true);
        Refuse(defect, detail);
        return new ValueTask<bool>(false);
    }

    private void Note(ResponseHead head)
    {
        var attempt = _attempt!;
        attempt.HeadReceived = true;
        attempt.UpstreamStatus = head.Status;
        attempt.ContentLength = head.ContentLength;
        attempt.ContentEncoding = head.ContentEncoding;
        attempt.Chunked = head.Chunked;
        if (head.Status == 101) return;
        if (head.KeepAliveSeconds is { } seconds) _peerKeepAlive = IdleMemory.Below(TimeSpan.FromSeconds(seconds));
        _reusable = head.KeepsAlive && !head.AnnouncesNeedlessBody;
        if (head.Status < 500) return;
        attempt.Begins(_answerStart.AsSpan(0, _answerStartCount));
        attempt.Identity = new UpstreamIdentity { Server = head.Value("Server"), Via = head.Value("Via"), ProxyStatus = head.Value("Proxy-Status") };
    }

    /// <summary>
    /// A TLS or HTTP/2 server spoken to in the wrong protocol answers with a 400 page of its own: it is about our configuration, not
    /// about the client's request, so it must not pass as the app's answer.
    /// </summary>
    private async ValueTask<bool> IsNoComplaintAsync(ResponseHead head)
    {
        // None of these pages comes in chunks, and where chunks end is not known here: a server that has sent its last one need not close.
        if (head.Chunked || head.ContentLength is > Complaint.LongestPage || (head.ContentLength is null && !head.ConnectionClose && !head.IsHttp10)) return true;
        _deadline.AwaitRead(TimeoutPhase.FirstByte, _timeouts.FirstByte);
        var wanted = (int)(head.ContentLength ?? Complaint.LongestPage);
        while (_end - _start < wanted && await FillAsync() > 0)
        {
            // Read on until the page is here or the peer has closed; both are bounded by the first-byte limit.
        }

        _deadline.ReadDone();
        var defect = Complaint.Recognise(Buffered, _transport.Tls is not null, _transport.TlsFacts?.ClientCertificateSent == true);
        if (defect == HeadDefect.None) return true;
        Refuse(defect, null);
        return false;
    }

    /// <summary>The answer is whole. Gives the connection back when it can serve again.</summary>
    public void Completed()
    {
        var attempt = _attempt!;
        attempt.Answered();
        _deadline.ReadDone();
        _watch.End();
        var clean = _reusable && !_deadline.Fired && attempt.RequestComplete && _end == _start && !_ends.HaveCome;
        if (!clean)
        {
            _requestBody?.Stop();
            Dispose();
            return;
        }

        _attempt = null;
        _idleSince = _clock.GetTimestamp();
        ReadAhead();
        _pool.Return(this);
    }

    /// <summary>The reader of the answer left before its end.</summary>
    public void Abandoned()
    {
        // Without a client that left it is our own side that wants no more of the answer, e.g. a transform that discards the body.
        if (_ends.HaveCome) _attempt?.FailCancelled();
        else _attempt?.Answered();
        Dispose();
    }

    /// <summary>Notes how the stream broke, unless a more telling failure was noted before.</summary>
    public void Broken(Exception error)
    {
        if (_attempt is not { } attempt) return;
        if (_ends.HaveCome) attempt.FailCancelled();
        else if (error is HttpRequestException { HttpRequestError: HttpRequestError.Unknown }) attempt.Fail(AttemptEnd.GatewayFault, message: error.Message);
        else attempt.FailBroken(error);
        if (attempt.Failed) attempt.Begins(_answerStart.AsSpan(0, _answerStartCount));
    }

    /// <summary>Notes the peer's close where more was expected.</summary>
    public UpstreamBodyException FailBody(AttemptEnd end, string? message = null)
    {
        var attempt = _attempt!;
        attempt.Fail(end, message: message);
        attempt.Begins(_answerStart.AsSpan(0, _answerStartCount));
        Dispose();
        return new UpstreamBodyException(attempt);
    }

    private void Cancelled()
    {
        _attempt?.FailCancelled();
        Dispose();
    }

    private void Expired(TimeoutPhase phase, TimeSpan limit)
    {
        if (_attempt is { } attempt)
        {
            // Some of a head but not all of it is another story than silence.
            var seen = phase == TimeoutPhase.FirstByte && attempt.BytesReceived > 0 && !attempt.HeadReceived ? TimeoutPhase.Head : phase;
            attempt.FailTimeout(seen, limit);
        }

        Dispose();
    }

    private static async Task Observe(ValueTask<int> reading)
    {
        try
        {
            await reading;
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // We closed it.
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _deadline.Dispose();
        _watch.Unregister();
        if (_attempt is null) _transport.Raw.Finish();
        _transport.Dispose();
        // A read of an idle connection has no other reader: its end must be seen by someone.
        if (_attempt is null && _hasReadAhead) _ = Observe(_readAhead);
        _pool.Gone();
    }
}
