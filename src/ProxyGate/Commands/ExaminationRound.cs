using ProxyGate.Gateway.Examining;

namespace ProxyGate.Commands;

/// <summary>Looks at many destinations, some at a time, and gives the results in the order of the destinations.</summary>
internal static class ExaminationRound
{
    private const int MostAtOnce = 8;

    /// <param name="destinations">What to look at.</param>
    /// <param name="look">One look.</param>
    /// <param name="told">Told of each result, in the order of the destinations, as soon as all before it are there.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<IReadOnlyList<Examination>> LookAsync(
        IReadOnlyList<ExaminedDestination> destinations, Func<ExaminedDestination, Task<Examination>> look, Action<Examination>? told, CancellationToken stop)
    {
        using var places = new SemaphoreSlim(MostAtOnce);
        var running = destinations.Select(async one =>
        {
            await places.WaitAsync(stop);
            try
            {
                return await look(one);
            }
            finally
            {
                places.Release();
            }
        }).ToArray();
        var done = new List<Examination>(running.Length);
        try
        {
            foreach (var one in running)
            {
                done.Add(await one);
                told?.Invoke(done[^1]);
            }
        }
        finally
        {
            // The places are theirs until the last has ended.
            await Task.WhenAll(running).ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }

        return done;
    }
}
