using System.Diagnostics;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>Marks the request's span as failed, so that a trace shows the cause and leads to the event.</summary>
internal static class FailureSpan
{
    public static void Mark(Activity? activity, FailureEvent e)
    {
        if (activity is not { IsAllDataRequested: true }) return;
        var failure = e.Diagnosis.Failure;
        activity.SetTag("proxygate.failure.id", e.Id);
        activity.SetTag("proxygate.cause", failure.Cause.Id);
        activity.SetTag("proxygate.stage", ContractNames.Of(failure.Stage));
        activity.SetTag("proxygate.party", ContractNames.Of(failure.Party));
        activity.SetTag("error.type", failure.Cause.Id);
        if (!FailureEventJson.IsWarning(e)) activity.SetStatus(ActivityStatusCode.Error, failure.Cause.Id);
    }
}
