using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Probing;

/// <summary>Puts what an attempt met into a reason, by the same classifier and words as a failed request's.</summary>
internal static class ProbeVerdict
{
    public static HealthReason Of(Attempt attempt, string method, string path, string cluster, DateTimeOffset now)
    {
        var facts = Facts(attempt, method, path, cluster);
        var failure = Classifier.Classify(facts);
        return new HealthReason(failure.Cause.Id, Explainer.Explain(facts, failure).Sentence, now);
    }

    /// <summary>It answered, and not as a healthy app does.</summary>
    public static HealthReason OfAnswer(Attempt attempt, string method, string path, string cluster, string words, DateTimeOffset now)
    {
        // A gateway's own error page on the way says more than a status.
        var cause = attempt.UpstreamStatus >= 500 ? Classifier.Classify(Facts(attempt, method, path, cluster)).Cause.Id : CauseId.UpstreamErrorPassedThrough;
        return new HealthReason(cause, words, now, attempt.UpstreamStatus);
    }

    private static FailureFacts Facts(Attempt attempt, string method, string path, string cluster) => new(
        new RequestFacts { Method = method, Path = path, Protocol = attempt.Protocol, Cluster = cluster },
        [attempt.ToFacts()]);
}
