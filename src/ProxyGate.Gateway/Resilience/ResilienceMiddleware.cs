using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Routing;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// Keeps a request flowing: past destinations whose circuit is open, and again where its attempt failed and the evidence says that this is
/// safe. Stands before load balancing, so that each attempt is balanced by itself. A request that goes well pays for a counter here, and whoever
/// waits for it anyway asks what is to follow: each request would pay for another state machine.
/// </summary>
internal sealed class ResilienceMiddleware(RequestDelegate next, ClusterGuards guards, RouteHistory history, IGatewaySettingsSource source) : IFollowUp
{
    public Task InvokeAsync(HttpContext context)
    {
        if (RequestRecord.Of(context) is not { } record || record.Proxy is not { Route.Cluster: { } cluster } proxy) return next(context);

        var settings = record.Settings = record.Route?.OfCluster ?? source.Current.ForCluster(cluster.ClusterId);
        var request = Guarded(record, proxy, cluster);
        request.Guard.Budget.CountRequest();
        ThrownAnswers? thrown = null;
        if (settings.Retries.Attempts > 1)
        {
            record.ReplayLimit = settings.Retries.BodyBuffer;
            if (settings.Retries.OnStatus.Count > 0)
            {
                thrown = new ThrownAnswers(request);
                record.ThrowsAway = thrown.ThrowsAway;
            }
        }

        if (!MayPass(request, out var passage)) return Task.CompletedTask;
        record.FollowUp = thrown is null && passage.IsFree ? this : new SpecialAttempt(this, passage, thrown);
        return next(context);
    }

    Task? IFollowUp.After(RequestRecord record) => After(record, Passage.Free, null);

    /// <summary>Judges the first attempt, and begins the next where there is to be one.</summary>
    private Task? After(RequestRecord record, in Passage passage, ThrownAnswers? thrown)
    {
        var proxy = record.Proxy!;
        var request = Guarded(record, proxy, proxy.Route.Cluster!);
        Judge(request, passage, attemptsBefore: 0);
        if (request.Settings.Retries.Attempts <= 1) return null;
        var plan = Plan(request, thrown);
        return plan.TriesAgain ? TryAgainAsync(request, thrown, plan) : null;
    }

    private GuardedRequest Guarded(RequestRecord record, IReverseProxyFeature proxy, ClusterState cluster) =>
        new(record.Context, record, proxy, guards.Of(cluster), record.Settings!) { History = history };

    /// <summary>A first attempt of which there is more to remember than that it was made.</summary>
    private sealed class SpecialAttempt(ResilienceMiddleware resilience, Passage passage, ThrownAnswers? thrown) : IFollowUp
    {
        public Task? After(RequestRecord record) => resilience.After(record, passage, thrown);
    }

    /// <summary>A further attempt, unless every destination it could go to is left alone.</summary>
    private async Task AttemptAsync(GuardedRequest request)
    {
        if (!MayPass(request, out var passage)) return;
        var attempts = request.Record.AttemptCount;
        await next(request.Context);
        Judge(request, passage, attempts);
    }

    /// <summary>Finds out where the request may go. False when every destination that it could go to is left alone.</summary>
    private static bool MayPass(in GuardedRequest request, out Passage passage)
    {
        var (_, record, proxy, guard, settings) = request;
        passage = settings.CircuitBreaker.Enabled ? guard.Circuits.Choose(request) : Passage.Free;
        if (passage.TurnedAway is { } turnedAway)
        {
            (record.OpenCircuit, record.OpenedBy) = (turnedAway, passage.OpenedBy);
            record.Decide(GatewayDecision.CircuitOpen);
            return false;
        }

        if (passage.Destinations is { } destinations) proxy.AvailableDestinations = destinations;
        if (settings.Concurrency.MaxPerDestination is { } max && guard.WithRoom(proxy.AvailableDestinations, max) is { } withRoom) proxy.AvailableDestinations = withRoom;
        return true;
    }

    private static void Judge(in GuardedRequest request, in Passage passage, int attemptsBefore) => request.Guard.Circuits.Judge(
        request.Proxy.ProxiedDestination, request.Record.AttemptCount > attemptsBefore ? request.Record.Last : null, passage.Trial, request.Settings.CircuitBreaker);

    private static RetryPlan Plan(in GuardedRequest request, ThrownAnswers? thrown)
    {
        if (thrown?.Take() is { } decided) return decided;
        if (request.Record.Last is not { Failed: true }) return RetryPlan.Done;
        var plan = RetryPlanner.AfterFailure(request);
        request.Record.TriedNoMore = plan.NoMore;
        return plan;
    }

    private async Task TryAgainAsync(GuardedRequest request, ThrownAnswers? thrown, RetryPlan first)
    {
        // The first attempt has been made: what Polly is given first is its outcome.
        var plan = first;
        var made = true;
        await request.Guard.Retrying(request.Settings.Retries).ExecuteAsync(
            async _ =>
            {
                if (made)
                {
                    made = false;
                    return plan;
                }

                Reset(request, plan);
                await AttemptAsync(request);
                return plan = Plan(request, thrown);
            },
            request.Context.RequestAborted);
    }

    /// <summary>Puts the request back to where it stood before its attempt.</summary>
    private static void Reset(in GuardedRequest request, in RetryPlan plan)
    {
        request.Context.Response.Clear();
        request.Context.Features.Set<IForwarderErrorFeature>(null);
        request.Record.ForwardedWell = false;
        request.Record.ClientBody?.Rewind();
        request.Record.WantsFreshConnection = plan.OnFreshConnection;
        request.Proxy.AvailableDestinations = plan.Destinations!;
        request.Proxy.ProxiedDestination = null;
    }

    /// <summary>
    /// Answers of the app that are thrown away for another attempt, where the settings ask for it. What comes next is decided before the
    /// answer is thrown away, so that none is lost for nothing.
    /// </summary>
    private sealed class ThrownAnswers(GuardedRequest request)
    {
        private RetryPlan? _plan;

        public bool ThrowsAway(RequestRecord record, int status)
        {
            if (!request.Settings.Retries.OnStatus.Contains(status)) return false;
            var plan = RetryPlanner.AfterAnswer(request);
            if (!plan.TriesAgain) return false;
            _plan = plan;
            return true;
        }

        public RetryPlan? Take()
        {
            var plan = _plan;
            _plan = null;
            return plan;
        }
    }
}

/// <summary>A request on its way, with all that is asked about it.</summary>
internal readonly record struct GuardedRequest(HttpContext Context, RequestRecord Record, IReverseProxyFeature Proxy, ClusterGuard Guard, ClusterSettings Settings)
{
    public required RouteHistory History { get; init; }

    /// <summary>The destinations in use now, wherever the request is being tried.</summary>
    public IReadOnlyList<DestinationState> InUse => History.InUse(Proxy.Route);
}
