using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Resilience;

/// <summary>
/// Sends a request again where its attempt failed and the evidence says that this is safe. Stands before load balancing, so that each
/// attempt is balanced and judged by itself. A request that goes well passes through here at the price of a counter.
/// </summary>
internal sealed class RetryMiddleware(RequestDelegate next, ClusterGuards guards, IGatewaySettingsSource source)
{
    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<RequestRecord>() is not { } record || context.Features.Get<IReverseProxyFeature>() is not { Route.Cluster: { } cluster } proxy)
        {
            await next(context);
            return;
        }

        var settings = source.Current.ForCluster(cluster.ClusterId).Retries;
        var guard = guards.Of(cluster);
        guard.Budget.CountRequest();
        if (settings.Attempts <= 1)
        {
            await next(context);
            return;
        }

        record.ReplayLimit = settings.BodyBuffer;
        try
        {
            var thrown = settings.OnStatus.Count == 0 ? null : new ThrownAnswers(context, proxy, guard, settings);
            if (thrown is not null) record.ThrowsAway = thrown.ThrowsAway;
            await next(context);
            var plan = Plan(context, record, proxy, guard, settings, thrown);
            if (plan.TriesAgain) await TryAgainAsync(context, record, proxy, guard, settings, thrown, plan);
        }
        finally
        {
            record.ClientBody?.Dispose();
        }
    }

    private static RetryPlan Plan(HttpContext context, RequestRecord record, IReverseProxyFeature proxy, ClusterGuard guard, RetrySettings settings, ThrownAnswers? thrown)
    {
        if (thrown?.Take() is { } decided) return decided;
        if (record.Last is not { Failed: true }) return RetryPlan.Done;
        var plan = RetryPlanner.AfterFailure(context, record, proxy, guard, settings);
        record.TriedNoMore = plan.NoMore;
        return plan;
    }

    private async Task TryAgainAsync(
        HttpContext context, RequestRecord record, IReverseProxyFeature proxy, ClusterGuard guard, RetrySettings settings, ThrownAnswers? thrown, RetryPlan first)
    {
        // The first attempt has been made: what Polly is given first is its outcome.
        var plan = first;
        var made = true;
        await guard.Retrying(settings).ExecuteAsync(
            async _ =>
            {
                if (made)
                {
                    made = false;
                    return plan;
                }

                Reset(context, record, proxy, plan);
                await next(context);
                return plan = Plan(context, record, proxy, guard, settings, thrown);
            },
            context.RequestAborted);
    }

    /// <summary>Puts the request back to where it stood before its attempt.</summary>
    private static void Reset(HttpContext context, RequestRecord record, IReverseProxyFeature proxy, RetryPlan plan)
    {
        context.Response.Clear();
        context.Features.Set<IForwarderErrorFeature>(null);
        record.ClientBody?.Rewind();
        record.WantsFreshConnection = plan.OnFreshConnection;
        proxy.AvailableDestinations = plan.Destinations!;
        proxy.ProxiedDestination = null;
    }

    /// <summary>Answers of the app that are thrown away for another attempt, where the settings ask for it. Decided before the answer is, so that none is lost for nothing.</summary>
    private sealed class ThrownAnswers(HttpContext context, IReverseProxyFeature proxy, ClusterGuard guard, RetrySettings settings)
    {
        private RetryPlan? _plan;

        public bool ThrowsAway(RequestRecord record, int status)
        {
            if (!settings.OnStatus.Contains(status)) return false;
            var plan = RetryPlanner.AfterAnswer(context, record, proxy, guard, settings);
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
