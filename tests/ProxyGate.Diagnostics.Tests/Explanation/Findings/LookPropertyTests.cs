using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Tests.Explanation.Findings;

/// <summary>Looks nobody thought of: the parts of all known ones, mixed, after every kind of failure.</summary>
public sealed class LookPropertyTests
{
    [Property(MaxTest = 3000, Arbitrary = [typeof(AnyLook)])]
    public bool Whatever_was_seen_after_whatever_there_is_an_explanation(MixedLook mixed)
    {
        var observed = ExampleFailures.Verdict(mixed.Failure);
        var refined = Classifier.Refine(observed, mixed.Look, LookCase.FailedAt);
        var diagnosis = Explainer.Explain(ExampleFailures.All[mixed.Failure], refined, null, mixed.Look);
        return CauseCatalogue.TryGet(refined.Cause.Id, out _)
            && refined.Status is >= 100 and <= 599
            && diagnosis.Hints.Count <= 3
            && diagnosis.Hints.All(h => h.Evidence.Count > 0 && h.Try.Count > 0)
            && diagnosis.Hints.Select(h => h.Id).Distinct().Count() == diagnosis.Hints.Count
            && diagnosis.Hints.Zip(diagnosis.Hints.Skip(1)).All(p => p.First.Confidence <= p.Second.Confidence);
    }

    [Property(MaxTest = 2000, Arbitrary = [typeof(AnyLook)])]
    public bool Nothing_makes_an_upstreams_fault_of_the_clients_or_the_gateways(MixedLook mixed)
    {
        var observed = ExampleFailures.Verdict(mixed.Failure);
        return observed.Attempt is not null && observed.Party != Diagnostics.Attempts.Party.Client
            || ReferenceEquals(observed, Classifier.Refine(observed, mixed.Look, LookCase.FailedAt));
    }

    [Property(MaxTest = 2000, Arbitrary = [typeof(AnyLook)])]
    public bool Without_an_end_a_start_a_service_or_a_full_queue_the_cause_stays(MixedLook mixed)
    {
        var bare = mixed.Look with { Death = null, Process = null, Service = null, Listener = mixed.Look.Listener is { } l ? l with { AcceptQueue = null, Starting = null } : null };
        var observed = ExampleFailures.Verdict(mixed.Failure);
        return ReferenceEquals(observed, Classifier.Refine(observed, bare, LookCase.FailedAt));
    }
}

public sealed record MixedLook(string Failure, InvestigationFacts Look);

public static class AnyLook
{
    public static Arbitrary<MixedLook> MixedLook() => Arb.From(
        from failure in Gen.Elements(ExampleFailures.Names.ToArray())
        from address in Gen.Elements("127.0.0.1:5000", "[::1]:5000", "10.0.0.5:8080", "/run/app.sock", "not an address")
        from listener in Part(l => l.Listener)
        from process in Part(l => l.Process)
        from before in Part(l => l.ProcessBefore)
        from death in Part(l => l.Death)
        from workers in Part(l => l.Workers)
        from log in Part(l => l.Log)
        from service in Part(l => l.Service)
        from path in Part(l => l.Path)
        from names in Part(l => l.Names)
        from limits in Part(l => l.Limits)
        from health in Part(l => l.Health)
        from container in Part(l => l.GatewayContainer)
        select new MixedLook(failure, new InvestigationFacts
        {
            Destination = "app-1",
            Address = address,
            At = LookCase.FailedAt,
            DurationMs = 1,
            Listener = listener,
            Process = process,
            ProcessBefore = before,
            Death = death,
            Workers = workers,
            Log = log,
            Service = service,
            Path = path,
            Names = names ?? [],
            Limits = limits,
            Health = health,
            GatewayContainer = container,
        }));

    private static Gen<T?> Part<T>(Func<InvestigationFacts, T?> part) where T : class =>
        Gen.Elements(LookCases.All.Values.Select(c => part(c.Look)).Distinct().ToArray());
}
