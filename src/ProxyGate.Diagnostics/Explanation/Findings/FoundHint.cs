using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>Makes a hint of what a look found.</summary>
internal static class FoundHint
{
    public static Hint Found(string id, Confidence confidence, string sentence, IEnumerable<string> evidence, IEnumerable<string> confirm, IEnumerable<string> fix) =>
        new(id, confidence, sentence, [.. evidence], [.. confirm]) { Fix = [.. fix] };
}
