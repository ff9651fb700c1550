using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Investigating;
using ProxyGate.Gateway.Resilience;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>
/// What is known of the failures because of which a request was sent nowhere: it met none itself, so that theirs is all it can be told. A look that
/// ended since is told too, and none that a good answer came after. In an outage nothing of it changes from one request to the next, and it is put
/// into words once.
/// </summary>
internal sealed class EarlierFailures(ClusterGuards guards, InvestigationDesk investigations, IncidentTracker incidents)
{
    private const int MostDestinations = 4;

    /// <summary>A failure so long before its destination was taken out of use is not the reason for that.</summary>
    private static readonly TimeSpan Before = TimeSpan.FromMinutes(1);

    private readonly ConditionalWeakTable<FailureEvent, Known> _known = [];

    /// <param name="context">The request that was sent nowhere.</param>
    /// <param name="request">What is known of it.</param>
    /// <param name="cause">What became of it.</param>
    /// <param name="surroundings">What stood around it; its last good answer is that of the destination whose circuit is open.</param>
    public IReadOnlyList<EarlierFailure> Of(HttpContext context, RequestFacts request, string cause, FailureContext surroundings) => cause switch
    {
        CauseId.CircuitOpen when RequestRecord.Of(context)?.OpenedBy is { } opened => Tell(opened, surroundings.Now, surroundings.LastSuccess),
        CauseId.NoHealthyDestination when request.Unhealthy.Count > 0 => [.. request.Unhealthy.Take(MostDestinations).SelectMany(d => OutOfUse(context, request, d, surroundings.Now))],
        _ => [],
    };

    /// <summary>Has the destination looked at again while requests are turned away from it, as often as if they had been sent there and failed.</summary>
    public void LookAgain(RequestRecord record)
    {
        if (record.OpenedBy is { } opened) investigations.LookAgain(KnownOf(opened).Facts, KnownOf(opened).Observed, opened);
    }

    private IReadOnlyList<EarlierFailure> OutOfUse(HttpContext context, RequestFacts request, UnhealthyDestination destination, DateTimeOffset now)
    {
        if (guards.LastFailure(context, destination.Destination) is not { } last || last.Time < now - TimeSpan.FromMilliseconds(destination.ForMs) - Before) return [];
        var success = incidents.LastSuccess(request.Cluster, destination.Destination);
        return success > last.Time ? [] : Tell(last, now, success);
    }

    private IReadOnlyList<EarlierFailure> Tell(FailureEvent last, DateTimeOffset now, DateTimeOffset? lastSuccess)
    {
        var known = KnownOf(last);
        var look = investigations.LastLook(last);
        if (lastSuccess > look?.At) look = null;
        var found = look?.At ?? last.Time;
        var outdated = now - found > LookBook.Fresh || lastSuccess > found;
        if (known.Told is { } told && ReferenceEquals(told.Look, look) && told.Outdated == outdated) return told.Words;
        var failure = look is null ? known.Observed : Classifier.Refine(known.Observed, look, last.Time);
        var words = new[] { EarlierFailure.Of(last.Id, last.Time, Explainer.Explain(known.Facts, failure, last.Diagnosis.Context, look), outdated) };
        known.Told = new Told(look, outdated, words);
        return words;
    }

    private Known KnownOf(FailureEvent last) => _known.TryGetValue(last, out var known) ? known : _known.GetValue(last, static e => new Known(new FailureFacts(e.Request, e.Attempts)));

    private sealed class Known(FailureFacts facts)
    {
        private volatile Told? _told;

        public FailureFacts Facts => facts;

        /// <summary>The verdict from the attempts alone.</summary>
        public Failure Observed { get; } = Classifier.Classify(facts);

        public Told? Told
        {
            get => _told;
            set => _told = value;
        }
    }

    private sealed record Told(InvestigationFacts? Look, bool Outdated, IReadOnlyList<EarlierFailure> Words);
}
