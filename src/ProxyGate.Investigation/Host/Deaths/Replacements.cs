using System.Globalization;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Host.Deaths;

/// <summary>Tells, newest first, how the listener changed: another process in the place of the remembered one, by its unit or container where that is known.</summary>
internal static class Replacements
{
    public static IReadOnlyList<ChangeFacts> Tell(Question question, IReadOnlyList<RememberedListener> history, ProcessFacts? now, EndEvidence evidence)
    {
        var changes = new List<ChangeFacts>();
        var seen = history.Select(r => r.Facts).ToList();
        if (now is not null && seen.LastOrDefault() is { } last && !last.IsSameProcessAs(now)) seen.Add(now);
        for (var i = 1; i < seen.Count; i++)
        {
            if (seen[i].StartedAt is not { } at || at < question.FailedAt - EndSources.Window) continue;
            changes.Add(new ChangeFacts(at, Kind(seen[i - 1], seen[i]), Name(seen[i - 1]), Name(seen[i])));
        }

        if (evidence.Container is { Running: true, Restarts: > 0, StartedAt: { } started } container && started >= question.FailedAt - EndSources.Window
            && changes.All(c => c.What != ChangeKind.ContainerRestarted))
            changes.Add(new ChangeFacts(started, ChangeKind.ContainerRestarted, null, container.Name));
        return [.. changes.OrderByDescending(c => c.At)];
    }

    private static ChangeKind Kind(ProcessFacts before, ProcessFacts after) =>
        before.Container is not null && before.Container == after.Container ? ChangeKind.ContainerRestarted
        : before.Unit is not null && before.Unit == after.Unit ? ChangeKind.UnitRestarted
        : ChangeKind.ListenerReplaced;

    private static string Name(ProcessFacts process) => string.Create(CultureInfo.InvariantCulture, $"{process.Name} (pid {process.Pid})");
}
