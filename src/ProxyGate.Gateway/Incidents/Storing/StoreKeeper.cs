using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents.Storing.Sql;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// Opens the configured store and writes to it, through everything that can happen to it: a server that is away, a full disk, a damaged file, a
/// folder nobody may write. Says each once, and when it is over. For one caller at a time.
/// </summary>
internal sealed partial class StoreKeeper(
    IGatewaySettingsSource settings, IncidentTracker incidents, IncidentArchive archive, SampleQueue samples, TimeProvider clock, ILogger<StoreKeeper> log) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Tidy = TimeSpan.FromMinutes(1);

    /// <summary>A server is asked for more than a file's header.</summary>
    private static readonly TimeSpan TidyServer = TimeSpan.FromMinutes(10);

    private readonly IncidentSettings _settings = settings.Current.Incidents;
    private readonly PendingBatch _pending = new(samples);
    private readonly long _started = clock.GetTimestamp();
    private SqlStore? _store;
    private bool _givenUp;
    private bool _loaded;
    private TimeSpan _pause = FirstPause;
    private TimeSpan _notBefore;
    private TimeSpan _beaten;
    private TimeSpan _tidied;

    /// <summary>Whether all that was handed over is in a store that outlives the gateway.</summary>
    public bool IsStored => archive.Store is not null && _pending.IsEmpty;

    private TimeSpan Now => clock.GetElapsedTime(_started);

    /// <summary>The name before a store gives one.</summary>
    public static string NameOf(IncidentSettings settings) => settings.Gateway ?? Environment.MachineName;

    /// <summary>Opens the store, and goes on with the incidents that were open.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (incidents.Gateway.Length == 0) incidents.Gateway = archive.Memory.Gateway = NameOf(_settings);
        if (_settings.Store == "memory" || _givenUp || archive.Store is not null || Now < _notBefore) return;
        try
        {
            var store = _store ??= Create(_settings, clock);
            try
            {
                await ((SqlStore)store).PrepareAsync(cancellationToken);
            }
            catch (StoreException e) when (e.Trouble == StoreTrouble.Damaged)
            {
                await SetAsideAsync(cancellationToken);
            }

            incidents.Gateway = archive.Memory.Gateway = await store.ClaimAsync(NameOf(_settings), cancellationToken);
            await GoOnAsync(store, cancellationToken);
            archive.Store = store;
            Works();
        }
        catch (StoreException e)
        {
            Failed(e);
        }
    }

    /// <summary>Keeps the batch: in memory at once, in the store as soon as it can be.</summary>
    public async Task WriteAsync(StoreBatch batch, CancellationToken cancellationToken)
    {
        if (!batch.IsEmpty)
        {
            await archive.Memory.WriteAsync(batch, cancellationToken);
            if (_settings.Store != "memory" && !_givenUp) _pending.Add(batch);
        }

        await OpenAsync(cancellationToken);
        if (archive.Store is not { } store || Now < _notBefore) return;
        try
        {
            if (!_pending.IsEmpty)
            {
                await store.WriteAsync(_pending.Now, cancellationToken);
                _pending.Clear();
                Works();
            }

            await LookAfterAsync(store, cancellationToken);
        }
        catch (StoreException e) when (e.Trouble == StoreTrouble.Damaged)
        {
            await StartAnewAsync(cancellationToken);
        }
        catch (StoreException e)
        {
            Failed(e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_store is not null) await _store.DisposeAsync();
    }

    internal static SqlStore Create(IncidentSettings settings, TimeProvider clock) =>
        new(settings.Store == "postgres" ? new PostgresDatabase(settings.ConnectionString ?? "") : new SqliteDatabase(settings.File), clock);

    private async Task GoOnAsync(SqlStore store, CancellationToken cancellationToken)
    {
        if (_loaded) return;
        var stored = await store.LoadAsync(clock.GetUtcNow() - IncidentTracker.FlapWindow, cancellationToken);
        // The same that failed anew before these were read is counted there; the old ones cannot be gone on with.
        foreach (var old in incidents.Restore(stored).Where(i => i.Incident.IsOpen)) _pending.Add(new StoreBatch([old with { Incident = old.Incident with { Status = IncidentStatus.Quiet } }], [], []));
        await archive.Memory.WriteAsync(new StoreBatch(stored, [], []), cancellationToken);
        _loaded = true;
    }

    private async Task LookAfterAsync(IDurableStore store, CancellationToken cancellationToken)
    {
        if (Now - _beaten >= Beat)
        {
            _beaten = Now;
            await store.BeatAsync(cancellationToken);
        }

        if (Now - _tidied < (store.Kind == "postgres" ? TidyServer : Tidy)) return;
        _tidied = Now;
        await store.TidyAsync(_settings.MaxAge, _settings.MaxSize, cancellationToken);
    }

    /// <summary>The file was found damaged, or is gone: a new one takes what memory has.</summary>
    private async Task StartAnewAsync(CancellationToken cancellationToken)
    {
        archive.Store = null;
        try
        {
            if (_store is SqlStore { Database: SqliteDatabase { IsThere: false } gone })
            {
                await gone.DisposeAsync();
                LogGone(gone.Place);
                await gone.PrepareAsync(cancellationToken);
            }
            else
            {
                await SetAsideAsync(cancellationToken);
            }

            await _store!.ClaimAsync(NameOf(_settings), cancellationToken);
            _pending.Add(archive.Memory.Everything());
            incidents.ChangeAll();
            archive.Store = _store;
            Works();
        }
        catch (StoreException e)
        {
            Failed(e);
        }
    }

    private async Task SetAsideAsync(CancellationToken cancellationToken)
    {
        if (_store is not SqlStore { Database: SqliteDatabase file }) return;
        if (await file.SetAsideAsync(clock.GetUtcNow(), cancellationToken) is not { } aside) return;
        LogSetAside(file.Place, aside);
        await file.PrepareAsync(cancellationToken);
    }

    private void Failed(StoreException e)
    {
        var first = archive.Trouble is null;
        if (e.Trouble is StoreTrouble.Lasting or StoreTrouble.TooNew)
        {
            (_givenUp, archive.Store) = (true, null);
            _pending.Clear();
            archive.Trouble = e.Message;
            LogGivenUp(e.Message);
            return;
        }

        archive.Trouble = e.Message;
        if (first) LogPassing(e.Message);
        _notBefore = Now + _pause;
        _pause = _pause * 2 > LongestPause ? LongestPause : _pause * 2;
    }

    private void Works()
    {
        _pause = FirstPause;
        if (archive.Trouble is null) return;
        archive.Trouble = null;
        LogWorks(_store!.Place);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incidents are kept in memory only, until the gateway stops: {Reason:l}")]
    private partial void LogGivenUp(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incidents cannot be stored now, and are kept in memory meanwhile: {Reason:l} It is tried again.")]
    private partial void LogPassing(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Incidents are stored in {Place:l} again; all counts are right, older samples may be missing.")]
    private partial void LogWorks(string? place);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File:l} was damaged. It was set aside as {Aside:l}, and a new one begun.")]
    private partial void LogSetAside(string file, string aside);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File:l} was removed while the gateway ran. A new one was begun.")]
    private partial void LogGone(string file);
}
