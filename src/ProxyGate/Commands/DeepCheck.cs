using System.Runtime.InteropServices;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Examining;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate check --deep</c>: judges a configuration, then looks at every destination it names.</summary>
internal static class DeepCheck
{
    public static async Task<int> RunAsync(string file, bool json, TimeSpan limit, TextWriter output, TextWriter error, CancellationToken cancellationToken)
    {
        if (GatewayStart.IsNginx(file))
        {
            await error.WriteLineAsync(GatewayStart.NginxNotYet(file));
            return ExitCode.CouldNotRun;
        }

        var config = await ConfigLoader.LoadAsync(file, EnvironmentOverrides.OfProcess());
        if (!config.IsValid)
        {
            if (json) CheckOutput.WriteJson(output, file, config);
            if (config.Unreadable is { } unreadable)
            {
                await error.WriteLineAsync(unreadable);
                return ExitCode.CouldNotRun;
            }

            if (!json) CheckOutput.WriteText(output, error, file, config);
            return ExitCode.No;
        }

        if (!json) CheckOutput.WriteText(output, error, file, config);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        using var examiner = Examiner.OfThisMachine(limit);
        var destinations = ExaminedDestinations.Of(config);
        try
        {
            var seen = await new DiagnoseProgress(json ? TextWriter.Null : output).RunAsync(
                $"{destinations.Count} destinations",
                _ => ExaminationRound.LookAsync(destinations, one => examiner.ExamineAsync(one, limit, null, static _ => { }, stop.Token), null, stop.Token));
            if (json) CheckOutput.WriteJson(output, file, config, seen);
            else WriteText(output, file, seen);
            return seen.All(e => e.IsHealthy) ? ExitCode.Fine : ExitCode.No;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await error.WriteLineAsync("proxygate: stopped before the look was over.");
            return ExitCode.CouldNotRun;
        }
    }

    private static void WriteText(TextWriter output, string file, IReadOnlyList<Examination> seen)
    {
        output.WriteLine();
        if (seen.Count == 0)
        {
            output.WriteLine("It names no destination to look at.");
            return;
        }

        ExaminationTable.Write(output, seen);
        if (seen.FirstOrDefault(e => !e.IsHealthy) is { } bad) output.WriteLine($"More of it: proxygate diagnose {bad.Destination.Name} --config {file}");
    }
}
