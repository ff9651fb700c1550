using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>
/// What is known of incidents and failures, for the dashboard, the API and the command line: of this gateway, and of every other that shares the
/// store. What was recorded a moment ago appears within a second. Never throws because the store cannot be read: it answers with what memory has,
/// and <see cref="Status"/> says so.
/// </summary>
internal interface IIncidentArchive
{
    ArchiveStatus Status { get; }

    /// <summary>The open ones first, then by the last failure, newest first.</summary>
    Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken);

    /// <summary>One incident whole; absent when there is none of this id, or no longer.</summary>
    Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken);

    /// <summary>Kept failures, newest first. In a storm a kept one may stand for several: <see cref="FailureEntry.Occurrences"/>.</summary>
    Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken);

    /// <summary>One failure by its id, as <c>FailureId.TryParse</c> gives it; absent when it was not kept.</summary>
    Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken);

    /// <summary>Exact numbers of failures over time, one series a cause; moments without failures are left out.</summary>
    Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken);

    /// <summary>
    /// What changes from now on, for server-sent events, until cancelled. A reader that is too slow misses changes and is told so
    /// (<see cref="ArchiveChangeKind.Missed"/>): it then asks anew.
    /// </summary>
    IAsyncEnumerable<ArchiveChange> WatchAsync(CancellationToken cancellationToken);
}
