using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>
/// Resolves a name and connects to it, trying its addresses in the manner of RFC 8305 (the next one after 250 ms, or at once when
/// one fails), and keeps the result and time of every address. Failures are results, not exceptions: an outage dials often.
/// </summary>
/// <param name="clock">For limits and durations.</param>
/// <param name="loops">Where the connections are to be served, unless .NET is to do it.</param>
internal sealed class Dialer(TimeProvider clock, EventLoops? loops = null)
{
    private static readonly TimeSpan Stagger = TimeSpan.FromMilliseconds(250);

    public async ValueTask<DialResult> DialAsync(UpstreamTarget target, TimeoutSettings timeouts, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        if (target.UnixPath is { } path)
        {
            var single = new Try(new UnixDomainSocketEndPoint(path), path);
            return await RaceAsync([single], null, started, timeouts.Connect, cancellationToken);
        }

        if (target.Literal is { } literal)
        {
            var endPoint = new IPEndPoint(literal, target.Port);
            return await RaceAsync([new Try(endPoint, endPoint.ToString())], null, started, timeouts.Connect, cancellationToken);
        }

        var (dns, addresses) = await ResolveAsync(target.Host, timeouts.Dns, cancellationToken);
        if (addresses.Length == 0)
        {
            return new DialResult
            {
                Dns = dns,
                End = dns.TimedOut ? AttemptEnd.TimedOut : AttemptEnd.DnsFailed,
                TimedOut = dns.TimedOut ? TimeoutPhase.Dns : TimeoutPhase.None,
                ConnectMs = Elapsed(started),
            };
        }

        var tries = new Try[addresses.Length];
        for (var i = 0; i < tries.Length; i++)
        {
            var endPoint = new IPEndPoint(addresses[i], target.Port);
            tries[i] = new Try(endPoint, endPoint.ToString());
        }

        return await RaceAsync(tries, dns, started, timeouts.Connect, cancellationToken);
    }

    private async ValueTask<(DnsFacts, IPAddress[])> ResolveAsync(string host, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        try
        {
            // getaddrinfo cannot be cancelled: the look-up is left behind when the limit passes.
            var lookUp = Dns.GetHostAddressesAsync(host, CancellationToken.None);
            _ = lookUp.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            var found = await lookUp.WaitAsync(limit, clock, cancellationToken);
            var ordered = Interleave(found);
            return (new DnsFacts
            {
                Host = host,
                DurationMs = Elapsed(started),
                Addresses = Array.ConvertAll(ordered, a => a.ToString()),
                Error = ordered.Length == 0 ? SocketError.NoData : null,
            }, ordered);
        }
        catch (SocketException e)
        {
            return (new DnsFacts { Host = host, DurationMs = Elapsed(started), Error = e.SocketErrorCode }, []);
        }
        catch (TimeoutException)
        {
            return (new DnsFacts { Host = host, DurationMs = Elapsed(started), TimedOut = true }, []);
        }
        catch (ArgumentException)
        {
            // A label over 63 characters, an empty label: no name that could exist.
            return (new DnsFacts { Host = host, DurationMs = Elapsed(started), Error = SocketError.HostNotFound }, []);
        }
    }

    /// <summary>Families take turns, beginning with the one the resolver put first (RFC 8305 section 4).</summary>
    internal static IPAddress[] Interleave(IPAddress[] addresses)
    {
        if (addresses.Length < 2) return addresses;
        var first = addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(a => a.AddressFamily != addresses[0].AddressFamily).ToArray();
        if (second.Length == 0) return addresses;
        var result = new List<IPAddress>(addresses.Length);
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            if (i < first.Length) result.Add(first[i]);
            if (i < second.Length) result.Add(second[i]);
        }

        return [.. result];
    }

    private async ValueTask<DialResult> RaceAsync(Try[] tries, DnsFacts? dns, long started, TimeSpan limit, CancellationToken cancellationToken)
    {
        var running = new List<Task<Try>>(tries.Length);
        Try? winner = null;
        var next = 0;
        try
        {
            while (winner is null && (next < tries.Length || running.Count > 0))
            {
                if (next < tries.Length) running.Add(ConnectAsync(tries[next++], started, limit, cancellationToken));
                while (running.Count > 0)
                {
                    Task<Try> done;
                    if (next < tries.Length)
                    {
                        var any = Task.WhenAny(running);
                        if (await Task.WhenAny(any, Task.Delay(Stagger, clock, cancellationToken)) != any) break;
                        done = await any;
                    }
                    else
                    {
                        done = running.Count == 1 ? running[0] : await Task.WhenAny(running);
                    }

                    running.Remove(done);
                    var finished = await done;
                    if (finished.Connected)
                    {
                        winner = finished;
                        break;
                    }

                    if (next < tries.Length) break;
                }
            }
        }
        finally
        {
            foreach (var t in tries)
            {
                if (!ReferenceEquals(t, winner)) t.Abandon(Elapsed(started));
            }
        }

        cancellationToken.ThrowIfCancellationRequested();
        var facts = Array.ConvertAll(tries[..next], t => t.ToFacts());
        var connectMs = Elapsed(started) - (dns?.DurationMs ?? 0);
        if (winner is not null)
        {
            return new DialResult { Socket = winner.Socket, Loop = winner.Loop, Address = winner.Text, Dns = dns, Tries = facts, ConnectMs = connectMs };
        }

        var allTimedOut = facts.All(t => t.TimedOut);
        return new DialResult
        {
            Dns = dns,
            Tries = facts,
            ConnectMs = connectMs,
            End = allTimedOut ? AttemptEnd.TimedOut : AttemptEnd.ConnectFailed,
            TimedOut = allTimedOut ? TimeoutPhase.Connect : TimeoutPhase.None,
        };
    }

    private async Task<Try> ConnectAsync(Try attempt, long started, TimeSpan limit, CancellationToken cancellationToken)
    {
        attempt.StartMs = Elapsed(started);
        Socket socket;
        try
        {
            socket = attempt.EndPoint is IPEndPoint ip
                ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }
        catch (SocketException e)
        {
            // No descriptor left, or a family this host does not have.
            var errno = e.SocketErrorCode == SocketError.TooManyOpenSockets ? Epoll.WhyNoDescriptor() : null;
            attempt.Fail(e.SocketErrorCode, errno ?? Errno.Of(e.SocketErrorCode, unixSocket: false), Elapsed(started));
            return attempt;
        }

        if (loops is not null && attempt.EndPoint is IPEndPoint) attempt.Loop = new LoopSocket(socket, loops.Here());
        attempt.Socket = socket;
        using var timer = clock.CreateTimer(static s => ((Try)s!).Expire(), attempt, limit, Timeout.InfiniteTimeSpan);
        using var cancel = cancellationToken.UnsafeRegister(static s => ((Try)s!).Abort(), attempt);
        if (attempt.Loop is { } loop)
        {
            var (error, errno) = await loop.ConnectAsync(attempt.EndPoint);
            attempt.Finish(errno is { } number ? Errno.Named(number) : error, errno, Elapsed(started));
        }
        else
        {
            using var args = new ConnectArgs(attempt.EndPoint);
            var error = await args.ConnectAsync(socket);
            // To a unix socket .NET connects without its own loop, so that ours can have it.
            if (error == SocketError.Success && loops is not null) attempt.Loop = LoopSocket.Over(socket, loops.Here());
            attempt.Finish(error, null, Elapsed(started));
        }

        return attempt;
    }

    private double Elapsed(long since) => clock.GetElapsedTime(since).TotalMilliseconds;

    /// <summary>One address, from its start to its end.</summary>
    private sealed class Try(EndPoint endPoint, string text)
    {
        private readonly Lock _lock = new();
        private bool _expired;
        private bool _abandoned;
        private bool _done;
        private double? _endMs;
        private SocketError? _error;
        private int? _errno;

        public EndPoint EndPoint => endPoint;

        public string Text => text;

        public Socket? Socket { get; set; }

        /// <summary>The same on its loop.</summary>
        public LoopSocket? Loop { get; set; }

        public double StartMs { get; set; }

        public bool Connected { get; private set; }

        public void Expire()
        {
            lock (_lock)
            {
                if (_done || _abandoned) return;
                _expired = true;
            }

            Abort();
        }

        public void Abort()
        {
            Loop?.Dispose();
            Socket?.Dispose();
        }

        /// <summary>Called for every address that did not win, finished or not.</summary>
        public void Abandon(double nowMs)
        {
            lock (_lock)
            {
                if (_done && !Connected) return;
                _abandoned = true;
                Connected = false;
                _endMs ??= nowMs;
            }

            Abort();
        }

        public void Fail(SocketError error, int? errno, double nowMs)
        {
            lock (_lock)
            {
                (_error, _errno, _endMs, _done) = (error, errno, nowMs, true);
            }
        }

        public void Finish(SocketError error, int? errno, double nowMs)
        {
            lock (_lock)
            {
                _done = true;
                _endMs ??= nowMs;
                if (_abandoned || _expired)
                {
                    return;
                }

                if (error == SocketError.Success)
                {
                    Connected = true;
                    return;
                }

                (_error, _errno) = (error, errno ?? Errno.Of(error, endPoint is UnixDomainSocketEndPoint));
            }

            Abort();
        }

        public AddressTry ToFacts()
        {
            lock (_lock)
            {
                return new AddressTry
                {
                    Address = text,
                    StartMs = StartMs,
                    DurationMs = Math.Max(0, (_endMs ?? StartMs) - StartMs),
                    Connected = Connected,
                    TimedOut = _expired,
                    Abandoned = _abandoned && !_expired,
                    Error = _error,
                    Errno = _errno,
                };
            }
        }
    }

    /// <summary>Connects without throwing.</summary>
    private sealed class ConnectArgs : SocketAsyncEventArgs
    {
        private readonly TaskCompletionSource<SocketError> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConnectArgs(EndPoint endPoint)
            : base(true) => RemoteEndPoint = endPoint;

        public async ValueTask<SocketError> ConnectAsync(Socket socket)
        {
            try
            {
                if (!socket.ConnectAsync(this)) return SocketError;
            }
            catch (ObjectDisposedException)
            {
                return System.Net.Sockets.SocketError.OperationAborted;
            }
            catch (SocketException e)
            {
                return e.SocketErrorCode;
            }

            return await _done.Task;
        }

        protected override void OnCompleted(SocketAsyncEventArgs e) => _done.TrySetResult(e.SocketError);
    }
}
