using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Webhooks;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>Where incidents and samples are kept. What it throws is handled by the writer and the archive, never by a request.</summary>
internal interface IIncidentStore : IAsyncDisposable
{
    /// <summary><c>sqlite</c>, <c>postgres</c> or <c>memory</c>.</summary>
    string Kind { get; }

    /// <summary>The file or the server, without credentials; absent in memory.</summary>
    string? Place { get; }

    /// <summary>All of the batch or nothing. Writing one twice does no harm.</summary>
    Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken);

    Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken);

    Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken);

    Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken);

    Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken);

    Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken);
}

/// <summary>A store that outlives the gateway and may be shared with others.</summary>
internal interface IDurableStore : IIncidentStore
{
    /// <summary>Takes this name, or with a number behind it when a gateway that lives has it; keeps it until disposed.</summary>
    Task<string> ClaimAsync(string name, CancellationToken cancellationToken);

    /// <summary>Says that the gateway lives.</summary>
    Task BeatAsync(CancellationToken cancellationToken);

    /// <summary>The incidents of the claimed name that are open, or recovered at or after a moment.</summary>
    Task<IReadOnlyList<StoredIncident>> LoadAsync(DateTimeOffset recoveredSince, CancellationToken cancellationToken);

    /// <summary>
    /// Messages that gateways which are gone left for these webhooks, now this gateway's own. At its first call, also those of the claimed name; those of that
    /// name for other webhooks are forgotten.
    /// </summary>
    Task<IReadOnlyList<WebhookMessage>> AdoptAsync(IReadOnlyList<string> webhooks, CancellationToken cancellationToken);

    /// <summary>Other gateways' incidents that changed after a moment.</summary>
    Task<IReadOnlyList<Incident>> ChangedElsewhereAsync(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Forgets what is too old or too much, and closes what gateways that are gone left open.</summary>
    Task TidyAsync(TimeSpan maxAge, long maxBytes, CancellationToken cancellationToken);
}

/// <summary>Why a store cannot be used.</summary>
internal enum StoreTrouble
{
    /// <summary>It may work later: the server is down, the disk is full, the file is locked.</summary>
    Passing,

    /// <summary>It will not work by waiting: the folder cannot be written, the configuration is wrong.</summary>
    Lasting,

    /// <summary>A later version of ProxyGate made it.</summary>
    TooNew,

    /// <summary>The file is damaged.</summary>
    Damaged,
}

internal sealed class StoreException(StoreTrouble trouble, string message, Exception? inner = null) : Exception(message, inner)
{
    public StoreTrouble Trouble => trouble;
}
