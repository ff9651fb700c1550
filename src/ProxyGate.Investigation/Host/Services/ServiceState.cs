namespace ProxyGate.Investigation.Host.Services;

/// <summary>What runs the app, as whoever manages it tells: a systemd unit, a container, a pod.</summary>
/// <param name="Manager"><c>systemd</c>, <c>docker</c>, <c>podman</c>, <c>kubernetes</c>.</param>
/// <param name="Name">What it calls the app.</param>
/// <param name="Running">Whether it says that it runs now.</param>
/// <param name="Detail">Its state in its own words.</param>
public sealed record ServiceState(string Manager, string Name, bool Running, string Detail)
{
    /// <summary>The last lines of its log. Hostile text.</summary>
    public IReadOnlyList<string> LogLines { get; init; } = [];

    internal static IEnumerable<ServiceState> Of(UnitSeen? unit, ContainerSeen? container, PodSeen? pod)
    {
        if (unit is not null)
            yield return new ServiceState("systemd", unit.Unit, unit.ActiveState is "active" or "reloading", unit.Detail) { LogLines = unit.LogLines };
        if (container is not null)
            yield return new ServiceState(container.Engine, container.Name, container.Running, container.Detail) { LogLines = container.LogLines };
        if (pod is not null) yield return new ServiceState("kubernetes", pod.Pod, pod.Ready, pod.Detail);
    }
}
