using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Holds what the product made of an answer against what the strict reader reads.</summary>
internal static class AnswerJudge
{
    /// <summary>Fields that say nothing at the end of a message and may be left out of a trailer section (RFC 9110 section 6.5.1).</summary>
    private static readonly string[] NotForTrailers =
    [
        "Content-Length", "Transfer-Encoding", "Host", "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Content-Type", "Content-Encoding", "Content-Range", "Trailer", "Set-Cookie", "Cache-Control",
        "Expires", "Date", "Location", "Vary", "Expect", "WWW-Authenticate", "Proxy-Authenticate", "Age", "Retry-After", "Pragma", "Warning", "TE", "Authorization", "Max-Forwards", "Range",
    ];

    /// <summary>What is wrong, or null.</summary>
    public static string? Differs(StrictMessage strict, Outcome outcome, int sent)
    {
        // Nobody asked for another protocol.
        if (strict is { Verdict: Verdict.Whole, Status: 101 }) return outcome is { Verdict: Verdict.Refused, Defect: HeadDefect.UnexpectedUpgrade } ? null : $"a 101 that nobody asked for: {outcome}";
        if (outcome.HeadPassed != strict.HeadIsSound) return $"the head of {strict} came out as {outcome}";
        if (outcome.Verdict != strict.Verdict) return $"{strict} came out as {outcome}";
        if (!strict.HeadIsSound) return null;
        if (outcome.Status != strict.Status || outcome.Reason != strict.Reason) return $"{strict} came out as {outcome}";
        if (Listed(Once(strict.Fields, strict.Status is 204 or 205 ? null : strict.Length)) is var expected && Listed(outcome.Fields) is var got && expected != got) return $"fields {expected} came out as {got}";
        if (strict.Verdict != Verdict.Whole) return strict.Body.AsSpan().StartsWith(outcome.Body) ? null : $"of {strict} came other bytes: {outcome}";
        if (!strict.Body.AsSpan().SequenceEqual(outcome.Body)) return $"the body of {strict} came out as {outcome}";
        if (Listed(strict.Trailers.Where(t => !NotForTrailers.Contains(t.Name, StringComparer.OrdinalIgnoreCase))) != Listed(outcome.Trailers.Where(t => !NotForTrailers.Contains(t.Name, StringComparer.OrdinalIgnoreCase))))
            return $"trailers {Listed(strict.Trailers)} came out as {Listed(outcome.Trailers)}";
        if (outcome.Trailers.Any(t => t.Is("Content-Length") || t.Is("Transfer-Encoding"))) return $"framing in a trailer section was passed on: {outcome}";
        var reusable = strict.Persists && strict.Consumed == sent;
        return outcome.Reused && !reusable ? $"the connection was used again behind {strict}" : null;
    }

    /// <summary>Whether the connection should have been kept for another request; wasteful where it was not.</summary>
    public static bool Wasted(StrictMessage strict, Outcome outcome, int sent) =>
        strict is { Verdict: Verdict.Whole, Persists: true } && strict.Status != 101 && !strict.AnnouncesNeedlessBody && strict.Consumed == sent && !outcome.Reused && !strict.Has("Keep-Alive", "timeout=0");

    /// <summary>A length said several times is passed on once.</summary>
    private static IEnumerable<StrictField> Once(IReadOnlyList<StrictField> fields, long? length)
    {
        foreach (var field in fields.Where(f => !f.Is("Content-Length"))) yield return field;
        if (length is { } value) yield return new StrictField("Content-Length", value.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Order between different names means nothing; within a name it does.</summary>
    private static string Listed(IEnumerable<StrictField> fields) =>
        string.Join(" | ", fields.GroupBy(f => f.Name.ToLowerInvariant()).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => $"{g.Key}: {string.Join(" & ", g.Select(f => f.Value))}"));
}
