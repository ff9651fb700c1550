using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Draining;

/// <summary>
/// Stops the gateway so that nobody loses a request: first readiness says no, then nothing new is taken and idle connections close, then what is
/// under way may finish, and nothing holds the stop beyond its limit. A second signal ends it at once.
/// </summary>
internal sealed partial class Drain(DrainState state, IGatewaySettingsSource settings, IHostApplicationLifetime lifetime, LastBeats beats, TimeProvider clock, ILogger<Drain> logger)
{
    /// <summary>For the answers that say why a request was ended: a client that waits for one gets no bare reset. Nobody waiting, no waiting.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>Longer than a client on another continent needs for its next request.</summary>
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(150);

    private const int MostRounds = 10;

    private static readonly TimeSpan BetweenBeats = TimeSpan.FromMilliseconds(250);

    private readonly TaskCompletionSource _atOnce = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _signals;

    /// <summary>Waits until the gateway is told to stop, and stops it.</summary>
    /// <param name="stopServer">Closes the listeners and waits for what is under way; its token ends the waiting.</param>
    /// <param name="underWay">How many requests are being answered.</param>
    /// <param name="stop">Another way to be told.</param>
    public async Task RunAsync(Func<CancellationToken, Task> stopServer, Func<int> underWay, CancellationToken stop)
    {
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signalled);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signalled);
        var told = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (lifetime.ApplicationStopping.Register(() => told.TrySetResult()))
        await using (stop.Register(() => told.TrySetResult()))
        {
            await told.Task;
        }

        var drain = settings.Current.Drain;
        state.Begin();
        if (drain.Grace > TimeSpan.Zero)
        {
            LogGrace(Durations.Write(drain.Grace));
            await WaitAsync(_atOnce.Task, drain.Grace);
        }

        state.Finish();
        LogFinishing(underWay(), Durations.Write(drain.Limit));
        await TellBusyClientsAsync();
        using var give = new CancellationTokenSource();
        var stopping = stopServer(give.Token);
        if (!await IsStoppedWithinAsync(stopping, drain.Limit))
        {
            LogEnding(underWay(), _atOnce.Task.IsCompleted ? "a second signal came" : $"the limit of {Durations.Write(drain.Limit)} has passed");
            state.End();
            await WaitAsync(stopping, LastWords);
            await give.CancelAsync();
        }

        try
        {
            await stopping;
        }
        catch (OperationCanceledException) when (give.IsCancellationRequested)
        {
            // Whoever still held on was let go.
        }
    }

    /// <summary>
    /// Clients that send one request after the other learn from an answer that their connection closes. Only when such clients are through are the
    /// idle connections closed: to close one in the moment its next request comes would lose that request.
    /// </summary>
    private async Task TellBusyClientsAsync()
    {
        for (var round = 0; round < MostRounds && !_atOnce.Task.IsCompleted; round++)
        {
            var seen = state.Seen;
            await WaitAsync(_atOnce.Task, Round);
            if (state.Seen == seen) return;
        }
    }

    private async Task<bool> IsStoppedWithinAsync(Task stopping, TimeSpan limit)
    {
        var began = clock.GetTimestamp();
        while (limit - clock.GetElapsedTime(began) is var left && left > TimeSpan.Zero && !stopping.IsCompleted && !_atOnce.Task.IsCompleted)
        {
            if (!await WaitAsync(Task.WhenAny(stopping, _atOnce.Task), left < BetweenBeats ? left : BetweenBeats)) beats.Beat();
        }

        return stopping.IsCompleted;
    }

    private void Signalled(PosixSignalContext context)
    {
        // The host takes the first one itself.
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) > 1) _atOnce.TrySetResult();
    }

    /// <returns>Whether the task ended within the limit.</returns>
    private async Task<bool> WaitAsync(Task task, TimeSpan limit)
    {
        using var done = new CancellationTokenSource();
        var first = await Task.WhenAny(task, Task.Delay(limit, clock, done.Token));
        await done.CancelAsync();
        return first == task;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: /readyz says no; everything is served for {Grace:l} more.")]
    private partial void LogGrace(string grace);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping: nothing new is taken; {Requests} requests under way may take {Limit:l}.")]
    private partial void LogFinishing(int requests, string limit);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stopping: {Requests} requests under way are ended, because {Reason:l}.")]
    private partial void LogEnding(int requests, string reason);
}
