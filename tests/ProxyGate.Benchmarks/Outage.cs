using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Benchmarks;

/// <summary>One failed request of an outage, with what the gateway knows around it.</summary>
internal static class Outage
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    public static readonly FailureContext Context = new()
    {
        Now = Now,
        RouteSource = "proxygate.json:14",
        RouteMatch = "shop.example/{**rest}",
        DestinationSource = "proxygate.json:31",
        FirstSeen = Now.AddMinutes(-2),
        Count = 1204,
        LastSuccess = Now.AddMinutes(-2).AddSeconds(-1),
        GatewayStarted = Now.AddDays(-3),
        Paths = ["/basket", "/", "/login"],
    };

    public static FailureEvent Event(FailureFacts facts, Failure failure, Diagnosis diagnosis) => new()
    {
        Time = Now,
        Id = "k7mq-3f9x",
        Incident = "inc-4rt0-c2dx",
        TraceId = "4bf92f3577b34da6a3ce929d0e0e4736",
        SpanId = "00f067aa0ba902b7",
        Request = facts.Request,
        Attempts = facts.Attempts,
        Diagnosis = diagnosis,
        Status = failure.Status,
        ClientAddress = "203.0.113.9",
    };

    public static FailureEvent Event(string example)
    {
        var facts = ExampleFailures.All[example];
        var failure = Classifier.Classify(facts);
        return Event(facts, failure, Explainer.Explain(facts, failure, Context));
    }
}
