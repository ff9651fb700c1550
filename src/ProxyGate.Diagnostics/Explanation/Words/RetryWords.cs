using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>Why a failed request was not tried again, in words.</summary>
internal static class RetryWords
{
    /// <summary>As a line of evidence; <c>null</c> where there is nothing to say.</summary>
    public static string? NotTriedAgain(Seen s) => s.Request.TriedNoMore switch
    {
        TriedNoMore.None => null,
        TriedNoMore.WouldNotHelp => "Not tried again: the same would happen, or an answer had begun",
        TriedNoMore.MayHaveBeenProcessed => $"Not tried again: the app may have acted on this {Seen.Short(s.Request.Method)}, and doing it twice could do harm",
        TriedNoMore.BodyNotKept => "Not tried again: part of the request's body had been sent, and it was too large to be kept",
        TriedNoMore.NoOtherDestination => "Not tried again: there is no other destination to try",
        TriedNoMore.AttemptsUsed => "Not tried again: it has been tried as often as the configuration allows",
        TriedNoMore.TimeUsed => "Not tried again: the limit of the whole request left no time",
        _ => "Not tried again: the cluster had used up its share of retries, so that an outage is not multiplied",
    };
}
