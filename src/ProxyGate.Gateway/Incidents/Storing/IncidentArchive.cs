using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// Answers from the store while it can be read, else from memory, which has the newest of everything. Which of them it is, and why, it says in its
/// <see cref="Status"/>.
/// </summary>
internal sealed class IncidentArchive(MemoryStore memory, SampleQueue samples, ChangeFeed feed, IncidentTracker? tracker = null) : IIncidentArchive
{
    private volatile IDurableStore? _store;
    private volatile string? _trouble;
    private volatile string? _unread;

    public MemoryStore Memory => memory;

    /// <summary>Absent while there is only memory.</summary>
    public IDurableStore? Store
    {
        get => _store;
        set => _store = value;
    }

    /// <summary>Why the store is not as configured, or cannot be written now.</summary>
    public string? Trouble
    {
        get => _trouble;
        set
        {
            _trouble = value;
            if (value is null) _unread = null;
        }
    }

    public ArchiveStatus Status
    {
        get
        {
            IIncidentStore store = _store is { } durable ? durable : memory;
            return new ArchiveStatus(store.Kind, store.Place, memory.Gateway, _trouble ?? _unread, samples.Dropped, tracker?.FoldedDropped ?? 0);
        }
    }

    public Task<ArchivePage<Incident>> IncidentsAsync(IncidentFilter filter, CancellationToken cancellationToken) =>
        AskAsync(s => s.IncidentsAsync(filter, cancellationToken));

    public Task<IncidentWhole?> IncidentAsync(string id, CancellationToken cancellationToken) => AskAsync(s => s.IncidentAsync(id, cancellationToken));

    public Task<ArchivePage<FailureEntry>> FailuresAsync(FailureFilter filter, CancellationToken cancellationToken) =>
        AskAsync(s => s.FailuresAsync(filter, cancellationToken));

    public Task<FailureWhole?> FailureAsync(string id, CancellationToken cancellationToken) => AskAsync(s => s.FailureAsync(id, cancellationToken));

    public Task<IReadOnlyList<CauseSeries>> CountsAsync(CountQuery query, CancellationToken cancellationToken) => AskAsync(s => s.CountsAsync(query, cancellationToken));

    public IAsyncEnumerable<ArchiveChange> WatchAsync(CancellationToken cancellationToken) => feed.WatchAsync(cancellationToken);

    private async Task<T> AskAsync<T>(Func<IIncidentStore, Task<T>> ask)
    {
        if (_store is not { } store) return await ask(memory);
        try
        {
            // A file answers on the caller's thread; a long answer must not hold one that serves requests.
            var answer = await Task.Run(() => ask(store));
            _unread = null;
            return answer;
        }
        catch (StoreException e)
        {
            _unread = e.Message;
            return await ask(memory);
        }
    }
}
