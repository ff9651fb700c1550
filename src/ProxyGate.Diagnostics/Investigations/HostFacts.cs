namespace ProxyGate.Diagnostics.Investigations;

/// <summary>Who listens at the destination's port on this machine, and near it. Only for destinations on this machine.</summary>
public sealed record ListenerFacts
{
    /// <summary>Whether something listens where the attempt went (a wildcard listener of that family counts).</summary>
    public required bool Listening { get; init; }

    /// <summary>Listeners on the same port, on whatever address, e.g. <c>[::1]:5000</c>.</summary>
    public IReadOnlyList<ListenerSeen> SamePort { get; init; } = [];

    /// <summary>Listeners on other ports that may be the one meant: same program as before, or a neighbouring port.</summary>
    public IReadOnlyList<ListenerSeen> Others { get; init; } = [];

    /// <summary>Connections waiting to be accepted.</summary>
    public int? AcceptQueue { get; init; }

    /// <summary>How many may wait.</summary>
    public int? AcceptQueueLimit { get; init; }

    /// <summary>Bytes of the request that lie unread in the peer's receive queue; absent when the peer's socket was not found.</summary>
    public long? UnreadRequestBytes { get; init; }

    /// <summary>Whether the peer's end of the connection has been accepted by a process.</summary>
    public bool? Accepted { get; init; }

    /// <summary>The process that accepted the connection; a worker where a server shares its listener with workers.</summary>
    public ProcessFacts? AcceptedBy { get; init; }

    /// <summary>A process like the one that listened before, started since, that does not listen on the port yet.</summary>
    public ProcessFacts? Starting { get; init; }
}

/// <summary>One listener.</summary>
/// <param name="Address">Where, e.g. <c>127.0.0.1:5001</c> or <c>*:80</c> for all addresses of a family (<c>[::]:80</c>).</param>
/// <param name="Process">Who; absent when it cannot be seen.</param>
public sealed record ListenerSeen(string Address, ProcessFacts? Process)
{
    /// <summary>For a listener on another port: what speaks for its being the one meant.</summary>
    public ListenerLikeness? Likeness { get; init; }

    /// <summary>How many processes share it: a server and its workers; absent when they cannot be seen.</summary>
    public int? SharedBy { get; init; }
}

public enum ListenerLikeness
{
    /// <summary>It is the program that listened on the destination's port before, or in its unit or container.</summary>
    SameAsBefore,

    /// <summary>Its port is near the destination's.</summary>
    NeighbouringPort,

    /// <summary>It is the only program on this machine that it could be.</summary>
    OnlyCandidate,
}

/// <summary>A process as the kernel shows it.</summary>
public sealed record ProcessFacts
{
    public required int Pid { get; init; }

    public required string Name { get; init; }

    /// <summary>The command line, without the values of options that look like secrets.</summary>
    public string? CommandLine { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it started, on the kernel's own clock since boot: with the number, this tells processes apart for good.</summary>
    public long? StartTicks { get; init; }

    /// <summary>The kernel's state letter: R, S, D, T, Z.</summary>
    public char? State { get; init; }

    public string? Cgroup { get; init; }

    /// <summary>The systemd unit, from the cgroup.</summary>
    public string? Unit { get; init; }

    /// <summary>The container's id, from the cgroup.</summary>
    public string? Container { get; init; }

    /// <summary>Services that start programs of all kinds: restarting one would mend nothing and end much else.</summary>
    private static readonly string[] s_starters =
        ["docker.service", "containerd.service", "podman.service", "crio.service", "cron.service", "crond.service", "ssh.service", "sshd.service", "supervisor.service", "supervisord.service"];

    /// <summary>The unit, where it is the app's own and not that of a program which only started it.</summary>
    public string? OwnUnit => Unit is not null && !s_starters.Contains(Unit) ? Unit : null;

    /// <summary>
    /// Whether both are the same process. The times of start are counted back from the moment they were read, and differ a little each
    /// time, on a busy machine by seconds: they are compared only where there is nothing better.
    /// </summary>
    public bool IsSameProcessAs(ProcessFacts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (Pid != other.Pid) return false;
        if (StartTicks is { } mine && other.StartTicks is { } theirs) return mine == theirs;
        return StartedAt is not { } started || other.StartedAt is not { } earlier || (started - earlier).Duration() <= TimeSpan.FromSeconds(2);
    }

    /// <summary>Whether both are the same app: of one unit or container, or one program that runs the same, whatever its options.</summary>
    public bool IsSameAppAs(ProcessFacts other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (Unit is not null && Unit == other.Unit)
            || (Container is not null && Container == other.Container)
            || (Name == other.Name && CommandLine is { } mine && other.CommandLine is { } theirs && Program(mine) == Program(theirs));
    }

    /// <summary>The program and what it runs, without its options, among which is the port.</summary>
    private static string Program(string commandLine) => string.Join(' ', commandLine.Split(' ').Where(w => !w.StartsWith('-') && !w.All(char.IsAsciiDigit)).Take(2));
}

/// <summary>What is known of the end of the process that served the destination.</summary>
public sealed record DeathFacts
{
    public DateTimeOffset? At { get; init; }

    public int? Pid { get; init; }

    public string? ProcessName { get; init; }

    /// <summary>An OOM kill of this very process, cgroup or container was reported in the window.</summary>
    public bool OomKilled { get; init; }

    /// <summary>The kill hit a process of the app's control group that is not known to have served the destination: a worker or a helper.</summary>
    public bool InGroup { get; init; }

    /// <summary>The memory limit that was hit, in bytes.</summary>
    public long? MemoryLimit { get; init; }

    public int? ExitCode { get; init; }

    /// <summary>The number of the signal that ended it.</summary>
    public int? Signal { get; init; }

    /// <summary>How often its unit or container was restarted.</summary>
    public int? Restarts { get; init; }

    /// <summary>Where this is known from: <c>kernel log</c>, <c>memory.events</c>, <c>memory.oom_control</c>, <c>systemd unit app.service</c>, <c>docker container web</c>, <c>kubernetes pod web-1</c>, <c>/proc</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The line or property it was read from.</summary>
    public string? Detail { get; init; }

    /// <summary>What other sources say of the same end, e.g. <c>docker container web: exited, OOMKilled=true, exit code 137</c>.</summary>
    public IReadOnlyList<string> AlsoSeen { get; init; } = [];

    /// <summary>The last lines of the unit's or container's log. Hostile text.</summary>
    public IReadOnlyList<string> LastLogLines { get; init; } = [];
}

/// <summary>What became of the workers of a server that itself runs on.</summary>
/// <param name="Ended">Those that held the listener when it was last seen and are gone.</param>
/// <param name="Started">Those the server has started since.</param>
public sealed record WorkerFacts(IReadOnlyList<int> Ended, IReadOnlyList<ProcessFacts> Started);

/// <summary>What the app wrote into the file its output goes to, since it was last seen well.</summary>
/// <param name="File">The file's path; <c>journal of shop.service</c> or the like where it is none.</param>
/// <param name="Lines">The last lines, without what looks like a secret. Hostile text.</param>
public sealed record AppLogFacts(string File, IReadOnlyList<string> Lines);

/// <summary>Limits of this machine that keep a gateway from connecting.</summary>
public sealed record LocalLimitFacts
{
    public int? OpenFiles { get; init; }

    public int? OpenFileLimit { get; init; }

    /// <summary>Local ports in use towards this destination.</summary>
    public int? PortsInUse { get; init; }

    public int? PortRange { get; init; }

    public long? ConntrackCount { get; init; }

    public long? ConntrackLimit { get; init; }

    /// <summary>Growth of the listen queue overflow counter since the last sample, network namespace wide.</summary>
    public long? ListenOverflows { get; init; }
}
