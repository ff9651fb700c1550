using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Investigation;

/// <summary>
/// Looks at one destination after a failure: at this machine and at the network, within one time limit. It never throws but for the
/// caller's own cancellation; what it could not see stands in <see cref="InvestigationFacts.NotSeen"/>. How often and how many at once is
/// for the caller to limit.
/// </summary>
public sealed class Investigator(HostLook host, ProbeLook probe, ListenerMemory listeners, DnsMemory names, TimeProvider clock)
{
    /// <summary>A silent SYN needs its time; everything else is done in less than half of it.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(9);

    /// <summary>Whether a look can tell more of such a failure than the attempt did: not of the client's faults, nor of the gateway's own decisions.</summary>
    public static bool CanTell(string cause) => cause switch
    {
        CauseId.GatewayPortsExhausted or CauseId.GatewayFdsExhausted => true,
        CauseId.NoHealthyDestination or CauseId.CircuitOpen => false,
        _ => Techniques.For(cause) != Technique.None,
    };

    public async Task<InvestigationFacts> LookAsync(Question question, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        var started = clock.GetTimestamp();
        var at = clock.GetUtcNow();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);

        var atHost = host.LookAsync(question, listeners, limit.Token);
        // On this machine our own connections would stand in the very queue that is looked at: the host first.
        if (IsHere(question)) await Settled(atHost);
        var atNetwork = probe.LookAsync(question, names, limit.Token);
        var blind = new List<BlindSpot>();
        var seen = await OrBlindAsync(atHost, "this machine", blind, cancellationToken);
        var probed = await OrBlindAsync(atNetwork, "the network", blind, cancellationToken);
        return Join(question, at, clock.GetElapsedTime(started).TotalMilliseconds, seen, probed, blind);
    }

    /// <summary>What this machine and the network showed, as one look.</summary>
    public static InvestigationFacts Join(Question question, DateTimeOffset at, double durationMs, HostFindings? seen, ProbeResult? probed, IReadOnlyList<BlindSpot> blind)
    {
        ArgumentNullException.ThrowIfNull(question);
        return new InvestigationFacts
        {
            Destination = question.Destination,
            Address = question.SocketPath ?? question.Address?.ToString() ?? question.ConfiguredUrl,
            At = at,
            DurationMs = durationMs,
            GatewayContainer = OwnContainer.Kind,
            Listener = seen?.Listener,
            Process = seen?.Process,
            ProcessBefore = seen?.ProcessBefore,
            Death = seen?.Death,
            Workers = seen?.Workers,
            Log = seen?.Log,
            Limits = seen?.Limits,
            Service = probed?.Service,
            Path = probed?.Path,
            Names = probed?.Names ?? [],
            Addresses = probed?.Addresses ?? [],
            Health = probed?.Health,
            Changes = [.. (seen?.Changes ?? []).Concat(probed?.Changes ?? []).OrderByDescending(c => c.At)],
            NotSeen = [.. (seen?.NotSeen ?? []).Concat(probed?.NotSeen ?? []).Concat(blind)],
        };
    }

    private static Task Settled(Task task) => task.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private static async Task<T?> OrBlindAsync<T>(Task<T> look, string where, List<BlindSpot> blind, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await look;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            blind.Add(new BlindSpot($"what {where} shows", "looking took too long"));
            return null;
        }
    }

    /// <summary>Only an address of this machine can be bound to.</summary>
    private static bool IsHere(Question question)
    {
        if (question.SocketPath is not null) return true;
        if (question.Address is not { } address) return false;
        if (IPAddress.IsLoopback(address.Address)) return true;
        using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(new IPEndPoint(address.Address, 0));
            return true;
        }
        catch (SocketException)
        {
            return false; // EADDRNOTAVAIL: another machine's
        }
    }
}
