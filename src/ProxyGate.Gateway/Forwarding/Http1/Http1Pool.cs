using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>The idle HTTP/1.1 connections to one target, newest first, so that the surplus ages and is closed.</summary>
internal sealed class Http1Pool(UpstreamTarget target, TimeProvider clock, int? maxConnections) : IDisposable
{
    /// <summary>Kept well under the 60–75 s after which most servers close; a peer's own Keep-Alive: timeout shortens it.</summary>
    public static readonly TimeSpan IdleLimit = TimeSpan.FromSeconds(55);

    private readonly Lock _lock = new();
    private readonly List<Http1Connection> _idle = [];
    private readonly SemaphoreSlim? _slots = maxConnections is { } max ? new SemaphoreSlim(max, max) : null;
    private bool _closed;

    public UpstreamTarget Target => target;

    /// <summary>Sends a request that was never seen by the upstream on a fresh connection, as a new attempt.</summary>
    public required Func<HttpRequestMessage, RequestRecord, CancellationToken, Task<HttpResponseMessage>> SendAgain { get; init; }

    public bool IsEmpty
    {
        get
        {
            lock (_lock) return _idle.Count == 0;
        }
    }

    /// <summary>An idle connection fit for another request, or <c>null</c> when one must be made.</summary>
    public Http1Connection? TryRent()
    {
        while (true)
        {
            Http1Connection candidate;
            lock (_lock)
            {
                if (_idle.Count == 0) return null;
                candidate = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
            }

            if (candidate.CanBeReused(IdleLimit)) return candidate;
            candidate.Dispose();
        }
    }

    /// <summary>Waits for the right to open one more connection, where their number is limited.</summary>
    public async ValueTask<Http1Connection?> RentOrReserveAsync(CancellationToken cancellationToken)
    {
        if (TryRent() is { } idle) return idle;
        if (_slots is null) return null;
        while (!await _slots.WaitAsync(TimeSpan.FromMilliseconds(50), cancellationToken))
        {
            if (TryRent() is { } freed) return freed;
        }

        return null;
    }

    /// <summary>Waits for the right to add a connection that was made already.</summary>
    public Task ReserveAsync(CancellationToken cancellationToken) => _slots?.WaitAsync(cancellationToken) ?? Task.CompletedTask;

    public Http1Connection Add(UpstreamTransport transport) => new(transport, target, this, clock);

    /// <summary>A reserved connection could not be made.</summary>
    public void NotMade() => _slots?.Release();

    public void Gone() => _slots?.Release();

    public void Return(Http1Connection connection)
    {
        lock (_lock)
        {
            if (!_closed)
            {
                _idle.Add(connection);
                return;
            }
        }

        connection.Dispose();
    }

    /// <summary>Closes what is too old or was closed by its peer. Called every few seconds.</summary>
    public void Reap()
    {
        List<Http1Connection>? gone = null;
        lock (_lock)
        {
            // Judged while nobody can rent them: a rented connection's pending read is its renter's to look at.
            for (var i = _idle.Count - 1; i >= 0; i--)
            {
                if (_idle[i].CanBeReused(IdleLimit)) continue;
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
