using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// The idle HTTP/1.1 connections to one target, newest first, so that the surplus ages and is closed. They are given up before the app
/// would close them: by its own Keep-Alive field, by what was learned from its closes, and when one of them proves that it is gone.
/// </summary>
internal sealed class Http1Pool(UpstreamTarget target, TimeProvider clock, int? maxConnections) : IDisposable
{
    /// <summary>How often idle connections are looked at, and so how exactly the age at which one was closed is known.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly List<Http1Connection> _idle = [];
    private readonly IdleMemory _memory = new(clock);
    private readonly SemaphoreSlim? _slots = maxConnections is { } max ? new SemaphoreSlim(max, max) : null;
    private TimeSpan _keepAlive = new TimeoutSettings().KeepAlive;
    private volatile DnsFacts? _answer;
    private bool _closed;

    public UpstreamTarget Target => target;

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _idle.Count == 0;
        }
    }

    /// <summary>How long a connection may have been idle and still be used: as configured, or less where the app is known to close sooner.</summary>
    public TimeSpan IdleLimit => _memory.Limit is { } learned && learned < _keepAlive ? learned : _keepAlive;

    /// <summary>An idle connection fit for another request, or <c>null</c> when one must be made.</summary>
    /// <param name="keepAlive">The longest it may have been idle.</param>
    /// <param name="repeatable">Whether the request may be sent twice (RFC 9110 section 9.2.2). Else it gets none that may be closing.</param>
    public Http1Connection? TryRent(TimeSpan keepAlive, bool repeatable)
    {
        while (true)
        {
            Http1Connection candidate;
            bool safe;
            lock (_lock)
            {
                _keepAlive = keepAlive;
                if (_idle.Count == 0) return null;
                // The newest is the least likely to be closing. Where even that may be, the oldest gives its place to the one that is made: else they would pile up.
                safe = repeatable || !_memory.MayCloseAt(_idle[^1].IdleFor);
                var at = safe ? _idle.Count - 1 : 0;
                candidate = _idle[at];
                _idle.RemoveAt(at);
            }

            if (safe && IsFit(candidate)) return candidate;
            candidate.Dispose();
            if (!safe) return null;
        }
    }

    /// <summary>An idle connection, or the right to open one more, which is waited for where their number is limited.</summary>
    public async ValueTask<Http1Connection?> RentOrReserveAsync(Attempt attempt, bool repeatable, CancellationToken cancellationToken)
    {
        var fresh = attempt.OnFreshConnection;
        var keepAlive = attempt.Timeouts.KeepAlive;
        if (!fresh && TryRent(keepAlive, repeatable) is { } idle) return idle;
        if (_slots is null) return null;
        while (!await _slots.WaitAsync(TimeSpan.FromMilliseconds(50), cancellationToken))
        {
            if (TryRent(keepAlive, repeatable) is not { } freed) continue;
            if (!fresh) return freed;
            freed.Dispose(); // its place is what is needed
        }

        return null;
    }

    /// <summary>Waits for the right to add a connection that was made already.</summary>
    public Task ReserveAsync(CancellationToken cancellationToken) => _slots?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public Http1Connection Add(UpstreamTransport transport)
    {
        if (transport.Dial.Dns is { } answer) Learned(answer);
        return new Http1Connection(transport, target, this, clock);
    }

    /// <summary>The name has been looked up: idle connections to addresses that it no longer leads to are given up.</summary>
    public void Learned(DnsFacts answer)
    {
        var before = _answer;
        _answer = answer;
        if (before is not null) GiveUp(c => !IsInAnswer(c));
    }

    /// <summary>A reserved connection could not be made.</summary>
    /// <param name="refused">Since nothing listens there.</param>
    public void NotMade(bool refused)
    {
        if (refused) _memory.WasDown();
        _slots?.Release();
    }

    public void Gone() => _slots?.Release();

    public void Return(Http1Connection connection)
    {
        if (IsInAnswer(connection))
        {
            lock (_lock)
            {
                if (!_closed)
                {
                    _idle.Add(connection);
                    return;
                }
            }
        }

        connection.Dispose();
    }

    /// <summary>
    /// A connection taken from here carried nothing any more. Those that were idle for as long are given up with it, and the others are
    /// looked at: the app may have restarted, or what stands between may have forgotten them.
    /// </summary>
    public void Failed(Attempt attempt)
    {
        var age = TimeSpan.FromMilliseconds(attempt.IdleMs ?? 0);
        if (attempt.End == AttemptEnd.PeerClosed) _memory.Saw(age, age);
        GiveUp(c => c.IdleFor is var idle && (idle >= age || c.HasEnded(idle)));
    }

    /// <summary>Closes what is too old or was closed by its peer. Called every <see cref="LookEvery"/>.</summary>
    public void Reap() => GiveUp(c => !IsFit(c));

    private bool IsFit(Http1Connection connection)
    {
        var age = connection.IdleFor;
        if (connection.HasEnded(age))
        {
            _memory.Saw(age > LookEvery ? age - LookEvery : TimeSpan.Zero, age);
            return false;
        }

        return connection.IsYoungerThan(IdleLimit, age);
    }

    /// <summary>Whether the name still leads to this connection's address.</summary>
    private bool IsInAnswer(Http1Connection connection)
    {
        if (_answer is not { } answer || ReferenceEquals(connection.Transport.Dial.Dns, answer)) return true;
        return !IPEndPoint.TryParse(connection.Transport.Dial.Address ?? "", out var endPoint) || answer.Addresses.Contains(endPoint.Address.ToString());
    }

    private void GiveUp(Func<Http1Connection, bool> which)
    {
        List<Http1Connection>? gone = null;
        lock (_lock)
        {
            // Judged while nobody can rent them: a rented connection's pending read is its renter's to look at.
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                if (!which(_idle[i])) continue;
                (gone ??= []).Add(_idle[i]);
                _idle.RemoveAt(i);
            }
        }

        gone?.ForEach(static connection => connection.Dispose());
    }

    public void Dispose()
    {
        Http1Connection[] all;
        lock (_lock)
        {
            _closed = true;
            all = [.. _idle];
            _idle.Clear();
        }

        foreach (var connection in all) connection.Dispose();
    }
}
