using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
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
            case CauseId.NoHealthyDestination when s.Request.Unhealthy is { Count: > 0 } all && all.All(d => d.Cause is CauseId.ConnectRefused or CauseId.SocketMissing):
                yield return Hint(
                    s,
                    "app_down",
                    Confidence.Likely,
                    all.Count == 1 ? "The app is not running: nothing listens at its address." : "No copy of the app is running: nothing listens at any of their addresses.",
                    [.. all.Take(4).Select(d => $"{Seen.Short(d.Destination)}: {HostileText.Line(d.Words, 300)}")]);
                break;
            case CauseId.NoHealthyDestination when s.Request.Unhealthy.FirstOrDefault(d => d.Status is (>= 300 and < 400) or 401 or 403 or 404 or 405) is { } asked:
                yield return Hint(
                    s,
                    "health_path",
                    Confidence.Likely,
                    "The app answers the health check, only not as a healthy app does: the check asks for a wrong path, or for one that needs a sign-in.",
                    $"{Seen.Short(asked.Destination)}: {HostileText.Line(asked.Words, 300)}");
                break;
            case CauseId.UpstreamStarting:
                yield return Hint(s, "app_starting", s.Failure.Confidence, $"The app behind {s.Where} has been started and is not ready yet.", "Its process was seen, younger than a usual start, with the port not open yet");
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
