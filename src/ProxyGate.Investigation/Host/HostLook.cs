using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host.Deaths;
using ProxyGate.Investigation.Host.Limits;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Services;
using ProxyGate.Investigation.Host.Sockets;

namespace ProxyGate.Investigation.Host;

/// <summary>
/// Looks at this machine after a failure: who listens where the attempt went, who did before, how that one ended, and which limits
/// are reached. It only reads. It never throws but for the caller's own cancellation: what cannot be seen is said in
/// <see cref="HostFindings.NotSeen"/>.
/// </summary>
public sealed class HostLook(HostPaths paths, TimeProvider time)
{
    /// <summary>What the answer costs beyond the limit of the techniques: they end when told, but on a busy machine their threads are late.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    public async Task<HostFindings> LookAsync(Question question, ListenerMemory memory, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(paths.LookLimit);
        var sight = new Sight(paths, time, limit.Token);
        if (!OperatingSystem.IsLinux())
        {
            sight.Miss("listeners and processes on this machine", "they are looked at on Linux only");
            return new HostFindings { Where = Whereabouts.Elsewhere, NotSeen = sight.NotSeen };
        }

        var look = Task.Run(() => LookAsync(sight, question, memory), CancellationToken.None);
        try
        {
            return await look.WaitAsync(paths.LookLimit + s_grace, cancellationToken);
        }
        catch (TimeoutException)
        {
            sight.Miss("listeners and processes on this machine", "looking took too long");
            return new HostFindings { Where = Whereabouts.Elsewhere, NotSeen = sight.NotSeen, Steps = sight.Steps };
        }
    }

    private static async Task<HostFindings> LookAsync(Sight sight, Question question, ListenerMemory memory)
    {
        var place = ListenerPlace.Of(question);
        var before = place is null ? null : memory.Recall(place, question.FailedAt);
        var limits = Task.Run(() => sight.Look("limits", "the limits of this machine", () => LocalLimits.Read(sight, place?.Address, memory.OverflowsBefore)));
        var (where, network) = place switch
        {
            null => (Whereabouts.Elsewhere, null),
            { Address: { } address } => sight.Look("whereabouts", "whether the destination is on this machine", () => NetworkFinder.Find(sight, address.Address)),
            _ => (Whereabouts.Here, (int?)null),
        };

        // A container that is gone has taken its network along; what was remembered of it says where it was.
        if (where == Whereabouts.Elsewhere && before is { InContainer: true }) where = Whereabouts.InContainer;

        // The kernel's log, the service manager and the engines are asked while the sockets are looked at.
        var ended = before is not null && Ending.HasEnded(sight, before);
        var workers = before is null || ended ? null : sight.Look("workers", "which workers ended", () => WorkerLook.Find(sight, before));
        var sources = new EndSources(sight, question, where, before, ended, workers is not null, ProcessReader.OwnCgroup(sight));
        sources.Start();
        var listeners = place is null || where == Whereabouts.Elsewhere || (where == Whereabouts.InContainer && network is null)
            ? null
            : sight.Look("listeners", "who listens on this machine", () => Listen(sight, question, place, new SocketTable(sight, network), before));
        if (listeners is { Facts.Listening: false } && before is not null && ended)
        {
            var starting = sight.Look("starting", "whether the program is starting again", () => StartingAgain.Find(sight, before));
            listeners = listeners with { Facts = listeners.Facts with { Starting = starting } };
        }

        var evidence = await sources.EndAsync(listeners?.Process);
        var log = before is not null && (ended || workers is not null) ? Log(sight, before, evidence) : null;
        var death = sight.Look("end", "how the process ended", () => Ending.Tell(sight, before, ended, sources.From, evidence));
        return new HostFindings
        {
            Where = where,
            Listener = listeners?.Facts,
            Process = listeners?.Process?.Facts,
            ProcessBefore = before?.Facts,
            Death = death is { LastLogLines.Count: 0 } && log is not null ? death with { LastLogLines = log.Lines } : death,
            Services = [.. ServiceState.Of(evidence.Unit, evidence.Container, evidence.Pod)],
            Workers = workers,
            Log = log,
            Limits = await limits,
            Changes = Replacements.Tell(question, place is null ? [] : memory.History(place), listeners?.Process?.Facts ?? listeners?.Facts.Starting, evidence),
            NotSeen = sight.NotSeen,
            Steps = sight.Steps,
        };
    }

    private static AppLogFacts? Log(Sight sight, RememberedListener before, EndEvidence evidence) => AppLog.Read(sight, before)
        ?? (evidence.Unit is { LogLines.Count: > 0 } unit ? new AppLogFacts($"journal of {unit.Unit}", unit.LogLines)
            : evidence.Container is { LogLines.Count: > 0 } container ? new AppLogFacts($"log of {container.Name}", container.LogLines) : null);

    private static ListenersSeen? Listen(Sight sight, Question question, ListenerPlace place, SocketTable table, RememberedListener? before)
    {
        if (place.Address is { } address) return Listeners.Tcp(sight, question, address, table, before);
        var seen = Listeners.Unix(sight, place.SocketPath!, table);
        if (seen is { Facts.Listening: false } && question.Cause != ProxyGate.Diagnostics.Causes.CauseId.ConnectRefused && File.Exists(place.SocketPath))
        {
            // Sockets of other networks on this machine are not listed, though their files may be shared.
            sight.Miss($"who listens on {place.SocketPath}", "no listener of the gateway's own network has it; one in a container may");
            return null;
        }

        return seen;
    }
}
