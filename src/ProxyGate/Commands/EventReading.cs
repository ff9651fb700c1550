using ProxyGate.Diagnostics.Events;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>One reading of the log: what matches is shown and summed, what cannot be read is counted and said.</summary>
internal sealed class EventReading(DateTimeOffset? since, string? cause, string? route, string? incident, bool json, TextWriter output, TextWriter error)
{
    private readonly EventSummary _summary = new();
    private long _bad;
    private long _dropped;

    public async Task TakeAsync(string line)
    {
        switch (FailureEventReader.Read(line, out var read))
        {
            case EventLineKind.Failure when Matches(read!):
                _summary.Add(read!);
                await output.WriteLineAsync(json ? line : EventLineText.Of(read!));
                break;
            case EventLineKind.Dropped:
                _dropped += FailureEventReader.Dropped(line);
                break;
            case EventLineKind.Bad:
                _bad++;
                break;
        }
    }

    /// <returns>The exit code: an id that is not there is a "no".</returns>
    public async Task<int> EndAsync()
    {
        var missing = incident is not null && _summary.Total == 0;
        if (!json && !missing)
        {
            if (_summary.Total == 0) await output.WriteLineAsync("No failures match.");
            else _summary.Write(output, ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected);
        }

        await output.FlushAsync();
        if (_dropped > 0) await error.WriteLineAsync($"{_dropped} events are missing here: the gateway could not write them at the time.");
        if (_bad > 0) await error.WriteLineAsync($"{_bad} lines are not readable as events and were passed over.");
        if (!missing) return ExitCode.Fine;
        await error.WriteLineAsync($"proxygate: no event of the log belongs to the incident {incident}.");
        return ExitCode.No;
    }

    private bool Matches(FailureEventLine e) =>
        (since is null || e.Time >= since)
        && (cause is null || string.Equals(e.Cause, cause, StringComparison.Ordinal))
        && (incident is null || e.Incident == incident)
        && (route is null || string.Equals(e.Route, route, StringComparison.Ordinal));
}
