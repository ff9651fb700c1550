using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>One thing wrong with a configuration: where it stands, what is wrong, and the nearest thing that would be right.</summary>
internal sealed record ConfigMistake
{
    /// <summary>What <see cref="File"/> says of a value that came from an environment variable.</summary>
    public const string EnvironmentFile = "environment";

    /// <summary>What <see cref="File"/> says of a value that came from the command line.</summary>
    public const string CommandLineFile = "command line";

    public required string File { get; init; }

    /// <summary>1-based; 0 where there is no line (environment, command line).</summary>
    public int Line { get; init; }

    /// <summary>1-based, in characters; 0 where there is none.</summary>
    public int Column { get; init; }

    /// <summary>The full path of the key, e.g. <c>ProxyGate:Timeouts:Dns</c>; empty for a mistake of the whole file.</summary>
    public string Key { get; init; } = "";

    public required string Message { get; init; }

    /// <summary>The nearest valid spelling; absent when nothing is near.</summary>
    public string? Suggestion { get; init; }

    /// <summary>A warning does not make the configuration invalid.</summary>
    public bool IsWarning { get; init; }

    /// <summary><c>file:line:column: key: message (did you mean …?)</c></summary>
    public override string ToString()
    {
        var place = Line > 0 ? string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}") : File;
        var key = File == EnvironmentFile ? Key.Replace(":", "__", StringComparison.Ordinal) : Key;
        var text = key.Length == 0 ? $"{place}: " : $"{place}: {key}: ";
        return text + (IsWarning ? "warning: " : "") + Message + (Suggestion is null ? "" : $" (did you mean {Suggestion}?)");
    }
}
