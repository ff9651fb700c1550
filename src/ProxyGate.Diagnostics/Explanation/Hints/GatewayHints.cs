using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes in the gateway's own decisions and in the states that a look at the host has proved.</summary>
internal static class GatewayHints
{
    /// <summary>An answer so shortly before all destinations were out of use: then the checks, not the app, changed.</summary>
    private static readonly TimeSpan JustBefore = TimeSpan.FromSeconds(30);

    public static IEnumerable<Hint> Of(Seen s)
    {
        switch (s.Failure.Cause.Id)
        {
            case CauseId.NoDestinationsConfigured:
                yield return Hint(s, "destinations_missing", Confidence.Proved, $"Cluster \"{s.Cluster}\" has no destination in the configuration.", string.IsNullOrEmpty(s.Request.DecisionDetail) ? "The cluster's list of destinations is empty" : Seen.Short(s.Request.DecisionDetail));
                break;
            case CauseId.GatewayInternalError when s.Request.GatewayFault is { Length: > 0 } fault:
                yield return Hint(s, "gateway_bug", Confidence.Likely, "ProxyGate itself, or a transform that the configuration adds to it, went wrong.", $"Exception: {Seen.Short(fault.Split('\n')[0].TrimEnd('\r'))}");
                break;
            case CauseId.NoHealthyDestination when Answering(s) is { } answering:
                yield return Hint(
                    s,
                    "health_path",
                    Confidence.Possible,
                    "The app answers requests, so the health check may ask for a wrong path, or for one that needs a sign-in.",
                    answering);
                break;
            case CauseId.UpstreamStarting:
                yield return Hint(s, "app_starting", s.Failure.Confidence, $"The app behind {s.Where} is starting and will accept connections when it is ready.", "Its process was seen, younger than a usual start, with the port not open yet");
                break;
        }
    }

    private static string? Answering(Seen s) => s.Context is not { } c ? null
        : c.LastSuccess is { } last && c.Now - last is var ago && ago >= TimeSpan.Zero && ago <= JustBefore
            ? $"The last good answer came {Amounts.Time(ago.TotalMilliseconds)} ago, while the destinations were being taken out of use"
        : c.Neighbours.FirstOrDefault(n => n is { FailingWith: null, LastSuccess: { } at } && c.Now - at is var since && since >= TimeSpan.Zero && since <= JustBefore) is { LastSuccess: { } well } neighbour
            ? $"Destination \"{Seen.Short(neighbour.Destination)}\" answered well {Amounts.Time((c.Now - well).TotalMilliseconds)} ago"
        : null;
}
