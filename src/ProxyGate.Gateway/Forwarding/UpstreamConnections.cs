using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Forwarding.Http1;
using ProxyGate.Gateway.Forwarding.Http2;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>All connections to one target, of both protocols.</summary>
internal sealed class UpstreamConnections : IDisposable
{
    private static readonly TimeSpan ForgetAfter = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan TrustHttp1For = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private readonly Dictionary<UpstreamTransport, Http2Connection> _http2 = [];
    private Task<ConnectOutcome>? _connecting;
    private long _unusedSince;
    private volatile bool _used = true;
    private long _http1Since;
    private volatile bool _gone;

    public UpstreamConnections(UpstreamTarget target, TimeProvider clock, int? maxConnections)
    {
        _clock = clock;
        Target = target;
        // At once: of two made by the first requests one would be lost, and its connections with it.
        Http1 = new Http1Pool(target, clock, maxConnections);
    }

    public UpstreamTarget Target { get; }

    public Http1Pool Http1 { get; }

    /// <summary>Whether the peer lately chose HTTP/1.1 when offered both; asked again every minute, as peers are upgraded.</summary>
    public bool KnownHttp1
    {
        get
        {
            var since = Volatile.Read(ref _http1Since);
            return since != 0 && _clock.GetElapsedTime(since) < TrustHttp1For;
        }
        set => Volatile.Write(ref _http1Since, value ? _clock.GetTimestamp() : 0);
    }

    /// <summary>Whether nobody has wanted them for long. To be asked regularly: from the first time that nobody had, it is counted.</summary>
    public bool IsForgotten()
    {
        if (_used)
        {
            _used = false;
            _unusedSince = _clock.GetTimestamp();
            return false;
        }

        lock (_lock) return _http2.Count == 0 && _connecting is null && Http1.IsEmpty && _clock.GetElapsedTime(_unusedSince) > ForgetAfter;
    }

    /// <summary>Whether others have taken, or will take, their place.</summary>
    public bool IsGone => _gone;

    public void Touch()
    {
        // Written only when it changes: many processors read it.
        if (!_used) _used = true;
    }

    public Http2Connection? TryReserveHttp2()
    {
        lock (_lock)
        {
            foreach (var connection in _http2.Values)
            {
                if (connection.TryReserve()) return connection;
            }

            return null;
        }
    }

    /// <summary>Connects, or joins the connecting that is under way. True for the one caller whose doing it is.</summary>
    public async Task<(ConnectOutcome Outcome, bool Mine)> ConnectOnceAsync(Func<Task<ConnectOutcome>> connect, int headLimit, CancellationToken cancellationToken)
    {
        Task<ConnectOutcome> connecting;
        var mine = false;
        lock (_lock)
        {
            if (_connecting is null)
            {
                mine = true;
                _connecting = Task.Run(connect, CancellationToken.None);
                _ = _connecting.ContinueWith(made => ClearConnecting(made.Exception), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            connecting = _connecting;
        }

        try
        {
            return (await connecting.WaitAsync(cancellationToken), mine);
        }
        catch (OperationCanceledException) when (mine)
        {
            _ = connecting.ContinueWith(
                made => Keep(made.Result, headLimit), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    /// <summary>The client left while its connection was being made: an HTTP/2 one waits for the next request, another has nobody to own it.</summary>
    private void Keep(ConnectOutcome outcome, int headLimit)
    {
        if (outcome.Transport is not { } transport) return;
        if (transport.IsHttp2 || transport.Tls is null) Http2For(transport, headLimit)?.Release();
        else transport.Dispose();
    }

    /// <param name="seen">Whoever still waits is told of it; taken here, so that it counts as seen when everybody has left.</param>
    private void ClearConnecting(AggregateException? seen)
    {
        _ = seen;
        lock (_lock) _connecting = null;
    }

    /// <summary>The HTTP/2 connection over this transport, made by whoever comes first, with a place taken; <c>null</c> when it is full or over.</summary>
    public Http2Connection? Http2For(UpstreamTransport transport, int headLimit)
    {
        lock (_lock)
        {
            if (!_http2.TryGetValue(transport, out var connection)) _http2[transport] = connection = new Http2Connection(transport, headLimit, _clock);
            return connection.TryReserve() ? connection : null;
        }
    }

    /// <summary>The name has been looked up: connections to addresses that it no longer leads to carry no new request.</summary>
    public void Learned(DnsFacts answer)
    {
        if (Target.Literal is not null || Target.UnixPath is not null) return;
        Http1.Learned(answer);
        lock (_lock)
        {
            foreach (var (transport, connection) in _http2)
            {
                if (IPEndPoint.TryParse(transport.Dial.Address ?? "", out var endPoint) && !answer.Addresses.Contains(endPoint.Address.ToString())) connection.Retire();
            }
        }
    }

    public void Reap()
    {
        Http1.Reap();
        lock (_lock)
        {
            foreach (var (transport, connection) in _http2.ToArray())
            {
                if (connection.Active > 0 || (!connection.IsOver && connection.IdleFor < Http1.IdleLimit)) continue;
                _http2.Remove(transport);
                connection.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _gone = true;
        Http1.Dispose();
        lock (_lock)
        {
            foreach (var connection in _http2.Values) connection.Dispose();
            _http2.Clear();
        }
    }
}
