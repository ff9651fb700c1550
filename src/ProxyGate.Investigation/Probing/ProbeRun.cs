using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Names;
using ProxyGate.Investigation.Probing.Paths;
using ProxyGate.Investigation.Probing.Services;
using ProxyGate.Investigation.Probing.Sockets;

namespace ProxyGate.Investigation.Probing;

/// <summary>The techniques for one question, each in its own safety net: what fails becomes a <see cref="BlindSpot"/>, and the others go on.</summary>
internal sealed class ProbeRun(Question question, Technique techniques, ResolverSettings resolver, TimeProvider clock)
{
    private static readonly TimeSpan NameLimit = TimeSpan.FromMilliseconds(1200);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromMilliseconds(1400);
    private const int MostOthers = 4;

    private readonly ConcurrentQueue<BlindSpot> _notSeen = [];

    public ProbeTarget Target { get; } = ProbeTarget.Of(question);

    public IReadOnlyList<BlindSpot> NotSeen => [.. _notSeen.Distinct()];

    public async Task<NamesSeen> NamesAsync(CancellationToken cancellationToken)
    {
        var nothing = new NamesSeen([], [], []);
        if (!techniques.HasFlag(Technique.Names) || Target.Name is not { } name) return nothing;
        var seen = await GuardAsync("what the name servers say", nothing, ct => new NameLook(resolver, clock).LookAsync(name, NameLimit, ct), cancellationToken);
        Note(seen.NotSeen);
        return seen;
    }

    public async Task<PathSeen?> PathAsync(IPEndPoint address, IReadOnlyList<IPEndPoint> others, CancellationToken cancellationToken)
    {
        if (!techniques.HasFlag(Technique.Connect)) return null;
        if (!Libc.Available)
        {
            Note([new BlindSpot("the way to " + address.Address, Libc.NotAvailable)]);
            return new PathSeen(new PathFacts(), [await ConnectAsync(address, cancellationToken)], []);
        }

        var seen = await GuardAsync(
            "the way to " + address.Address,
            null,
            // It waits in the kernel: a thread of its own keeps it from holding up others.
            ct => Task.Factory.StartNew<PathSeen?>(
                () =>
                {
                    using var look = new PathLook(address, techniques, clock);
                    return look.Look([.. others.Where(o => o.Address.Equals(address.Address) && o.Port != address.Port).Distinct().Take(MostOthers)], ConnectPatience, ct);
                },
                ct, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        Note(seen?.NotSeen ?? []);
        return seen;
    }

    /// <summary>A connect by .NET's own means: for unix sockets, other systems, and addresses of which only success matters.</summary>
    public async Task<AddressTry> ConnectAsync(EndPoint end, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromMilliseconds(600));
        using var socket = new Socket(end.AddressFamily, SocketType.Stream, end is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        SocketError? error = null;
        var timedOut = false;
        try
        {
            await socket.ConnectAsync(end, deadline.Token);
        }
        catch (SocketException e)
        {
            error = e.SocketErrorCode;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            timedOut = true;
        }

        return new AddressTry
        {
            Address = end.ToString()!,
            DurationMs = clock.GetElapsedTime(started).TotalMilliseconds,
            Connected = socket.Connected,
            TimedOut = timedOut,
            Error = error,
            Errno = error is { } known ? ErrnoOf(known, end is UnixDomainSocketEndPoint) : null,
        };
    }

    public async Task<ServiceFacts> ServiceAsync(EndPoint end, AddressTry connect, CancellationToken cancellationToken)
    {
        var connected = new ServiceFacts
        {
            Connected = connect.Connected,
            ConnectErrno = connect.Errno,
            ConnectTimedOut = connect.TimedOut,
            ConnectMs = connect.DurationMs,
        };
        return techniques.HasFlag(Technique.Service)
            ? await GuardAsync("what speaks there", connected, ct => SpeakAsync(end, connected, ct), cancellationToken)
            : connected;
    }

    private async Task<ServiceFacts> SpeakAsync(EndPoint end, ServiceFacts connected, CancellationToken cancellationToken)
    {
        using var look = new ServiceLook(end, Target.ServerName, clock);
        return await look.LookAsync(connected, cancellationToken);
    }

    public async Task<HealthFacts?> HealthAsync(EndPoint end, CancellationToken cancellationToken)
    {
        if (!techniques.HasFlag(Technique.Health) || question.HealthPath is not { } path || Target.Configured is not { } configured) return null;
        return await GuardAsync<HealthFacts?>("the health endpoint", null, async ct => await new HealthLook(end, configured, Target.ServerName, clock).LookAsync(path, ct), cancellationToken);
    }

    /// <summary>The addresses the system's own resolver gives, which may know sources that are not asked here; none when it gives none in time.</summary>
    public async Task<IReadOnlyList<IPAddress>> SystemAddressesAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name, cancellationToken).WaitAsync(NameLimit, clock, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or TimeoutException or ArgumentException)
        {
            return []; // what the name servers say stands beside it
        }
    }

    /// <summary>
    /// Nothing a hostile peer, a strange kernel or a missing privilege does may end the look; only who asked may. What was not seen is said.
    /// </summary>
    private async Task<T> GuardAsync<T>(string what, T otherwise, Func<CancellationToken, Task<T>> look, CancellationToken cancellationToken)
    {
        try
        {
            return await look(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Note([new BlindSpot(what, "looking failed: " + e.Message)]);
            return otherwise;
        }
    }

    private void Note(IEnumerable<BlindSpot> spots)
    {
        foreach (var spot in spots) _notSeen.Enqueue(spot);
    }

    private static int? ErrnoOf(SocketError error, bool unixSocket) => error switch
    {
        SocketError.AddressNotAvailable => unixSocket ? 2 : 99,
        SocketError.AccessDenied => 13,
        SocketError.ConnectionRefused => 111,
        SocketError.HostUnreachable => 113,
        SocketError.NetworkUnreachable => 101,
        SocketError.WouldBlock or SocketError.TryAgain => 11,
        SocketError.InvalidArgument => 22,
        _ => null,
    };
}
