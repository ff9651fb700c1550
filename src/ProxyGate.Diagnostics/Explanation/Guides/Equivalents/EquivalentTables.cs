namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>What other systems say, by cause.</summary>
internal static class EquivalentTables
{
    public static IReadOnlyList<Equivalent> Of(string cause) => cause.Length == 0 ? throw new ArgumentException("A cause has an id.", nameof(cause)) : [];
}
