using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Examining;
using ProxyGate.Investigation.Probing.Ladders;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>Looks once, or again and again, and shows what was seen. The exit code is that of the last look.</summary>
internal sealed class DiagnoseRun(Examiner examiner, DiagnoseOptions options, TextWriter output, TextWriter error, TimeProvider? clock = null) : IDisposable
{
    private readonly TimeProvider _clock = clock ?? TimeProvider.System;
    private readonly ConcurrentDictionary<string, History> _histories = new();

    public void Dispose() => examiner.Dispose();

    public async Task<int> RunAsync(DiagnoseTarget target, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = Until(PosixSignal.SIGINT, stop);
        using var terminate = Until(PosixSignal.SIGTERM, stop);
        IReadOnlyList<Examination>? last = null;
        try
        {
            do
            {
                var started = _clock.GetTimestamp();
                var before = last;
                last = await LookAsync(target, before, stop.Token);
                if (options.Watch is not { } every) break;
                if (every - _clock.GetElapsedTime(started) is { } rest && rest > TimeSpan.Zero) await Task.Delay(rest, _clock, stop.Token);
            }
            while (true);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Ctrl+C ends a watch as it is meant to; a single look has not come to its end.
            await output.FlushAsync(CancellationToken.None);
            if (last is null)
            {
                await error.WriteLineAsync("proxygate: stopped before the look was over.");
                return ExitCode.CouldNotRun;
            }
        }

        return last.All(e => e.IsHealthy) ? ExitCode.Fine : ExitCode.No;
    }

    private async Task<IReadOnlyList<Examination>> LookAsync(DiagnoseTarget target, IReadOnlyList<Examination>? before, CancellationToken stop)
    {
        var page = PageText.For(output);
        if (options.Json)
        {
            var seen = await ExaminationRound.LookAsync(target.Destinations, one => ExamineAsync(one, null, stop), null, stop);
            await output.WriteLineAsync(target.IsGroup ? DiagnoseJson.OfGroup(target.Name, seen, indented: options.Watch is null) : DiagnoseJson.Of(seen[0], indented: options.Watch is null));
            await output.FlushAsync(stop);
            return seen;
        }

        var progress = new DiagnoseProgress(output);
        IReadOnlyList<Examination> looked;
        if (before is not null)
        {
            looked = await ExaminationRound.LookAsync(target.Destinations, one => ExamineAsync(one, null, stop), null, stop);
        }
        else if (target is { IsGroup: false, Destinations: [var only] })
        {
            DiagnoseText.Head(page, only);
            looked = [await progress.RunAsync(only.Name, above => ExamineAsync(only, step => DiagnoseText.Step(above, step), stop))];
            DiagnoseText.Verdict(page, looked[0]);
        }
        else
        {
            looked = await progress.RunAsync(target.Name, above => ExaminationRound.LookAsync(target.Destinations, one => ExamineAsync(one, null, stop), one => DiagnoseText.Whole(above, one), stop));
            ExaminationTable.Write(output, looked);
        }

        if (options.Watch is not null) WriteLines(page, looked, before);
        await output.FlushAsync(stop);
        return looked;
    }

    /// <summary>A line for each look; all of it again when the verdict is another.</summary>
    private static void WriteLines(PageText page, IReadOnlyList<Examination> now, IReadOnlyList<Examination>? before)
    {
        for (var i = 0; i < now.Count; i++)
        {
            var changed = before is not null && (before[i].IsHealthy != now[i].IsHealthy || before[i].Cause != now[i].Cause);
            if (changed) DiagnoseText.Whole(page, now[i]);
            DiagnoseText.Line(page, now[i], named: now.Count > 1);
        }
    }

    private async Task<Examination> ExamineAsync(ExaminedDestination destination, Action<LadderStep>? step, CancellationToken stop)
    {
        if (options.Watch is null) return await examiner.ExamineAsync(destination, options.Limit, null, step ?? (_ => { }), stop);
        var history = _histories.GetOrAdd(destination.Name, _ => new History());
        var examination = await examiner.ExamineAsync(destination, options.Limit, history.Context, step ?? (_ => { }), stop);
        // Before it is shown: whoever reads it may end the app at once.
        if (examination.IsHealthy) await examiner.RememberAsync(examination, stop);
        history.Take(examination);
        return examination;
    }

    private static PosixSignalRegistration Until(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, received =>
    {
        received.Cancel = true;
        stop.Cancel();
    });

    /// <summary>How a destination did in the looks so far.</summary>
    private sealed class History
    {
        private DateTimeOffset? _lastSuccess, _failingSince;
        private string? _cause;
        private long _failures;

        public FailureContext Context => new() { Now = default, LastSuccess = _lastSuccess, FirstSeen = _failingSince, Count = _failures };

        public void Take(Examination look)
        {
            if (look.IsHealthy)
            {
                (_lastSuccess, _failingSince, _cause, _failures) = (look.At, null, null, 0);
                return;
            }

            if (_cause != look.Cause?.Id) (_failingSince, _cause, _failures) = (look.At, look.Cause?.Id, 0);
            _failures++;
        }
    }
}
