namespace ProxyGate.Diagnostics.Explanation.Languages;

/// <summary>The languages there are.</summary>
public static class PublicLanguages
{
    /// <summary>Taken where neither the visitor nor the configuration says anything.</summary>
    public static PublicLanguage Default => English.Texts;

    public static IReadOnlyList<PublicLanguage> All { get; } = [English.Texts, German.Texts];

    public static PublicLanguage? Find(ReadOnlySpan<char> tag)
    {
        foreach (var language in All)
        {
            if (tag.Equals(language.Tag, StringComparison.OrdinalIgnoreCase)) return language;
        }

        return null;
    }
}
