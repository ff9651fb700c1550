using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// Answers whose head must not wait for their first byte: an EventSource opens at the head, and a gRPC client may send its first message
/// only once it has seen it. For all others the head waits, so that an app that dies right behind it can still be answered with a page.
/// </summary>
internal static class LiveAnswer
{
    /// <summary>Call when the first byte of the body is being waited for.</summary>
    public static ValueTask SendHeadAsync(HttpContext context)
    {
        var response = context.Response;
        return response.HasStarted || !IsLive(response) ? ValueTask.CompletedTask : new ValueTask(response.Body.FlushAsync(context.RequestAborted));
    }

    /// <summary>By its type, or by the field with which apps ask nginx not to hold an answer back.</summary>
    private static bool IsLive(HttpResponse response) =>
        response.ContentType is { } type
            && (type.StartsWith("text/event-stream", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase))
        || response.Headers.TryGetValue("X-Accel-Buffering", out var buffering) && buffering.ToString().Equals("no", StringComparison.OrdinalIgnoreCase);
}
