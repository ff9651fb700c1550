using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Languages;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>
/// What the public is told of a failure. Of what failed at or behind the gateway only the status counts, so that the words do not tell a stranger
/// how things look inside; only what the visitor's own side did is told apart by its cause.
/// </summary>
public static class PublicWords
{
    public static PublicKind KindOf(Failure failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        return failure.Cause.Id switch
        {
            CauseId.RouteNotFound => PublicKind.NotFound,
            CauseId.RateLimited => PublicKind.TooMany,
            CauseId.DeniedByPolicy => PublicKind.Denied,
            CauseId.ClientBodyFailed => PublicKind.Incomplete,
            CauseId.ClientBodyTimeout or CauseId.ClientHeadTimeout => PublicKind.TooSlow,
            CauseId.ClientRequestMalformed => PublicKind.Malformed,
            CauseId.ClientRequestTooLarge => failure.Status == 431 ? PublicKind.FieldsTooLarge : PublicKind.TooLarge,
            _ when failure.Party == Party.Client => PublicKind.BrokenOff,
            _ => failure.Status switch
            {
                >= 400 and < 500 => PublicKind.NotAccepted,
                503 => PublicKind.Unavailable,
                504 => PublicKind.NoAnswer,
                _ => PublicKind.Failed,
            },
        };
    }

    /// <summary>Whether the trouble is on this side of the visitor: then the page may say so, and may look by itself whether it is over.</summary>
    public static bool IsOurs(PublicKind kind) => kind is PublicKind.Failed or PublicKind.Unavailable or PublicKind.NoAnswer;
}
