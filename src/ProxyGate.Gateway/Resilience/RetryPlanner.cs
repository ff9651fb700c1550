using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>Decides after a failed attempt whether there is another: the evidence says whether it is safe, the settings say how much of it.</summary>
internal static class RetryPlanner
{
    /// <summary>After an attempt that failed.</summary>
    public static RetryPlan AfterFailure(in GuardedRequest request)
    {
        var (context, record, proxy, guard, cluster) = request;
        var settings = cluster.Retries;
        if (record.Last is not { Failed: true } attempt || context.RequestAborted.IsCancellationRequested) return RetryPlan.Done;
        if (record is not { ClientFault: ClientFault.None, Decision: GatewayDecision.None, TunnelEnd: TunnelEnd.None }) return RetryPlan.Done;
        var facts = attempt.ToFacts();
        var method = context.Request.Method;
        // Through a forward proxy nothing shows how far the request had come, unless its client says that there was no connection.
        if (facts is { End: AttemptEnd.Unknown, RequestNumber: 0, HttpError: not (HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError) })
            return RetryPlan.Never(Idempotence.Of(method) ? TriedNoMore.WouldNotHelp : TriedNoMore.MayHaveBeenProcessed);
        switch (Classifier.MayRepeat(facts, new RequestFacts { Method = method, ResponseStarted = context.Response.HasStarted }))
        {
            case RetryAdvice.No:
                return RetryPlan.Never(TriedNoMore.WouldNotHelp);
            case RetryAdvice.IdempotentOnly when !Idempotence.Of(method):
                return RetryPlan.Never(TriedNoMore.MayHaveBeenProcessed);
        }

        var destinations = OtherDestinations(request);
        // A connection that had been idle says nothing of its destination: once more there, on a new one.
        if (facts is { RequestNumber: > 1, BytesReceived: 0, Protocol: "http/1.1" } && !attempt.OnFreshConnection && proxy.ProxiedDestination is { } same)
            return Bounded(record, guard, settings, RetryPlan.At([same], fresh: true), free: IsProvedUnseen(facts));
        if (destinations.Count > 0) return Bounded(record, guard, settings, RetryPlan.At(destinations));
        if (proxy.ProxiedDestination is { } only && (facts.Http2 is { NotProcessed: true } || (settings.SameDestination && facts.RequestNumber == 0)))
            return Bounded(record, guard, settings, RetryPlan.At([only], waits: true));
        return RetryPlan.Never(TriedNoMore.NoOtherDestination);
    }

    /// <summary>After an answer with a status that is to be tried elsewhere; nothing of it has gone to the client.</summary>
    public static RetryPlan AfterAnswer(in GuardedRequest request)
    {
        var (context, record, _, guard, cluster) = request;
        if (!Idempotence.Of(context.Request.Method) || context.Response.HasStarted || record.ClientFault != ClientFault.None) return RetryPlan.Done;
        var destinations = OtherDestinations(request);
        return destinations.Count == 0 ? RetryPlan.Done : Bounded(record, guard, cluster.Retries, RetryPlan.At(destinations));
    }

    private static RetryPlan Bounded(RequestRecord record, ClusterGuard guard, RetrySettings settings, RetryPlan plan, bool free = false)
    {
        if (record.AttemptCount >= settings.Attempts) return RetryPlan.Never(TriedNoMore.AttemptsUsed);
        if (record.ClientBody is { CanBeSentAgain: false }) return RetryPlan.Never(TriedNoMore.BodyNotKept);
        if (record.TotalLimit is { } total && total - record.Elapsed <= (plan.Waits ? settings.Backoff : TimeSpan.Zero)) return RetryPlan.Never(TriedNoMore.TimeUsed);
        // What the app provably never saw is no more load for it.
        return free || guard.Budget.TryTake(settings) ? plan : RetryPlan.Never(TriedNoMore.BudgetUsed);
    }

    private static bool IsProvedUnseen(AttemptFacts facts) => facts is { End: AttemptEnd.PeerClosed, Tcp: { RequestBytesAcked: 0, RequestBytesOnWire: > 0 } };

    /// <summary>Those of the cluster that are in use and have not been tried.</summary>
    private static List<DestinationState> OtherDestinations(in GuardedRequest request)
    {
        var available = request.InUse;
        var others = new List<DestinationState>(available.Count);
        var tried = request.Record.Attempts;
        var circuits = request.Guard.Circuits;
        foreach (var destination in available)
        {
            if (!WasTried(tried, destination.DestinationId) && !circuits.IsOpen(destination)) others.Add(destination);
        }

        return others;
    }

    private static bool WasTried(IReadOnlyList<Attempt> tried, string destination)
    {
        for (var i = 0; i < tried.Count; i++)
        {
            if (tried[i].Destination == destination) return true;
        }

        return false;
    }
}
