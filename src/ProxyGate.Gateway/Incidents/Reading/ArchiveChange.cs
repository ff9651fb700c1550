using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

internal enum ArchiveChangeKind
{
    /// <summary>A new incident; also one that had recovered and fails again soon after.</summary>
    Opened,

    /// <summary>It grew worse; see <see cref="Incident.WorsenedAt"/>.</summary>
    Worsened,

    Recovered,

    /// <summary>Its numbers changed, it fell silent, or a look found something.</summary>
    Updated,

    /// <summary>A failure was kept.</summary>
    Failure,

    /// <summary>This reader was too slow; changes are missing here.</summary>
    Missed,
}

/// <summary>Something changed.</summary>
/// <param name="Incident">As it stands now; absent for <see cref="ArchiveChangeKind.Failure"/> and <see cref="ArchiveChangeKind.Missed"/>.</param>
/// <param name="Failure">The failure, for <see cref="ArchiveChangeKind.Failure"/>.</param>
internal sealed record ArchiveChange(ArchiveChangeKind Kind, Incident? Incident = null, FailureEntry? Failure = null);

/// <summary>How the archive does.</summary>
/// <param name="Store">Where it is kept now: <c>sqlite</c>, <c>postgres</c> or <c>memory</c>.</param>
/// <param name="Place">The file or the server, without credentials; absent in memory.</param>
/// <param name="Gateway">The name this gateway's rows carry.</param>
/// <param name="Trouble">Why it is not as configured or cannot be written at present, as a sentence; absent when all is well.</param>
/// <param name="SamplesDropped">Failures since the start that were counted but could not be kept as samples because too many came at once.</param>
/// <param name="IdsDropped">Failures of storms since the start that were counted but cannot be found by their ids, because too many came at once.</param>
internal sealed record ArchiveStatus(string Store, string? Place, string Gateway, string? Trouble, long SamplesDropped, long IdsDropped);
