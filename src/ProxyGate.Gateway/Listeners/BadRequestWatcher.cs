using System.Diagnostics;
using System.Net;
using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace ProxyGate.Gateway.Listeners;

/// <summary>What Kestrel knew of a request it refused by itself, before any middleware.</summary>
/// <param name="Status">What was answered: 400, 408, 413, 414, 431, 505 …</param>
/// <param name="Reason">Kestrel's name for it, e.g. <c>InvalidRequestLine</c>, <c>RequestHeadersTimeout</c>; absent when it does not tell.</param>
/// <param name="Message">Kestrel's sentence. It may quote what the client sent: hostile text.</param>
/// <param name="InBody">True when the head was fine and the body was not: then the request went through the pipeline, which has its own record of it.</param>
/// <param name="Cause">The cause's id, for refusals of the head.</param>
internal sealed record BadRequestFacts(
    int Status,
    string? Reason,
    string Message,
    bool InBody,
    string Cause,
    IPAddress? RemoteAddress,
    RealPeer? Peer,
    ListenerFeature? Listener,
    string? Protocol,
    string? Method,
    string? ConnectionId);

/// <summary>
/// Sees the requests that Kestrel refuses before the pipeline begins: malformed, too large, too slow. Kestrel tells of them by a diagnostic event only
/// (HTTP/1.1; an HTTP/2 head is refused inside the connection without one).
/// </summary>
/// <param name="diagnostics">Kestrel's source alone, see <see cref="ServerEvents"/>.</param>
/// <param name="seen">Told of each.</param>
internal sealed class BadRequestWatcher(DiagnosticListener diagnostics, Action<BadRequestFacts> seen)
    : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string EventName = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    /// <summary>Refusals while the body was read, by Kestrel's names.</summary>
    private static readonly HashSet<string> BodyReasons = new(StringComparer.Ordinal)
    {
        "BadChunkSuffix", "BadChunkSizeData", "ChunkedRequestIncomplete", "UnexpectedEndOfRequestContent", "RequestBodyTooLarge", "RequestBodyTimeout",
        "RequestBodyExceedsContentLength",
    };

    /// <summary>Not public, so it may go away: then the status alone decides. Named in full, so that it is still there when what nobody uses is left out of the program.</summary>
    private static readonly PropertyInfo? s_reason =
        Type.GetType("Microsoft.AspNetCore.Server.Kestrel.Core.BadHttpRequestException, Microsoft.AspNetCore.Server.Kestrel.Core")
            ?.GetProperty("Reason", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public);

    private IDisposable? _subscription;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // The predicate keeps every other event of the server as cheap as without us.
        _subscription = diagnostics.Subscribe(this, static (name, _, _) => name == EventName);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == EventName && value.Value is IFeatureCollection features && features.Get<IBadRequestExceptionFeature>()?.Error is { } error)
            seen(Facts(features, error));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => Interlocked.Exchange(ref _subscription, null)?.Dispose();

    /// <summary>A source of Kestrel's own: were there a listener to the one it shares with the host, that would ask it for each request what it wants to hear.</summary>
    public static DiagnosticListener ServerEvents() => new("ProxyGate.Server");

    private static BadRequestFacts Facts(IFeatureCollection features, Exception error)
    {
        var status = (error as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
        var reason = ReasonOf(error);
        var connection = features.Get<IHttpConnectionFeature>();
        var request = features.Get<IHttpRequestFeature>();
        return new BadRequestFacts(
            status,
            reason,
            error.Message,
            InBody: reason is not null ? BodyReasons.Contains(reason) : status == StatusCodes.Status413PayloadTooLarge,
            Cause: CauseOf(status),
            connection?.RemoteIpAddress,
            features.Get<RealPeer>(),
            features.Get<ListenerFeature>(),
            request?.Protocol,
            request?.Method,
            connection?.ConnectionId);
    }

    private static string CauseOf(int status) => status switch
    {
        StatusCodes.Status408RequestTimeout => "client_head_timeout",
        StatusCodes.Status413PayloadTooLarge or StatusCodes.Status414UriTooLong or StatusCodes.Status431RequestHeaderFieldsTooLarge => "client_request_too_large",
        _ => "client_request_malformed",
    };

    private static string? ReasonOf(Exception error) => s_reason?.DeclaringType!.IsInstanceOfType(error) == true ? s_reason.GetValue(error)?.ToString() : null;
}
