using System.Net.Http;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The recorder of one attempt: filled in while it runs, cheaply; turned into <see cref="AttemptFacts"/> only when something failed.
/// The first failure noted stands: what follows it (our own abort, a cancelled read) is its echo.
/// </summary>
internal sealed class Attempt(RequestRecord request, int number, TimeProvider clock)
{
    private const int NotEnded = -1;

    private readonly long _started = clock.GetTimestamp();
    private DialResult? _dial;
    private TlsFacts? _tls;
    private bool _refusedEarly;
    private int _end = NotEnded;
    private byte[] _firstBytes = [];
    private TcpFacts? _tcp;
    private string? _localAddress;
    private double? _failedAfterMs;
    private long _sendStarted;
    private long _sendDone;
    private long _firstByte;
    private long _bodySince;
    private long _heldByClient;
    private long _heldByUpstream;
    private bool _awaitsBody;

    public RequestRecord Request => request;

    public int Number => number;

    public string Destination { get; init; } = "";

    public string DestinationUrl { get; init; } = "";

    /// <summary>The limits in force for this attempt.</summary>
    public required TimeoutSettings Timeouts { get; init; }

    /// <summary>The largest response head taken, in bytes.</summary>
    public required int HeadLimit { get; init; }

    /// <summary>Whether it must not use a connection that was idle.</summary>
    public bool OnFreshConnection { get; init; }

    public bool UsesTls { get; set; }

    public bool IsUnixSocket { get; set; }

    public string Protocol { get; set; } = "http/1.1";

    public UpstreamTransport? Transport { get; private set; }

    public int RequestNumber { get; private set; }

    public double? IdleMs { get; private set; }

    /// <summary>Raw bytes written on the connection before this request.</summary>
    public long RawOutBefore { get; private set; }

    public long BytesSent { get; set; }

    public long BodyBytesSent { get; set; }

    public long BytesReceived { get; set; }

    public long BodyBytesReceived { get; set; }

    public bool RequestComplete { get; private set; }

    /// <summary>The app refused an upload before it had all of it. Once seen it stays so, although the rest may go out while the failure is told.</summary>
    public bool WasRefusedEarly() => _refusedEarly |= RefusesUpload;

    /// <summary>Whether the answer tells of trouble, once its head is here: the app's own error, or its refusal of an upload before the end.</summary>
    public bool IsTroubled() => UpstreamStatus >= 500 || RefusesUpload;

    private bool RefusesUpload => this is { UpstreamStatus: >= 400, RequestComplete: false, BodyBytesSent: > 0 };

    public int? UpstreamStatus { get; set; }

    public long? ContentLength { get; set; }

    public string? ContentEncoding { get; set; }

    public bool Chunked { get; set; }

    public bool HeadReceived { get; set; }

    public UpstreamIdentity? Identity { get; set; }

    public HeadDefect HeadDefect { get; private set; }

    public string? DefectDetail { get; private set; }

    public TimeoutPhase TimedOut { get; private set; }

    public TimeSpan? TimeLimit { get; private set; }

    public SocketError? SocketError { get; private set; }

    public int? ErrnoValue { get; private set; }

    public HttpRequestError? HttpError { get; private set; }

    public string? Message { get; private set; }

    public Http2Facts? Http2 { get; set; }

    public AttemptEnd? End => Volatile.Read(ref _end) is not NotEnded and var end ? (AttemptEnd)end : null;

    /// <summary>Whether it has been counted for its destination's health.</summary>
    public bool HealthJudged { get; set; }

    public bool Failed => Volatile.Read(ref _end) is not (NotEnded or (int)AttemptEnd.Answered);

    /// <summary>The connection that really carries this request, from now on.</summary>
    public void Uses(UpstreamTransport transport, int requestNumber, TimeSpan? idle, long now)
    {
        Transport = transport;
        RequestNumber = requestNumber;
        IdleMs = idle?.TotalMilliseconds;
        RawOutBefore = transport.Raw.BytesOut;
        _sendStarted = now;
        (_sendDone, _firstByte) = (0, 0);
    }

    /// <summary>The connection had ended before a byte of this request was sent: another is taken, and this one is no part of the story.</summary>
    public void NotUsed()
    {
        (Transport, RequestNumber, IdleMs, RawOutBefore) = (null, 0, null, 0);
        (BytesSent, BytesReceived, RequestComplete) = (0, 0, false);
        (_sendStarted, _sendDone, _firstByte) = (0, 0, 0);
    }

    /// <summary>The whole request has been sent.</summary>
    /// <returns>When, by its clock.</returns>
    public long SendCompleted()
    {
        if (_sendDone == 0) _sendDone = clock.GetTimestamp();
        RequestComplete = true;
        WhenSent?.Invoke();
        return _sendDone;
    }

    /// <summary>Called once the whole request has been sent: the limit on the answer begins.</summary>
    public Action? WhenSent { get; set; }

    public void FirstByteReceived()
    {
        if (_firstByte == 0) _firstByte = clock.GetTimestamp();
    }

    /// <summary>The body is being waited for. Whose time it is is counted only where the whole request has a limit.</summary>
    public void AwaitsBody()
    {
        if (request.TotalLimit is null) return;
        var now = clock.GetTimestamp();
        if (_bodySince != 0) _heldByClient += now - _bodySince;
        (_awaitsBody, _bodySince) = (true, now);
    }

    /// <summary>A part of the body has come: from here on it is the client that takes its time.</summary>
    public void GotBody()
    {
        if (request.TotalLimit is null || !_awaitsBody) return;
        var now = clock.GetTimestamp();
        _heldByUpstream += now - _bodySince;
        (_awaitsBody, _bodySince) = (false, now);
    }

    /// <summary>Whether the answer has waited for its client for longer than for the upstream.</summary>
    public bool IsHeldUpByClient
    {
        get
        {
            if (_bodySince == 0) return false;
            var now = clock.GetTimestamp() - _bodySince;
            var firstByte = _firstByte == 0 ? 0 : _firstByte - _sendStarted;
            return _heldByClient + (_awaitsBody ? 0 : now) > _heldByUpstream + firstByte + (_awaitsBody ? now : 0);
        }
    }

    /// <summary>Remembers how this answer begins. The span is copied only up to 64 bytes, and only on the failure path.</summary>
    public void Begins(ReadOnlySpan<byte> bytes) => _firstBytes = bytes[..Math.Min(bytes.Length, SocketStream.FirstBytesKept)].ToArray();

    public void Answered() => Interlocked.CompareExchange(ref _end, (int)AttemptEnd.Answered, NotEnded);

    /// <summary>Takes over how connecting went; notes the failure when there is no connection.</summary>
    public void Connected(ConnectOutcome outcome)
    {
        _dial = outcome.Dial;
        _tls = outcome.Tls?.Facts;
        if (outcome.Transport is not null) return;
        if (outcome.Tls is { } tls)
        {
            _tcp = outcome.Tcp;
            _firstBytes = outcome.RawFirstBytes;
            BytesReceived = outcome.RawBytesIn;
            if (tls.End == AttemptEnd.TimedOut) FailTimeout(TimeoutPhase.Tls, Timeouts.Tls);
            else Fail(tls.End, outcome.RawError?.SocketErrorCode, outcome.RawError?.NativeErrorCode, tls.Message);
            return;
        }

        var dial = outcome.Dial;
        var last = dial.Tries.LastOrDefault(t => t.Error is not null);
        if (dial.TimedOut == TimeoutPhase.Dns) FailTimeout(TimeoutPhase.Dns, Timeouts.Dns);
        else if (dial.TimedOut == TimeoutPhase.Connect) FailTimeout(TimeoutPhase.Connect, Timeouts.Connect);
        else Fail(dial.End, last?.Error ?? dial.Dns?.Error, last?.Errno);
    }

    public void FailTimeout(TimeoutPhase phase, TimeSpan limit)
    {
        if (!TryEnd(AttemptEnd.TimedOut)) return;
        TimedOut = phase;
        TimeLimit = limit;
        SnapTcp();
    }

    public void FailHead(HeadDefect defect, string? detail)
    {
        if (!TryEnd(AttemptEnd.HeadRefused)) return;
        HeadDefect = defect;
        DefectDetail = detail;
        SnapTcp();
    }

    public void Fail(AttemptEnd end, SocketError? socketError = null, int? errno = null, string? message = null, HttpRequestError? httpError = null)
    {
        if (!TryEnd(end)) return;
        SocketError = socketError;
        ErrnoValue = errno > 0 ? errno : null; // below that are .NET's own, for what it has no name for
        Message = message;
        HttpError = httpError;
        SnapTcp();
    }

    /// <summary>The request was given up from our side: the client went away, the total limit passed, or the gateway has to stop.</summary>
    public void FailCancelled()
    {
        if (request.TotalLimit is { } total && request.TotalExpired) FailTimeout(TimeoutPhase.Total, total);
        else if (request.GatewayStops) Fail(AttemptEnd.GatewayStopped);
        else Fail(AttemptEnd.ClientGone);
    }

    /// <summary>The peer ended the connection, or an exception of the stream said how it broke.</summary>
    public void FailBroken(Exception error)
    {
        var socket = Find<SocketException>(error);
        if (TlsAlert.Of(error) is { } alert && (_tls ?? Transport?.TlsFacts) is { } facts) _tls = facts with { AlertReceived = alert };
        if (socket is not null) Fail(AttemptEnd.PeerReset, socket.SocketErrorCode, socket.NativeErrorCode, socket.Message);
        else Fail(_tls?.AlertReceived is null ? AttemptEnd.Unknown : AttemptEnd.PeerClosed, message: error.Message);
    }

    private bool TryEnd(AttemptEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, NotEnded) != NotEnded) return false;
        _failedAfterMs = clock.GetElapsedTime(_started).TotalMilliseconds;
        return true;
    }

    private void SnapTcp()
    {
        _tcp ??= Transport?.ReadTcpInfo(RawOutBefore);
        _localAddress ??= Transport?.ReadLocalAddress();
    }

    internal static T? Find<T>(Exception? error)
        where T : Exception
    {
        for (var e = error; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
            if (e is AggregateException many)
            {
                foreach (var inner in many.InnerExceptions)
                {
                    if (Find<T>(inner) is { } nested) return nested;
                }
            }
        }

        return null;
    }

    public AttemptFacts ToFacts()
    {
        var dial = _dial ?? Transport?.Dial;
        var fresh = RequestNumber <= 1;
        return new AttemptFacts
        {
            Number = number,
            Destination = Destination,
            DestinationUrl = UnixDestinations.Display(DestinationUrl),
            UsesTls = UsesTls,
            IsUnixSocket = IsUnixSocket,
            Address = Transport?.Dial.Address ?? dial?.Address,
            LocalAddress = _localAddress,
            Protocol = Protocol,
            Dns = fresh ? dial?.Dns : null,
            AddressesTried = fresh ? dial?.Tries ?? [] : [],
            Tls = _tls ?? Transport?.TlsFacts,
            Reused = RequestNumber > 1,
            RequestNumber = RequestNumber,
            IdleMs = IdleMs,
            ConnectMs = fresh ? dial?.ConnectMs : null,
            SendMs = SendMs,
            FirstByteMs = FirstByteMs,
            DurationMs = _failedAfterMs ?? clock.GetElapsedTime(_started).TotalMilliseconds,
            BytesSent = BytesSent,
            BodyBytesSent = BodyBytesSent,
            RequestComplete = RequestComplete && !_refusedEarly,
            BytesReceived = BytesReceived,
            FirstBytes = _firstBytes,
            UpstreamStatus = UpstreamStatus,
            UpstreamIdentity = Identity,
            Body = HeadReceived
                ? new BodyFacts { ContentLength = ContentLength, Chunked = Chunked, ContentEncoding = ContentEncoding, BytesReceived = BodyBytesReceived, ResponseStarted = request.ResponseStarted }
                : null,
            Http2 = Http2,
            Tcp = _tcp,
            End = End ?? AttemptEnd.Unknown,
            HeadDefect = HeadDefect,
            DefectDetail = DefectDetail,
            TimedOut = TimedOut,
            TimeoutMs = TimeLimit?.TotalMilliseconds,
            SocketError = SocketError,
            Errno = ErrnoValue,
            HttpError = HttpError,
            Message = Message,
        };
    }

    public double? SendMs => Between(_sendStarted, _sendDone);

    public double? FirstByteMs => Between(_sendStarted, _firstByte);

    private double? Between(long from, long to) => from == 0 || to == 0 ? null : clock.GetElapsedTime(from, to).TotalMilliseconds;
}
