using System.Buffers;
using System.Text.RegularExpressions;

namespace ProxyGate.Investigation.Host.Processes;

/// <summary>Takes secrets out of command lines and log lines: what people see of another program must not give its passwords away.</summary>
internal static partial class SecretMask
{
    private const string Mask = "***";
    private const int CommandLineLimit = 1000;

    private static readonly SearchValues<char> s_shellSigns = SearchValues.Create(" \t\n\"'\\$`!*?[]{}()<>|&;#~");

    /// <summary>A command line from its arguments. The value after an option whose name sounds like a secret is hidden, be it joined by <c>=</c> or the next word.</summary>
    public static string? CommandLine(string nulSeparated)
    {
        var words = nulSeparated.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) return null;
        try
        {
            return Shown(words);
        }
        catch (RegexMatchTimeoutException)
        {
            return PlainText.Of(words[0], CommandLineLimit);
        }
    }

    private static string Shown(string[] words)
    {
        var shown = new List<string>();
        var length = 0;
        for (var i = 0; i < words.Length && length < CommandLineLimit; i++)
        {
            var word = words[i];
            var hidden = i > 0 && word.Length > 0 && (word[0] != '-' || LooksLikeAValue(word)) && SecretOption(words[i - 1]);
            shown.Add(hidden ? Mask : Quoted(Text(word.Length > CommandLineLimit ? word[..CommandLineLimit] : word), words.Length));
            length += shown[^1].Length + 1;
        }

        return PlainText.Of(string.Join(' ', shown), CommandLineLimit);
    }

    /// <summary>As it would be typed; what a program has written over its own arguments is one text, and stays as it is, and so does what cannot be typed because a part is hidden.</summary>
    private static string Quoted(string word, int words) =>
        words == 1 || word.Contains(Mask, StringComparison.Ordinal) || (word.Length > 0 && word.AsSpan().IndexOfAny(s_shellSigns) < 0) ? word : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";

    /// <summary>A text with the values of <c>password=…</c>, <c>Authorization: …</c>, <c>--token …</c> and the user part of addresses hidden.</summary>
    public static string Text(string text)
    {
        try
        {
            var masked = UserInfo().Replace(text, $"${{scheme}}{Mask}@");
            masked = Authorization().Replace(masked, $"${{name}}{Mask}");
            masked = Option().Replace(masked, $"${{name}}{Mask}");
            return Assignment().Replace(masked, $"${{name}}{Mask}");
        }
        catch (RegexMatchTimeoutException)
        {
            // A text that cannot be judged in time is not shown at all.
            return Mask;
        }
    }

    internal static string Lines(string line) => PlainText.Of(Text(line.Length > 4000 ? line[..4000] : line), 300);

    private static bool SecretOption(string option) =>
        option.StartsWith('-') && !option.Contains('=', StringComparison.Ordinal) && SecretName().IsMatch(option);

    /// <summary>A secret may begin with a dash; an option has letters after it.</summary>
    private static bool LooksLikeAValue(string word) => word.Length > 1 && !char.IsAsciiLetter(word.TrimStart('-').FirstOrDefault());

    [GeneratedRegex(@"pass(word|wd|phrase)?|pwd|token|secret|api[-_.]?key|private[-_.]?key|access[-_.]?key|credential|auth|signature|(^|[-_.])(key|pw|sas|jwt|cookie)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"(?<scheme>[a-z][a-z0-9+.-]{1,30}://)[^/\s'""<>]*@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex UserInfo();

    [GeneratedRegex(@"(?<name>(authorization|cookie)[""']?\s*[:=]\s*[""']?(bearer |basic |digest |token )?|\bbearer )[^\s""',;]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Authorization();

    [GeneratedRegex(@"(?<name>(?<![\w-])--?[\w-]{0,40}(password|passwd|token|secret|api-?key|private-?key|access-?key|credentials?)\s+)(?!-)[^\s]+", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Option();

    [GeneratedRegex(@"(?<name>[\w.-]{0,40}(pass(word|wd|phrase)?|pwd|token|secret|api[-_.]?key|private[-_.]?key|access[-_.]?key|account[-_.]?key|credentials?|signature|(?<![a-z])(key|sas|jwt))[""']?\s*[=:]\s*)(""[^""]*""?|'[^']*'?|[^\s;,&""']+)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex Assignment();
}
