using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Forwarding.Http1;
using ProxyGate.Gateway.Forwarding.Http2;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>The upstream client of one cluster: finds or makes a connection of the right protocol and sends one request on it, once.</summary>
internal sealed class UpstreamHandler : IDisposable
{
    private const int MostPlaces = 10_000;

    private readonly ConcurrentDictionary<UpstreamTarget, UpstreamConnections> _targets = new();
    private readonly ConcurrentDictionary<string, Place> _places = new();
    private readonly Connector _connector;
    private readonly TimeProvider _clock;
    private readonly int? _maxConnections;
    private readonly ITimer _reaper;
    private volatile Place? _last;

    public UpstreamHandler(UpstreamTlsPolicy tls, int? maxConnections, TimeProvider clock, EventLoops? loops = null)
    {
        _connector = new Connector(new Dialer(clock, loops), tls, clock);
        _clock = clock;
        _maxConnections = maxConnections;
        _reaper = clock.CreateTimer(static s => ((UpstreamHandler)s!).Reap(), this, Http1Pool.LookEvery, Http1Pool.LookEvery);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, Attempt attempt, CancellationToken cancellationToken)
    {
        var connections = ConnectionsFor(request.RequestUri!);
        var target = connections.Target;
        attempt.UsesTls = target.UsesTls;
        attempt.IsUnixSocket = target.UnixPath is not null;
        var wish = ProtocolWish.Of(request, target.UsesTls);
        // The usual case, without a state machine of its own: an idle HTTP/1.1 connection is at hand.
        if (!wish.MayBeHttp2 && !attempt.OnFreshConnection && connections.Http1.TryRent(attempt.Timeouts.KeepAlive, IsRepeatable(request)) is { } idle) return idle.SendAsync(request, attempt, cancellationToken);
        return ConnectAndSendAsync(request, attempt, connections, wish, cancellationToken);
    }

    /// <summary>The connections of a destination's address, where HTTP/1.1 is what is spoken there; absent where it may be HTTP/2.</summary>
    /// <exception cref="UriFormatException">The address is none.</exception>
    public UpstreamConnections? Http1For(string address, Version version, HttpVersionPolicy policy, out string prefix)
    {
        var place = PlaceOf(address);
        prefix = place.Prefix;
        var connections = ConnectionsOf(place);
        var wish = ProtocolWish.Of(version, policy, isConnect: false, connections.Target.UsesTls);
        return !wish.MayBeHttp2 || (!wish.Http2Required && connections.KnownHttp1) ? connections : null;
    }

    /// <summary>A connection for one request; absent when there is none to be had: the attempt has failed.</summary>
    public ValueTask<Http1Connection?> RentAsync(UpstreamConnections connections, Attempt attempt, bool idempotent, RequestEnds ends)
    {
        attempt.UsesTls = connections.Target.UsesTls;
        attempt.IsUnixSocket = connections.Target.UnixPath is not null;
        return !attempt.OnFreshConnection && connections.Http1.TryRent(attempt.Timeouts.KeepAlive, idempotent) is { } idle
            ? new ValueTask<Http1Connection?>(idle)
            : ConnectAsync(connections, attempt, idempotent, ends);
    }

    private async ValueTask<Http1Connection?> ConnectAsync(UpstreamConnections connections, Attempt attempt, bool idempotent, RequestEnds ends)
    {
        using var linked = ends.Second.CanBeCanceled ? CancellationTokenSource.CreateLinkedTokenSource(ends.First, ends.Second) : null;
        var cancellationToken = linked?.Token ?? ends.First;
        try
        {
            if (await connections.Http1.RentOrReserveAsync(attempt, idempotent, cancellationToken) is { } idle) return idle;
            return await ConnectHttp1Async(attempt, connections, cancellationToken) is { } transport ? connections.Http1.Add(transport) : null;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            attempt.FailCancelled();
            return null;
        }
    }

    private async Task<HttpResponseMessage> ConnectAndSendAsync(
        HttpRequestMessage request, Attempt attempt, UpstreamConnections connections, ProtocolWish wish, CancellationToken cancellationToken)
    {
        try
        {
            return wish.MayBeHttp2
                ? await SendEitherAsync(request, attempt, connections, wish, cancellationToken)
                : await SendHttp1Async(request, attempt, connections, null, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            attempt.FailCancelled();
            throw;
        }
    }

    private static bool IsRepeatable(HttpRequestMessage request) => Idempotence.Of(request.Method.Method);

    /// <summary>The configuration's own text is found without being read.</summary>
    private Place PlaceOf(string address) => _places.TryGetValue(address, out var known) ? known : AddPlace(address);

    private Place AddPlace(string address)
    {
        // To count them takes all their locks: only for a new one.
        if (_places.Count > MostPlaces) _places.Clear();
        return _places.GetOrAdd(address, Place.Of);
    }

    private UpstreamConnections ConnectionsOf(Place place)
    {
        if (place.Connections is not { IsGone: false } connections)
        {
            connections = _targets.GetOrAdd(UpstreamTarget.Of(place.Uri), static (t, self) => new UpstreamConnections(t, self._clock, self._maxConnections), this);
            place.Connections = connections;
        }

        connections.Touch();
        return connections;
    }

    /// <summary>Nearly always the same destination as the last time, or one of a few.</summary>
    private UpstreamConnections ConnectionsFor(Uri uri)
    {
        if (_last is not { } place || !place.Is(uri)) _last = place = new Place(uri);
        return ConnectionsOf(place);
    }

    /// <summary>A destination's address, and the path in it without a slash at its end.</summary>
    private sealed class Place(Uri uri)
    {
        private volatile UpstreamConnections? _connections;
        private volatile string? _prefix;

        public Uri Uri => uri;

        public string Prefix => _prefix ??= uri.AbsolutePath.TrimEnd('/');

        /// <summary>Those that were last used for it.</summary>
        public UpstreamConnections? Connections
        {
            get => _connections;
            set => _connections = value;
        }

        public static Place Of(string address) => new(new Uri(address));

        public bool Is(Uri other) => ReferenceEquals(uri, other) || (uri.Port == other.Port && UsesTls(uri) == UsesTls(other) && uri.Host == other.Host);

        private static bool UsesTls(Uri uri) => uri.Scheme == Uri.UriSchemeHttps;
    }

    private async Task<HttpResponseMessage> SendHttp1Async(
        HttpRequestMessage request, Attempt attempt, UpstreamConnections connections, UpstreamTransport? made, CancellationToken cancellationToken)
    {
        attempt.Protocol = "http/1.1";
        var pool = connections.Http1;
        var connection = made is null ? await pool.RentOrReserveAsync(attempt, IsRepeatable(request), cancellationToken) : null;
        if (made is not null) await pool.ReserveAsync(cancellationToken);
        if (connection is null)
        {
            var transport = made ?? await ConnectHttp1Async(attempt, connections, cancellationToken) ?? throw new UpstreamException(attempt);
            connection = pool.Add(transport);
        }

        return await connection.SendAsync(request, attempt, cancellationToken);
    }

    private async ValueTask<UpstreamTransport?> ConnectHttp1Async(Attempt attempt, UpstreamConnections connections, CancellationToken cancellationToken)
    {
        ConnectOutcome? outcome = null;
        try
        {
            outcome = await _connector.ConnectAsync(connections.Target, Connector.Http1Only, attempt.Timeouts, cancellationToken);
            attempt.Connected(outcome);
            return outcome.Transport;
        }
        finally
        {
            if (outcome?.Transport is null) connections.Http1.NotMade(refused: attempt is { End: AttemptEnd.ConnectFailed, SocketError: SocketError.ConnectionRefused });
        }
    }

    private async Task<HttpResponseMessage> SendEitherAsync(
        HttpRequestMessage request, Attempt attempt, UpstreamConnections connections, ProtocolWish wish, CancellationToken cancellationToken)
    {
        // A connection that ended between being chosen and being written to has sent nothing: another is taken. Bounded.
        for (var tries = 0; tries < 4; tries++)
        {
            if (!wish.Http2Required && connections.KnownHttp1) return await SendHttp1Async(request, attempt, connections, null, cancellationToken);

            var connection = connections.TryReserveHttp2();
            if (connection is null)
            {
                var (outcome, mine) = await connections.ConnectOnceAsync(
                    () => _connector.ConnectAsync(connections.Target, wish.Alpn, attempt.Timeouts, CancellationToken.None), attempt.HeadLimit, cancellationToken);
                if (outcome.Transport is null)
                {
                    attempt.Connected(outcome);
                    throw new UpstreamException(attempt);
                }

                var http2 = outcome.Transport.IsHttp2 || outcome.Transport.Tls is null;
                if (!http2)
                {
                    connections.KnownHttp1 = true;
                    if (wish.Http2Required) throw NotHttp2(request, attempt, outcome, mine);
                    return await SendHttp1Async(request, attempt, connections, mine ? outcome.Transport : null, cancellationToken);
                }

                attempt.Connected(outcome);
                connection = connections.Http2For(outcome.Transport, attempt.HeadLimit);
                if (connection is null) continue;
            }

            if (await connection.SendAsync(request, attempt, cancellationToken) is { } response) return response;
        }

        attempt.Fail(AttemptEnd.PeerClosed);
        throw new UpstreamException(attempt);
    }

    private static HttpRequestException NotHttp2(HttpRequestMessage request, Attempt attempt, ConnectOutcome outcome, bool mine)
    {
        attempt.Connected(outcome);
        if (mine) outcome.Transport!.Dispose();
        if (request.Method == HttpMethod.Connect)
        {
            // How YARP is told to ask for the WebSocket in HTTP/1.1 instead. Nothing was sent: it was no attempt.
            attempt.Request.TakeBack();
            var downgrade = new HttpRequestException(HttpRequestError.VersionNegotiationError, "The upstream does not speak HTTP/2.");
            downgrade.Data["HTTP2_ENABLED"] = false;
            return downgrade;
        }

        attempt.Fail(AttemptEnd.VersionNotNegotiated, httpError: HttpRequestError.VersionNegotiationError);
        return new UpstreamException(attempt);
    }

    /// <summary>A name leads to these addresses now.</summary>
    public void Learned(string name, IReadOnlyList<IPAddress> addresses)
    {
        var answer = new DnsFacts { Host = name, Addresses = [.. addresses.Select(a => a.ToString())] };
        foreach (var (target, connections) in _targets)
        {
            if (target.Host.Equals(name, StringComparison.OrdinalIgnoreCase)) connections.Learned(answer);
        }
    }

    private void Reap()
    {
        foreach (var (target, connections) in _targets)
        {
            connections.Reap();
            if (!connections.IsForgotten()) continue;
            if (!_targets.TryRemove(target, out var gone)) continue;
            gone.Dispose();
            foreach (var known in _places)
            {
                if (known.Value.Connections == gone) _places.TryRemove(known);
            }
        }
    }

    public void Dispose()
    {
        _reaper.Dispose();
        foreach (var connections in _targets.Values) connections.Dispose();
    }
}

/// <summary>Which protocols a request may be sent in.</summary>
internal readonly record struct ProtocolWish(bool MayBeHttp2, bool Http2Required, List<SslApplicationProtocol> Alpn)
{
    public static ProtocolWish Of(HttpRequestMessage request, bool tls) => Of(request.Version, request.VersionPolicy, request.Method == HttpMethod.Connect, tls);

    /// <param name="version">The wanted version.</param>
    /// <param name="policy">What else will do.</param>
    /// <param name="isConnect">A WebSocket over HTTP/2: it is asked for "exactly", and whether the peer could is found out by offering both.</param>
    /// <param name="tls">Whether the peer can be asked in the handshake.</param>
    public static ProtocolWish Of(Version version, HttpVersionPolicy policy, bool isConnect, bool tls)
    {
        return (tls, version.Major >= 2, policy) switch
        {
            (false, true, HttpVersionPolicy.RequestVersionExact or HttpVersionPolicy.RequestVersionOrHigher) => new(true, true, Connector.Http2Only),
            (false, _, _) => new(false, false, Connector.Http1Only),
            (true, true, HttpVersionPolicy.RequestVersionOrLower) => new(true, isConnect, Connector.Either),
            (true, true, _) => new(true, true, isConnect ? Connector.Either : Connector.Http2Only),
            (true, false, HttpVersionPolicy.RequestVersionOrHigher) => new(true, false, Connector.Either),
            (true, false, _) => new(false, false, Connector.Http1Only),
        };
    }
}
