using System.Net;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Tests.Incidents;

/// <summary>Failures and good answers as a gateway sees them, with a clock that can be moved, up to the batch for the store.</summary>
internal sealed class Recorder
{
    private static int s_recorders;

    public Recorder(TimeProvider? clock = null, int? linesPerSecond = IncidentTracker.LinesPerSecond)
    {
        Clock = clock as FakeTimeProvider ?? new FakeTimeProvider(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));
        Tracker = new IncidentTracker(clock ?? Clock, new Random(Interlocked.Increment(ref s_recorders)), linesPerSecond) { Gateway = "web1" };
        Intake = new FailureIntake(Tracker, Samples);
    }

    public FakeTimeProvider Clock { get; }

    public IncidentTracker Tracker { get; }

    public SampleQueue Samples { get; } = new();

    public FailureIntake Intake { get; }

    /// <summary>Lines of the event log.</summary>
    public List<FailureEvent> Lines { get; } = [];

    public FailureEvent Fail(string cause = "connect_refused", string? route = "shop", string? destination = "app1", string path = "/cart", string client = "192.0.2.7", bool saved = false)
    {
        var seen = Failures.Of(route, destination, cause, path) with { Saved = saved, Client = IPAddress.Parse(client), ReachedApp = false };
        var counted = Tracker.Count(seen);
        var e = Event(cause, counted, route, destination, path, client, saved);
        if (Intake.Take(e) is { } line) Lines.Add(line);
        return e;
    }

    public static FailureEvent Event(string cause, FailureCounted counted, string? route = "shop", string? destination = "app1", string path = "/cart", string client = "192.0.2.7", bool saved = false)
    {
        var example = ExampleFailures.All[cause];
        var facts = new FailureFacts(
            example.Request with { Method = "GET", Host = "shop.example", Path = path, Route = route, Cluster = "app" },
            [.. example.Attempts.Select(a => a with { Destination = destination ?? a.Destination })]);
        var failure = Classifier.Classify(facts);
        return new FailureEvent
        {
            Time = counted.Context.Now,
            Id = FailureId.New(Random.Shared),
            Incident = counted.Id,
            Request = facts.Request,
            Attempts = facts.Attempts,
            Diagnosis = Explainer.Explain(facts, failure, counted.Context),
            Status = failure.Status,
            ClientAddress = client,
            Saved = saved,
        };
    }

    public void Succeed(string route = "shop", string destination = "app1") => Tracker.Succeed(route, destination);

    /// <summary>What the writer would hand to the store now.</summary>
    public StoreBatch Batch(bool stopping = false)
    {
        Tracker.TakeChanges(stopping);
        foreach (var line in Tracker.TakeFolded(stopping))
        {
            Lines.Add(line);
            Samples.Offer(line);
        }

        var (failures, findings) = Samples.Take();
        return new StoreBatch(Tracker.TakeChanged(int.MaxValue), failures, findings) { Folded = Tracker.TakeFoldedIds() };
    }
}
