using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Configuration;

/// <summary>What a page of one's own can show of a failure. There is no placeholder for anything of the inside.</summary>
internal enum PagePlaceholder
{
    /// <summary>No placeholder: the part is text of the page itself.</summary>
    None,
    Id,
    Status,
    Time,
    Title,
    Sentence,
    Advice,
    Message,
    Contact,
    RetryAfter,
    Language,

    /// <summary>The paragraph and script with which the page opens by itself when the site is back.</summary>
    Return,
}

internal readonly record struct PageTemplatePart(ReadOnlyMemory<byte> Text, PagePlaceholder Placeholder);

/// <summary>A page of one's own, read and checked: its text cut at the placeholders, and the hashes by which its own styles are let through.</summary>
internal sealed class PageTemplate
{
    public static IReadOnlyDictionary<string, PagePlaceholder> Names { get; } = new Dictionary<string, PagePlaceholder>(StringComparer.Ordinal)
    {
        ["id"] = PagePlaceholder.Id,
        ["status"] = PagePlaceholder.Status,
        ["time"] = PagePlaceholder.Time,
        ["title"] = PagePlaceholder.Title,
        ["sentence"] = PagePlaceholder.Sentence,
        ["advice"] = PagePlaceholder.Advice,
        ["message"] = PagePlaceholder.Message,
        ["contact"] = PagePlaceholder.Contact,
        ["retry_after"] = PagePlaceholder.RetryAfter,
        ["language"] = PagePlaceholder.Language,
        ["return"] = PagePlaceholder.Return,
    };

    public required string Path { get; init; }

    public required IReadOnlyList<PageTemplatePart> Parts { get; init; }

    /// <summary>For Content-Security-Policy: <c>sha256-…</c> of each style element.</summary>
    public required IReadOnlyList<string> StyleHashes { get; init; }

    /// <summary>Whether it opens by itself when the site is back.</summary>
    public bool Returns { get; init; }

    /// <summary>Whether it takes part in choosing the language.</summary>
    public bool SpeaksLanguages { get; init; }

    public static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
