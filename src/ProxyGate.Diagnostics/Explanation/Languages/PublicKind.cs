namespace ProxyGate.Diagnostics.Explanation.Languages;

/// <summary>
/// What the public is told apart. Whatever failed behind the gateway is told apart by the status alone, which the visitor sees anyway: the words
/// must not tell a stranger what is broken inside.
/// </summary>
public enum PublicKind
{
    /// <summary>Something at or behind the gateway failed (500, 502 and any other 5xx).</summary>
    Failed,

    /// <summary>Busy, restarting or down (503).</summary>
    Unavailable,

    /// <summary>No answer in time (504).</summary>
    NoAnswer,

    /// <summary>The app refused what was sent (its own 4xx).</summary>
    NotAccepted,

    /// <summary>No route for the address.</summary>
    NotFound,

    /// <summary>Too many requests of this client.</summary>
    TooMany,

    /// <summary>Denied by a rule.</summary>
    Denied,

    /// <summary>The request was no proper HTTP.</summary>
    Malformed,

    /// <summary>The request ended before it was whole.</summary>
    Incomplete,

    /// <summary>The request arrived too slowly.</summary>
    TooSlow,

    /// <summary>More was sent than is accepted.</summary>
    TooLarge,

    /// <summary>The fields of the request (cookies, usually) are too large.</summary>
    FieldsTooLarge,

    /// <summary>The connection ended before the answer was whole.</summary>
    BrokenOff,
}
