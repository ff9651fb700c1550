namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>The faults of one machine, each made with real processes. A new row is all a new fault needs.</summary>
internal static class RootCauses
{
    public static IReadOnlyList<RootCause> All { get; } = [.. ListenerCauses.All, .. DeathCauses.All, .. WaitCauses.All, .. ServiceCauses.All];
}
