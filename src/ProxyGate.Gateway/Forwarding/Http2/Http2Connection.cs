using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>
/// One HTTP/2 connection, spoken by a SocketsHttpHandler that is given this connection and no other: so each attempt knows its
/// connection, and a request is never quietly sent again on a second one.
/// </summary>
internal sealed class Http2Connection : IDisposable
{
    private const long RefusedStream = 7;
    private const int ConnectionResetErrno = 104;

    private readonly UpstreamTransport _transport;
    private readonly FrameScan _scan = new();
    private readonly HttpMessageInvoker _client;
    private readonly TimeProvider _clock;
    private ScannedStream? _scanned;
    private int _handedOut;
    private int _active;
    private int _requests;
    private long _idleSince;
    private volatile bool _ended;
    private volatile bool _retired;

    public Http2Connection(UpstreamTransport transport, int headLimit, TimeProvider clock)
    {
        _transport = transport;
        _clock = clock;
        _idleSince = clock.GetTimestamp();
        _client = new HttpMessageInvoker(
            new SocketsHttpHandler
            {
                UseProxy = false,
                UseCookies = false,
                AllowAutoRedirect = false,
                AutomaticDecompression = DecompressionMethods.None,
                ActivityHeadersPropagator = null,
                MaxConnectionsPerServer = 1,
                EnableMultipleHttp2Connections = false,
                PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
                PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
                ConnectTimeout = Timeout.InfiniteTimeSpan,
                MaxResponseHeadersLength = Math.Max(1, headLimit / 1024),
                ResponseHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
                RequestHeaderEncodingSelector = static (_, _) => System.Text.Encoding.Latin1,
                ConnectCallback = (_, _) => Interlocked.Exchange(ref _handedOut, 1) == 0
                    ? new ValueTask<Stream>(transport.Stream)
                    : throw new ConnectionSpentException(),
                PlaintextStreamFilter = (context, _) =>
                {
                    _scanned = new ScannedStream(context.PlaintextStream, _scan);
                    return new ValueTask<Stream>(_scanned);
                },
            },
            disposeHandler: true);
    }

    /// <summary>Carries no new request; what is under way may finish.</summary>
    public void Retire() => _retired = true;

    public bool IsOver => _ended || _retired || _scan.GoAwayReceived || _scan.IsNotHttp2 || _scanned?.PeerClosed == true || _transport.Raw.Error is not null;

    public int Active => Volatile.Read(ref _active);

    public TimeSpan IdleFor => Active > 0 ? TimeSpan.Zero : _clock.GetElapsedTime(Volatile.Read(ref _idleSince));

    /// <summary>Takes a place for one more stream, unless the connection is over or full (RFC 9113 section 5.1.2).</summary>
    public bool TryReserve()
    {
        while (!IsOver)
        {
            var active = Active;
            if (active >= Math.Max(1, _scan.MaxConcurrentStreams)) return false;
            if (Interlocked.CompareExchange(ref _active, active + 1, active) == active) return true;
        }

        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _active) > 0) return;
        Volatile.Write(ref _idleSince, _clock.GetTimestamp());
        if (IsOver) Dispose();
    }

    /// <summary>Sends on a place taken with <see cref="TryReserve"/>. <c>null</c>: nothing was sent, the connection had ended before.</summary>
    public async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellationToken)
    {
        var tunnel = request.Method == HttpMethod.Connect && request.Headers.Protocol is not null;
        var number = Interlocked.Increment(ref _requests);
        attempt.Protocol = _transport.Tls is null ? "h2c" : "h2";
        var now = _clock.GetTimestamp();
        attempt.Uses(_transport, number, number > 1 && Active <= 1 ? _clock.GetElapsedTime(Volatile.Read(ref _idleSince), now) : null, now);
        var (inBefore, outBefore) = (_scan.BytesIn, _scan.BytesOut);
        var (resetsBefore, beganAlone) = (_scan.Resets, Active <= 1);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var stalled = false;
        if (request.Content is { } content)
        {
            request.Content = new SendingContent(content, attempt, () =>
            {
                stalled = true;
                limit.Cancel();
            });
        }
        else
        {
            attempt.SendCompleted();
        }

        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        using var deadline = new Deadline(_clock, (phase, length) =>
        {
            attempt.FailTimeout(phase, length);
            limit.Cancel();
        });
        if (request.Content is null) deadline.AwaitRead(TimeoutPhase.FirstByte, attempt.Timeouts.FirstByte);
        else attempt.WhenSent = () => deadline.AwaitRead(TimeoutPhase.FirstByte, attempt.Timeouts.FirstByte);
        try
        {
            var response = await _client.SendAsync(request, limit.Token);
            deadline.ReadDone();
            attempt.WhenSent = null;
            attempt.FirstByteReceived();
            Count(attempt, inBefore, outBefore);
            return Respond(request, response, attempt, tunnel);
        }
        catch (Exception e)
        {
            deadline.ReadDone();
            Count(attempt, inBefore, outBefore);
            // The peer closed and not a byte was written since: the request stayed with us, whoever else was on the connection.
            var unsent = request.Content is null && attempt is { BytesSent: 0, Failed: false } && _scanned?.PeerClosed == true && !cancellationToken.IsCancellationRequested;
            if ((unsent || Find<ConnectionSpentException>(e)) && !_scan.GoAwayReceived && attempt.BodyBytesSent == 0)
            {
                attempt.NotUsed();
                _ended = true;
                Release();
                return null;
            }

            if (e is HttpRequestException refused && (refused.Data.Contains("SETTINGS_ENABLE_CONNECT_PROTOCOL") || refused.HttpRequestError == HttpRequestError.ExtendedConnectNotSupported))
            {
                // YARP answers this by asking again in HTTP/1.1: nothing was sent, so it was no attempt.
                Release();
                throw;
            }

            // A reset in the middle of an upload shows as the upload's failure, without its code; whose it was is certain where nobody else was there.
            var reset = beganAlone && Volatile.Read(ref _requests) == number ? _scan.ResetSince(resetsBefore) : null;
            if (!stalled) NoteFailure(attempt, e, reset, cancellationToken);
            Release();
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamException(attempt);
        }
    }

    private HttpResponseMessage Respond(HttpRequestMessage request, HttpResponseMessage response, Attempt attempt, bool tunnel)
    {
        attempt.HeadReceived = true;
        attempt.UpstreamStatus = (int)response.StatusCode;
        attempt.ContentLength = response.Content.Headers.ContentLength;
        attempt.ContentEncoding = response.Content.Headers.NonValidated.TryGetValues("Content-Encoding", out var coding) ? coding.ToString() : null;
        if ((int)response.StatusCode >= 500)
        {
            attempt.Begins(_scan.FirstBytes);
            attempt.Identity = new UpstreamIdentity
            {
                Server = First(response, "Server"),
                Via = First(response, "Via"),
                ProxyStatus = First(response, "Proxy-Status"),
            };
        }

        if (FieldCheck.Of(response) is { } bad)
        {
            attempt.FailHead(HeadDefect.Http2FieldInvalid, bad);
            attempt.Begins(_scan.FirstBytes);
            response.Dispose();
            Release();
            throw new UpstreamException(attempt);
        }

        response.RequestMessage = request;
        response.Content = new RecordedContent(response.Content, this, attempt, tunnel && response.StatusCode == HttpStatusCode.OK);
        return response;
    }

    private void Count(Attempt attempt, long inBefore, long outBefore)
    {
        attempt.BytesReceived = _scan.BytesIn - inBefore;
        attempt.BytesSent = _scan.BytesOut - outBefore;
    }

    /// <param name="attempt">What failed.</param>
    /// <param name="error">What the HTTP client says of it.</param>
    /// <param name="reset">The code by which the upstream reset this very stream, where that is known otherwise.</param>
    /// <param name="cancellationToken">Signalled when nobody wants it any more.</param>
    public void NoteFailure(Attempt attempt, Exception error, long? reset = null, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            attempt.FailCancelled();
            return;
        }

        attempt.Begins(_scan.FirstBytes);
        var protocol = Attempt.Find<HttpProtocolException>(error);
        var http = Attempt.Find<HttpRequestException>(error);
        var socket = Attempt.Find<SocketException>(error);
        var refused = (protocol is null && reset == RefusedStream) || (protocol?.ErrorCode == FrameScan.RefusedStreamMark && _scan.WasReset(RefusedStream));
        var code = refused ? RefusedStream : protocol?.ErrorCode ?? reset;
        var spent = Find<ConnectionSpentException>(error);
        var fromPeer = code is { } c && (_scan.WasReset(c) || (_scan.GoAwayReceived && _scan.GoAwayCode == c));
        if (spent && _scan.GoAwayReceived) (code, fromPeer) = (_scan.GoAwayCode, true);
        attempt.Http2 = _scan.ToFacts(code, fromPeer, notProcessed: refused || spent);
        if (_scan.IsNotHttp2) attempt.Fail(AttemptEnd.Http2Error, message: error.Message, httpError: http?.HttpRequestError);
        else if (code is not null) attempt.Fail(AttemptEnd.Http2Error, message: error.Message, httpError: http?.HttpRequestError);
        else if (http?.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded) attempt.FailHead(HeadDefect.TooLarge, null);
        else if (http?.HttpRequestError == HttpRequestError.InvalidResponse) attempt.FailHead(HeadDefect.Http2FieldInvalid, error.Message);
        else if (socket is not null || _transport.Raw.Error is not null) attempt.Fail(AttemptEnd.PeerReset, socket?.SocketErrorCode ?? _transport.Raw.Error!.SocketErrorCode, socket?.NativeErrorCode ?? _transport.Raw.Error!.NativeErrorCode, httpError: http?.HttpRequestError);
        else if (_scanned?.PeerClosed == true && _transport.Raw.EndedByReset) attempt.Fail(AttemptEnd.PeerReset, SocketError.ConnectionReset, ConnectionResetErrno, httpError: http?.HttpRequestError);
        else if (_scanned?.PeerClosed == true) attempt.Fail(AttemptEnd.PeerClosed, httpError: http?.HttpRequestError);
        else attempt.Fail(AttemptEnd.Http2Error, message: error.Message, httpError: http?.HttpRequestError);
        if (_transport.Raw.Error is not null || _scanned?.PeerClosed == true || _scan.IsNotHttp2) _ended = true;
    }

    private static bool Find<T>(Exception e)
        where T : Exception => Attempt.Find<T>(e) is not null;

    private static string? First(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    public void Dispose()
    {
        _ended = true;
        if (Active == 0) _transport.Raw.Finish();
        _client.Dispose();
        _transport.Dispose();
    }

    private sealed class ConnectionSpentException : IOException;

    /// <summary>Keeps the content's fields and hands out the recorded stream.</summary>
    private sealed class RecordedContent : HttpContent
    {
        private readonly HttpContent _inner;
        private readonly Http2Connection _connection;
        private readonly Attempt _attempt;
        private readonly bool _tunnel;
        private bool _read;

        public RecordedContent(HttpContent inner, Http2Connection connection, Attempt attempt, bool tunnel)
        {
            (_inner, _connection, _attempt, _tunnel) = (inner, connection, attempt, tunnel);
            foreach (var (name, values) in inner.Headers.NonValidated)
            {
                foreach (var value in values) Headers.TryAddWithoutValidation(name, value);
            }
        }

        protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

        protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken)
        {
            _read = true;
            return new Http2BodyStream(await _inner.ReadAsStreamAsync(cancellationToken), _connection, _attempt, _tunnel);
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => _inner.CopyToAsync(stream, context);

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                if (!_read)
                {
                    _read = true;
                    _attempt.Answered();
                    _connection.Release();
                }

                _inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
