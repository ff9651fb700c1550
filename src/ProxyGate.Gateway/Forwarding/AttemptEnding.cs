using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>What is due when an attempt has ended, whoever carried it.</summary>
internal static class AttemptEnding
{
    /// <summary>An upload that the app answered before its end is the app's answer, not a transport failure that marks it down.</summary>
    public static ForwarderError Settle(HttpContext context, RequestRecord record, ForwarderError error)
    {
        if (record.Last is { End: AttemptEnd.GatewayStopped }) record.Decide(GatewayDecision.Draining);

        // A tunnel that did not end in order must not look to the client as if it had.
        if (record.TunnelEnd is TunnelEnd.UpstreamBroke or TunnelEnd.Idle) context.Abort();
        if (error != ForwarderError.RequestBodyDestination && record.ClientBody is not { WasStopped: true }) return error;
        if (record.Last is not { HeadReceived: true, Failed: false }) return error;
        context.Features.Set<IForwarderErrorFeature>(null);
        return ForwarderError.None;
    }
}
