using ProxyGate.Diagnostics.Explanation.Guides;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Keeps the tables of meanings short.</summary>
internal static class Meaning
{
    public static HintGuide Guide(string id, string title, string meaning, string evidence) =>
        new() { Id = id, Title = title, Meaning = meaning, Evidence = evidence };
}
