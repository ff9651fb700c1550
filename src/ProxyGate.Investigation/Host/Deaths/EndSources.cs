using System.Net;
using ProxyGate.Investigation.Host.Processes;
using ProxyGate.Investigation.Host.Services;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>What the sources that may know of a process's end said.</summary>
internal sealed record EndEvidence
{
    public KernelReport? Kernel { get; init; }

    /// <summary>Kills in the process's own control group since it was remembered.</summary>
    public MemoryGroup? NewKills { get; init; }

    public UnitSeen? Unit { get; init; }

    public ContainerSeen? Container { get; init; }

    public PodSeen? Pod { get; init; }
}

/// <summary>Asks, side by side, all sources that may know how the process that served the destination ended.</summary>
internal sealed class EndSources(Sight sight, Question question, Whereabouts where, RememberedListener? before, bool ended, bool workersEnded, CgroupPlace gateway)
{
    /// <summary>How far back an end can be that explains the failure, when the process was never seen alive.</summary>
    internal static readonly TimeSpan Window = TimeSpan.FromMinutes(10);

    private Task<KernelReport?> _kernel = Task.FromResult<KernelReport?>(null);
    private Task<UnitSeen?>? _unit;
    private Task<ContainerSeen?>? _container;
    private Task<PodSeen?> _pod = Task.FromResult<PodSeen?>(null);

    /// <summary>From when on an end counts: before it was last seen, the process was alive.</summary>
    public DateTimeOffset From => before?.LastSeen ?? (question.Unit is null ? question.FailedAt - Window : DateTimeOffset.UnixEpoch);

    /// <summary>Starts those that need not wait for the listeners.</summary>
    public void Start()
    {
        if (question.Unit is { } named) AskUnit(named);
        if (before is not null)
        {
            _kernel = Task.Run(() => sight.Look("kernel log", "OOM kills and crashes in the kernel log", () => KernelJoin.Find(sight, KernelLog.Read(sight), before, gateway)));
            if (ended || workersEnded) Ask(before.Facts.Unit, before.Facts.Container, before.Cgroup);
        }
        else if (where == Whereabouts.Here && !question.ByHand)
        {
            sight.Miss("who listened there before the failure", "the gateway had not seen it while it was healthy");
        }

        if (question.Address is { } address && where != Whereabouts.Here && Kubernetes.IsHere(sight.Paths))
            _pod = Task.Run(() => sight.LookAsync("kubernetes", "the last state of the pod", () => Kubernetes.SeeAsync(sight, address.Address)));
    }

    /// <summary>Waits for all. A process that was never seen before is asked about by what runs there now, if that has just begun.</summary>
    public async Task<EndEvidence> EndAsync(ProcessSeen? now)
    {
        if (before is null && (now is null || question.ByHand || now.Facts.StartedAt > From)) Ask(now?.Facts.Unit, now?.Facts.Container, now?.Cgroup);
        return new EndEvidence
        {
            Kernel = await _kernel,
            NewKills = sight.Look("memory group", "OOM kills in the process's control group", NewKills),
            Unit = await (_unit ?? Task.FromResult<UnitSeen?>(null)),
            Container = await (_container ?? Task.FromResult<ContainerSeen?>(null)),
            Pod = await _pod,
        };
    }

    private void Ask(string? unit, string? container, CgroupPlace? cgroup)
    {
        if (unit is not null)
            AskUnit(unit);
        else if (cgroup?.UserManaged == true)
            sight.Miss("how the service fared", "it belongs to a user's own service manager, which only that user may ask");

        // A program that was seen running outside of any container is not looked for in one.
        if (container is null && cgroup?.Path is not null && unit is not null && !IsPortProxy) return;
        if (question.SocketPath is not null && container is null) return;
        var sought = new ContainerSought(container, where == Whereabouts.Here ? question.Address?.Port : null, where == Whereabouts.Here ? null : question.Address?.Address, HostName());
        _container = Task.Run(() => sight.LookAsync("containers", "the state of containers", () => ContainerEngine.SeeAsync(sight, sought)));
    }

    /// <summary>Once: the unit a person named goes before the one that was seen.</summary>
    private void AskUnit(string unit) =>
        _unit ??= Task.Run(() => sight.LookAsync("systemd", $"how the unit {unit} fared", () => SystemdUnits.SeeAsync(sight, unit, From)));

    /// <summary>Engines pass connections on to a published port with a process of their own, which runs in the engine's unit.</summary>
    private bool IsPortProxy => before?.Facts.Name is "docker-proxy" or "rootlessport" or "slirp4netns" or "pasta";

    private string? HostName() =>
        where != Whereabouts.Here && Uri.TryCreate(question.ConfiguredUrl, UriKind.Absolute, out var url) && url.HostNameType == UriHostNameType.Dns ? url.Host : null;

    private MemoryGroup? NewKills()
    {
        if (before?.Memory is not { } then || !before.Cgroup.IsApartFrom(gateway)) return null;
        var now = MemoryGroup.Read(sight, before.Cgroup);
        return now is not null && now.Source == then.Source && now.Kills > then.Kills ? now with { Kills = now.Kills - then.Kills } : null;
    }
}
