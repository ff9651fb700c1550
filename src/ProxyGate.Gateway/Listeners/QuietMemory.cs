using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Gives memory back once the gateway has gone quiet. The collector works when somebody allocates, so what the last busy minutes left, and the idle
/// connections that were put to rest since, would stay until the next ones. Never while there is work: it stops everything for some tens of milliseconds.
/// </summary>
internal sealed partial class QuietMemory(BlockPool blocks, TimeProvider time, ILogger<QuietMemory> logger) : BackgroundService
{
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>So much between two looks is allocated when hardly anything happens: probes, a scrape of the metrics, a few requests a second.</summary>
    private const long Quiet = 512 * 1024;

    /// <summary>Less than this since the last time is not worth a collection.</summary>
    private const long Worth = 8 * 1024 * 1024;

    private static readonly TimeSpan AtMostEvery = TimeSpan.FromMinutes(1);

    private long _seen;
    private long _collectedAfter;
    private long? _collectedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                if (IsTimeTo(GC.GetTotalAllocatedBytes())) Collect();
            }
        }
        catch (OperationCanceledException)
        {
            // Time to go.
        }
    }

    /// <summary>To be asked at each look.</summary>
    /// <param name="allocated">The bytes allocated since the start of the process.</param>
    internal bool IsTimeTo(long allocated)
    {
        var isQuiet = allocated - _seen <= Quiet;
        _seen = allocated;
        if (!isQuiet || allocated - _collectedAfter < Worth || (_collectedAt is { } last && time.GetElapsedTime(last) < AtMostEvery)) return false;
        (_collectedAfter, _collectedAt) = (allocated, time.GetTimestamp());
        return true;
    }

    private void Collect()
    {
        var before = Environment.WorkingSet;
        blocks.Trim();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        Collected((before - Environment.WorkingSet) / 1048576, GC.GetGCMemoryInfo(GCKind.FullBlocking).PauseDurations[0].TotalMilliseconds);
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "Nothing to do: gave {MiB} MiB of memory back, which took {Milliseconds:0} ms.")]
    private partial void Collected(long miB, double milliseconds);
}
