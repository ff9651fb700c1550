namespace ProxyGate.Gateway.Configuration;

/// <summary>How the pages for visitors look. Operators' pages are not touched by any of it.</summary>
internal sealed record PageSettings
{
    /// <summary>The language for visitors whose own languages are not among those there are.</summary>
    public string Language { get; init; } = "en";

    /// <summary>Where visitors can ask: text, a URL, <c>mailto:</c> or an e-mail address. Absent: nothing is said.</summary>
    public string? Contact { get; init; }

    /// <summary>A sentence of one's own on every page. Absent: none.</summary>
    public string? Message { get; init; }

    public IReadOnlyList<PageTemplateSettings> Templates { get; init; } = [];
}

/// <summary>A page of one's own, and for which failures it is shown. What is absent says nothing against it.</summary>
internal sealed record PageTemplateSettings
{
    public string? Route { get; init; }

    public string? Cause { get; init; }

    public StatusPattern? Status { get; init; }

    public string? Language { get; init; }

    /// <summary>The file, read and checked.</summary>
    public required PageTemplate File { get; init; }

    /// <summary>
    /// How exactly it says what it is for: a cause outweighs route and status together, a route outweighs a status, one status outweighs a class of
    /// them, and the language decides between otherwise equal ones. Two that fit the same failure equally well would have the same conditions, which
    /// the checker refuses.
    /// </summary>
    public int Rank => (Cause is null ? 0 : 16) + (Route is null ? 0 : 8) + (Status is null ? 0 : Status.Value.IsClass ? 2 : 4) + (Language is null ? 0 : 1);

    public bool Fits(string? route, string cause, int status, string language) =>
        (Route is null || string.Equals(Route, route, StringComparison.OrdinalIgnoreCase))
        && (Cause is null || Cause == cause)
        && (Status is null || Status.Value.Matches(status))
        && (Language is null || Language == language);

    public bool SameConditions(PageTemplateSettings other) =>
        string.Equals(Route, other.Route, StringComparison.OrdinalIgnoreCase) && Cause == other.Cause && Status == other.Status && Language == other.Language;
}

/// <summary>One status, or a class of them: <c>502</c>, <c>5xx</c>.</summary>
internal readonly record struct StatusPattern(int Number, bool IsClass)
{
    public const string Pattern = "^[45]([0-9][0-9]|[xX][xX])$";

    public static bool TryParse(string text, out StatusPattern pattern)
    {
        pattern = default;
        if (text.Length != 3 || text[0] is not ('4' or '5')) return false;
        if (text[1..].Equals("xx", StringComparison.OrdinalIgnoreCase))
        {
            pattern = new StatusPattern((text[0] - '0') * 100, true);
            return true;
        }

        if (!char.IsAsciiDigit(text[1]) || !char.IsAsciiDigit(text[2])) return false;
        pattern = new StatusPattern(((text[0] - '0') * 100) + ((text[1] - '0') * 10) + (text[2] - '0'), false);
        return true;
    }

    public bool Matches(int status) => IsClass ? status / 100 == Number / 100 : status == Number;
}
