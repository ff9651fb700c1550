using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Forwarding;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>Reads, once the pipeline has run, whether a request failed, and gathers the facts for the classifier.</summary>
internal static class RequestOutcome
{
    /// <summary>
    /// Whether there is something to report. Costs a few field reads on the healthy path. What the pipeline knows and the record does
    /// not yet (no route, no destination, a client that left) is noted here.
    /// </summary>
    public static bool Failed(HttpContext context, RequestRecord record)
    {
        if (record.GatewayFault is not null || record.Decision != GatewayDecision.None) return true;
        var error = record.ForwardedWell ? null : context.Features.Get<IForwarderErrorFeature>();
        var last = record.Last;
        if (error is null && last is null) NoteNotForwarded(context, record);
        else if (error is not null) NoteForwarderError(context, record, error);
        if (last is { End: AttemptEnd.ClientGone } && record.ClientFault == ClientFault.None) record.Blame(ClientFault.Disconnected);
        return record.Decision != GatewayDecision.None
            || record.GatewayFault is not null
            || record.ClientFault != ClientFault.None
            || record.TunnelEnd is TunnelEnd.ClientBroke or TunnelEnd.UpstreamBroke or TunnelEnd.Idle
            || (last is not null && (last.Failed || last.UpstreamStatus >= 500 || last.WasRefusedEarly() || RefusedUpgrade(context, last)))
            || record.AnyEarlierFailed;
    }

    /// <summary>
    /// A WebSocket was asked for and the app answered with something else: the visitor's page stands still without it. Not so a redirect
    /// or a demand to sign in, slow down or pay, which are the app's to make.
    /// </summary>
    private static bool RefusedUpgrade(HttpContext context, Attempt attempt) =>
        attempt.UpstreamStatus is >= 200 and < 500 and not (>= 300 and < 400) and not (401 or 402 or 403 or 407 or 429)
        && attempt is not { Protocol: not "http/1.1", UpstreamStatus: 200 } // an extended CONNECT opens its tunnel with 200 (RFC 8441 section 5)
        && WantsWebSocket(context);

    private static bool WantsWebSocket(HttpContext context) =>
        context.Request.Headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase);

    private static void NoteNotForwarded(HttpContext context, RequestRecord record)
    {
        if (context.GetEndpoint() is null && context.Response.StatusCode == StatusCodes.Status404NotFound && !context.Response.HasStarted)
        {
            record.Decide(GatewayDecision.RouteNotFound);
        }
        else if (context.Response is { StatusCode: StatusCodes.Status503ServiceUnavailable, HasStarted: false }
            && record.Proxy?.Cluster.Config.SessionAffinity?.Enabled == true)
        {
            record.Decide(GatewayDecision.BoundDestinationLost);
        }
    }

    private static void NoteForwarderError(HttpContext context, RequestRecord record, IForwarderErrorFeature error)
    {
        switch (error.Error)
        {
            case ForwarderError.NoAvailableDestinations:
                var cluster = record.Proxy?.Cluster;
                var configured = cluster?.Config.Destinations?.Count ?? 0;
                record.Decide(
                    configured == 0 ? GatewayDecision.NoDestinationsConfigured : GatewayDecision.NoHealthyDestination,
                    cluster is null ? null : $"cluster {cluster.Config.ClusterId}, {configured} destinations configured");
                break;
            case ForwarderError.RequestCreation when error.Exception is UriFormatException or ArgumentException or NotSupportedException:
                record.Decide(GatewayDecision.ConfigInvalid, error.Exception.Message);
                break;
            case ForwarderError.RequestCreation or ForwarderError.ResponseHeaders when record.Last is null or { Failed: false }:
                record.GatewayFault ??= error.Exception ?? new UnreachableException();
                break;
            // A write that finds no client may be what tells of it first.
            case ForwarderError.ResponseBodyClient when record.Last is not { Failed: true }:
            case ForwarderError.RequestCanceled or ForwarderError.RequestBodyCanceled or ForwarderError.ResponseBodyCanceled
                when record.Last is not { Failed: true } && context.RequestAborted.IsCancellationRequested:
                record.Blame(ClientFault.Disconnected);
                break;
        }
    }

    /// <summary>Whether a later attempt answered the client well after an earlier one had failed.</summary>
    public static bool Saved(HttpContext context, FailureFacts facts, bool answeredByApp) =>
        answeredByApp && context.Response.StatusCode < 500 && facts.Attempts.Count > 1 && facts.Attempts.SkipLast(1).Any(a => a.End != AttemptEnd.Answered || a.UpstreamStatus >= 500);

    public static FailureFacts Facts(HttpContext context, RequestRecord record, IReadOnlyList<UnhealthyDestination> unhealthy)
    {
        var proxy = record.Proxy;
        var request = context.Request;
        var attempts = record.Attempts;
        var facts = new AttemptFacts[attempts.Count];
        for (var i = 0; i < facts.Length; i++) facts[i] = attempts[i].ToFacts();
        return new FailureFacts(
            new RequestFacts
            {
                Method = request.Method,
                Host = request.Host.Value ?? "",
                Path = request.Path.Value ?? "",
                Protocol = request.Protocol,
                Route = proxy?.Route.Config.RouteId,
                Cluster = proxy?.Cluster.Config.ClusterId,
                Decision = record.GatewayFault is not null && record.Decision == GatewayDecision.None ? GatewayDecision.InternalError : record.Decision,
                DecisionDetail = record.DecisionDetail,
                Unhealthy = unhealthy,
                TriedNoMore = record.TriedNoMore,
                OpenCircuit = record.OpenCircuit,
                ClientFault = record.ClientFault,
                ClientFaultStatus = record.ClientFaultStatus,
                RequestBytes = record.ClientBody?.BytesRead ?? 0,
                WantsUpgrade = WantsWebSocket(context) || HttpMethods.IsConnect(request.Method),
                TunnelEnd = record.TunnelEnd,
                ResponseStarted = context.Response.HasStarted,
                DurationMs = record.Elapsed.TotalMilliseconds,
                GatewayFault = record.GatewayFault?.ToString(),
            },
            facts);
    }
}
