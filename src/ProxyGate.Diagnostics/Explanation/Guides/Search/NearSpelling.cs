namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>Ids that are spelled like what was written.</summary>
internal static class NearSpelling
{
    private const int LongestId = 64;

    /// <summary>The nearest first; none that differs in more than a third of its letters.</summary>
    public static IReadOnlyList<string> Of(string written, IEnumerable<string> ids, int most = 3)
    {
        var folded = Fold(written);
        if (folded.Length is 0 or > LongestId) return [];
        return
        [
            .. ids.Select(id => (id, distance: Distance(folded, Fold(id))))
                .Where(c => c.distance <= Math.Max(1, Math.Max(folded.Length, c.id.Length) / 3))
                .OrderBy(c => c.distance)
                .Take(most)
                .Select(c => c.id),
        ];
    }

    private static string Fold(string text) => string.Concat(text.Take(LongestId * 2).Where(char.IsAsciiLetterOrDigit).Select(char.ToLowerInvariant));

    /// <summary>Letters put in, left out, replaced, or swapped with their neighbour.</summary>
    private static int Distance(string a, string b)
    {
        var (before, last, now) = (new int[b.Length + 1], new int[b.Length + 1], new int[b.Length + 1]);
        for (var j = 0; j <= b.Length; j++) last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            now[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                now[j] = Math.Min(Math.Min(now[j - 1], last[j]) + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) now[j] = Math.Min(now[j], before[j - 2] + 1);
            }

            (before, last, now) = (last, now, before);
        }

        return last[b.Length];
    }
}
