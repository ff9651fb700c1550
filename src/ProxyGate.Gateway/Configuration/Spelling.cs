namespace ProxyGate.Gateway.Configuration;

/// <summary>Finds the nearest valid spelling of a mistyped word.</summary>
internal static class Spelling
{
    /// <summary>The nearest candidate, if it is near enough to be what was meant.</summary>
    public static string? Nearest(string written, IEnumerable<string> candidates)
    {
        var all = candidates as IReadOnlyCollection<string> ?? [.. candidates];
        return NearestByLetters(written, all)
            // Half the word: "Exact" for RequestVersionExact.
            ?? (written.Length < 3 ? null : all.FirstOrDefault(c => c.Contains(written, StringComparison.OrdinalIgnoreCase)));
    }

    private static string? NearestByLetters(string written, IReadOnlyCollection<string> candidates)
    {
        string? best = null;
        var bestDistance = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var distance = Distance(written, candidate);
            if (distance < bestDistance)
                (best, bestDistance) = (candidate, distance);
        }

        if (best is null)
            return null;
        var longer = Math.Max(written.Length, best.Length);
        var starts = written.Length >= 3 && (best.StartsWith(written, StringComparison.OrdinalIgnoreCase)
            || written.StartsWith(best, StringComparison.OrdinalIgnoreCase));
        return starts || bestDistance <= Math.Max(1, longer / 3) ? best : null;
    }

    /// <summary>Insertions, deletions, substitutions and neighbours swapped, without regard to case or to the separators people vary.</summary>
    public static int Distance(string a, string b)
    {
        a = Fold(a);
        b = Fold(b);
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                d[i, j] = Math.Min(Math.Min(d[i - 1, j] + 1, d[i, j - 1] + 1), d[i - 1, j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    // Bounded: a name is never this long, and the table above grows with the square.
    private static string Fold(string text) => (text.Length > 200 ? text[..200] : text)
        .Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal).ToUpperInvariant();
}
