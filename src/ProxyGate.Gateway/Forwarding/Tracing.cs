using System.Diagnostics;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>The trace that the outgoing request belongs to (W3C Trace Context).</summary>
internal static class Tracing
{
    /// <summary>The <c>traceparent</c> to send; absent while nobody traces: then the client's own goes on.</summary>
    public static string? Parent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.Id : null;
}
