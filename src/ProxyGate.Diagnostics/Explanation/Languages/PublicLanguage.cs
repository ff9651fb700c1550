namespace ProxyGate.Diagnostics.Explanation.Languages;

/// <summary>
/// One language of the public's answers: every text there is. All of them are required, so a language with a text missing does not compile; a new
/// language is one file like <see cref="English"/> and its line in <see cref="PublicLanguages"/>.
/// </summary>
public sealed record PublicLanguage
{
    /// <summary>The language tag (BCP 47), as it stands in <c>lang</c> and <c>Content-Language</c>.</summary>
    public required string Tag { get; init; }

    public required PublicText Failed { get; init; }

    public required PublicText Unavailable { get; init; }

    public required PublicText NoAnswer { get; init; }

    public required PublicText NotAccepted { get; init; }

    public required PublicText NotFound { get; init; }

    public required PublicText TooMany { get; init; }

    public required PublicText Denied { get; init; }

    public required PublicText Malformed { get; init; }

    public required PublicText Incomplete { get; init; }

    public required PublicText TooSlow { get; init; }

    public required PublicText TooLarge { get; init; }

    public required PublicText FieldsTooLarge { get; init; }

    public required PublicText BrokenOff { get; init; }

    public required PublicLabels Labels { get; init; }

    public PublicText Of(PublicKind kind) => kind switch
    {
        PublicKind.Unavailable => Unavailable,
        PublicKind.NoAnswer => NoAnswer,
        PublicKind.NotAccepted => NotAccepted,
        PublicKind.NotFound => NotFound,
        PublicKind.TooMany => TooMany,
        PublicKind.Denied => Denied,
        PublicKind.Malformed => Malformed,
        PublicKind.Incomplete => Incomplete,
        PublicKind.TooSlow => TooSlow,
        PublicKind.TooLarge => TooLarge,
        PublicKind.FieldsTooLarge => FieldsTooLarge,
        PublicKind.BrokenOff => BrokenOff,
        _ => Failed,
    };
}

/// <summary>The words around the text.</summary>
public sealed record PublicLabels
{
    /// <summary>Read out before the picture of the chain.</summary>
    public required string Chain { get; init; }

    public required string You { get; init; }

    public required string YouState { get; init; }

    public required string Site { get; init; }

    public required string SiteState { get; init; }

    public required string Service { get; init; }

    public required string ServiceState { get; init; }

    /// <summary>The link that loads the page again.</summary>
    public required string TryAgain { get; init; }

    /// <summary>While the page looks whether the site is back.</summary>
    public required string Waiting { get; init; }

    /// <summary>When it has given up looking.</summary>
    public required string StoppedWaiting { get; init; }

    /// <summary>When the site answers, but not to this page.</summary>
    public required string StillFailing { get; init; }

    /// <summary>After a request that may have changed something (a form, an order).</summary>
    public required string AfterSending { get; init; }

    /// <summary>Before the contact.</summary>
    public required string Help { get; init; }

    /// <summary>Before the id.</summary>
    public required string Id { get; init; }

    public required string Time { get; init; }

    public required string Status { get; init; }
}
