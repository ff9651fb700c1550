using System.Globalization;
using Microsoft.Extensions.Primitives;
using ProxyGate.Diagnostics.Explanation.Languages;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>
/// Chooses the visitor's language by Accept-Language (RFC 9110 section 12.5.4) as RFC 4647 section 3.4 looks it up: a range is shortened from its end
/// until there is a language for it, so <c>de-AT</c> gets German. Who wants nothing that there is gets the configured language: words one may not
/// read are better than none.
/// </summary>
internal static class LanguageChoice
{
    /// <summary>No browser sends more; a longer list is no wish but an attack on the time it takes.</summary>
    private const int MaxRanges = 32;

    public static PublicLanguage Of(StringValues accepted, PublicLanguage configured)
    {
        Span<double> refused = stackalloc double[PublicLanguages.All.Count];
        var best = -1;
        var bestQuality = 0.0;
        var any = 0.0;
        var ranges = 0;
        foreach (var line in accepted)
        {
            if (line is null) continue;
            foreach (var part in line.AsSpan().Split(','))
            {
                if (++ranges > MaxRanges) break;
                if (!TryParse(line.AsSpan()[part], out var range, out var quality)) continue;
                if (range is "*")
                {
                    any = Math.Max(any, quality);
                    continue;
                }

                var found = Lookup(range, out var exact);
                if (found < 0) continue;
                if (quality == 0 && exact) refused[found] = 1;
                if (quality > bestQuality) (best, bestQuality) = (found, quality);
            }
        }

        if (best >= 0 && (bestQuality >= any || PublicLanguages.All[best] == configured)) return PublicLanguages.All[best];
        if (any == 0) return configured;

        // "Anything": the configured one, unless just that was refused.
        for (var i = 0; i < refused.Length; i++)
        {
            if (PublicLanguages.All[i] == configured && refused[i] == 0) return configured;
        }

        for (var i = 0; i < refused.Length; i++)
        {
            if (refused[i] == 0) return PublicLanguages.All[i];
        }

        return configured;
    }

    private static int Lookup(ReadOnlySpan<char> range, out bool exact)
    {
        exact = true;
        while (true)
        {
            for (var i = 0; i < PublicLanguages.All.Count; i++)
            {
                if (range.Equals(PublicLanguages.All[i].Tag, StringComparison.OrdinalIgnoreCase)) return i;
            }

            var dash = range.LastIndexOf('-');
            if (dash <= 0) return -1;
            exact = false;
            range = range[..dash];
        }
    }

    private static bool TryParse(ReadOnlySpan<char> text, out ReadOnlySpan<char> range, out double quality)
    {
        quality = 1;
        var semicolon = text.IndexOf(';');
        range = (semicolon < 0 ? text : text[..semicolon]).Trim();
        if (range.IsEmpty) return false;
        if (semicolon < 0) return true;
        var weight = text[(semicolon + 1)..].Trim();

        // An unreadable weight is no wish to be served.
        if (weight is not ['q' or 'Q', .. var rest] || rest.TrimStart() is not ['=', .. var value]) return false;
        return double.TryParse(value.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out quality) && quality is >= 0 and <= 1;
    }
}
