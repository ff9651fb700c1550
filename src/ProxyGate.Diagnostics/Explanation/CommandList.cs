namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Shell lines with their steps: a step belongs to the commands that follow it.</summary>
internal static class CommandList
{
    public static bool IsStep(string line) => line.StartsWith('#');

    /// <summary>
    /// The lines less the commands that the reader has seen already, each with the step that introduces it. Steps that stand alone stay.
    /// </summary>
    public static IReadOnlyList<string> Without(IReadOnlyList<string> lines, IEnumerable<string> shown)
    {
        var seen = shown.Where(l => !IsStep(l)).ToHashSet(StringComparer.Ordinal);
        if (seen.Count == 0) return lines;
        var kept = new List<string>(lines.Count);
        for (var i = 0; i < lines.Count;)
        {
            var isIntroduced = IsStep(lines[i]) && i + 1 < lines.Count && !IsStep(lines[i + 1]);
            var end = i + (isIntroduced ? 2 : 1);
            while (isIntroduced && end < lines.Count && !IsStep(lines[end])) end++;
            var commands = lines.Skip(i + (isIntroduced ? 1 : 0)).Take(end - i - (isIntroduced ? 1 : 0)).Where(l => IsStep(l) || !seen.Contains(l)).ToArray();
            if (isIntroduced && commands.Length > 0) kept.Add(lines[i]);
            kept.AddRange(commands);
            i = end;
        }

        return kept;
    }
}
