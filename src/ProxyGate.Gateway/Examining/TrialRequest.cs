using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Examining;

/// <summary>
/// One GET by the gateway's own client, with the cluster's own settings, recorded and judged like a client's: what it meets is what the
/// gateway would. Nothing of a client is in it, and no redirect is followed.
/// </summary>
internal sealed class TrialRequest(ExaminedDestination destination, TimeProvider clock) : IDisposable
{
    private const string Agent = "ProxyGate-Diagnose";
    private const int MostOfBody = 256 * 1024;

    /// <summary>An answer that goes on for long, such as a stream of events, is good enough by then.</summary>
    private static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(1);

    private readonly UpstreamHandler _client = new(new UpstreamTlsPolicy(destination.Tls, destination.Protocols), null, clock);

    public void Dispose() => _client.Dispose();

    /// <param name="uri">What to ask for.</param>
    /// <param name="limits">How long each phase may take.</param>
    /// <param name="total">How long all of it may take.</param>
    /// <param name="cancellationToken">Ends it for who asked; the only thing that makes it throw.</param>
    public async Task<Trial> SendAsync(Uri uri, TimeoutSettings limits, TimeSpan total, CancellationToken cancellationToken)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Path) = (HttpMethods.Get, uri.AbsolutePath);
        var record = new RequestRecord(context, clock) { TotalLimit = total };
        var attempt = record.Begin(destination.Id, uri.GetLeftPart(UriPartial.Authority), limits, destination.HeadLimit);
        using var request = new HttpRequestMessage(HttpMethod.Get, uri) { Version = destination.Version, VersionPolicy = destination.VersionPolicy };
        request.Headers.Host = destination.HostField;
        request.Headers.TryAddWithoutValidation("User-Agent", Agent);
        request.Headers.TryAddWithoutValidation("Accept", "*/*");
        using var limit = new CancellationTokenSource(total, clock);
        using var expired = limit.Token.UnsafeRegister(static s => ((RequestRecord)s!).TotalPassed(), record);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? server = null, location = null;
        try
        {
            using var response = await _client.SendAsync(request, attempt, linked.Token);
            (server, location) = (Field(response, "Server"), Field(response, "Location"));
            await ReadAsync(await response.Content.ReadAsStreamAsync(linked.Token));
            attempt.Answered();
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (limit.IsCancellationRequested) attempt.FailTimeout(TimeoutPhase.Total, total);
            else attempt.Fail(AttemptEnd.Unknown, message: e.Message);
        }

        var facts = Facts(record, uri);
        var troubled = attempt.Failed || attempt.UpstreamStatus >= 500;
        return new Trial(facts, troubled ? Classifier.Classify(facts) : null) { Server = server, Location = location };
    }

    private FailureFacts Facts(RequestRecord record, Uri uri) => new(
        new RequestFacts
        {
            Method = HttpMethods.Get,
            Host = destination.HostField ?? (destination.SocketPath is null ? uri.Authority : "localhost"),
            Path = uri.AbsolutePath,
            Protocol = "by hand",
            Route = destination.Route,
            Cluster = destination.Cluster,
            DurationMs = record.Elapsed.TotalMilliseconds,
        },
        [.. record.Attempts.Select(a => a.ToFacts())]);

    /// <summary>Until its end, or enough of it: what breaks before that is seen.</summary>
    private async Task ReadAsync(Stream body)
    {
        var started = clock.GetTimestamp();
        var buffer = new byte[16 * 1024];
        for (var left = MostOfBody; left > 0;)
        {
            var rest = BodyPatience - clock.GetElapsedTime(started);
            if (rest <= TimeSpan.Zero) return;
            var reading = body.ReadAsync(buffer).AsTask();
            try
            {
                var length = await reading.WaitAsync(rest, clock);
                if (length == 0) return;
                left -= length;
            }
            catch (TimeoutException)
            {
                // It ends with the connection, and nobody waits for it then.
                _ = reading.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                return;
            }
        }
    }

    private static string? Field(HttpResponseMessage response, string name) =>
        response.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;
}
