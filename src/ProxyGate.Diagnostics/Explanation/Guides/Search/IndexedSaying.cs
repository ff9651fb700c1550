using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>A message of another system, cut into the parts between its gaps.</summary>
internal sealed class IndexedSaying
{
    private readonly string[][] _parts;
    private readonly string[][] _partsWithoutErrorTexts;

    public IndexedSaying(string system, Saying saying, int order)
    {
        System = system;
        Saying = saying;
        Order = order;
        _parts = Cut(saying.Message, SearchWords.Of);
        _partsWithoutErrorTexts = Cut(saying.Message, SearchWords.WithoutErrorTexts);
        Words = [.. _parts.SelectMany(p => p)];
        Vocabulary = [.. Words];
    }

    public string System { get; }

    public Saying Saying { get; }

    /// <summary>Its place among all messages; earlier ones are searched for more often.</summary>
    public int Order { get; }

    public string[] Words { get; }

    /// <summary>Each of its words once.</summary>
    public HashSet<string> Vocabulary { get; }

    /// <summary>Whether the text is this message, word for word.</summary>
    public bool Is(string[] text) => Words.AsSpan().SequenceEqual(text);

    /// <summary>Whether the text has all parts of this message, in order. A message of one word must be a word nobody writes by chance.</summary>
    public bool IsIn(string[] text, string[] textWithoutErrorTexts) =>
        (Words.Length > 1 || (Words.Length == 1 && IsCode(Words[0])))
        && (AllIn(_parts, text) || (_partsWithoutErrorTexts.Length > 0 && Count(_partsWithoutErrorTexts) > 2 && AllIn(_partsWithoutErrorTexts, textWithoutErrorTexts)));

    /// <summary>Whether the text is a part of this message, words in a row.</summary>
    public bool Contains(string[] text) => text.Length <= Words.Length && Words.AsSpan().IndexOf(text) >= 0;

    /// <summary>Words that carry their meaning alone: long with an underscore, or letters with digits.</summary>
    public static bool IsCode(string word) =>
        word.Length >= 3 && (word.Contains('_', StringComparison.Ordinal) || (word.Any(char.IsAsciiDigit) && word.Any(char.IsAsciiLetter)) || word.Length >= 10);

    private static int Count(string[][] parts) => parts.Sum(p => p.Length);

    private static bool AllIn(string[][] parts, string[] text)
    {
        var rest = text.AsSpan();
        foreach (var part in parts)
        {
            var at = rest.IndexOf(part);
            if (at < 0) return false;
            rest = rest[(at + part.Length)..];
        }

        return parts.Length > 0;
    }

    private static string[][] Cut(string message, Func<string, string[]> words) =>
        [.. message.Split('…').Select(words).Where(p => p.Length > 0)];
}
