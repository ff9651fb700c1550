using System.Net;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;

namespace ProxyGate.Gateway.Probing;

/// <summary>Asks the health path once, over a connection of its own where that is possible: a kept-alive one can be open to a process that takes no new ones.</summary>
internal static class HttpProbe
{
    private const int MostBody = 256 * 1024;
    private const string UserAgent = "ProxyGate (health check)";

    public static async Task<HealthReason?> AskAsync(ProbeSetting probe, UpstreamClient client, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var request = Request(probe, HttpMethod.Get, probe.Target);
        request.Headers.ConnectionClose = true;
        return await SendAsync(probe, client, request, (attempt, _, _) => attempt.UpstreamStatus is { } status && !probe.Health.Status.Any(s => s.Matches(status))
            ? $"GET {probe.Target.PathAndQuery} was answered with status {status}; {string.Join(" or ", probe.Health.Status)} is healthy."
            : null, clock, cancellationToken);
    }

    public static HttpRequestMessage Request(ProbeSetting probe, HttpMethod method, Uri target)
    {
        var http = probe.Cluster.Model.Config.HttpRequest;
        var request = new HttpRequestMessage(method, target) { Version = http?.Version ?? HttpVersion.Version20, VersionPolicy = http?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower };
        if (probe.Destination.Model.Config.Host is { Length: > 0 } host) request.Headers.Host = host;
        request.Headers.TryAddWithoutValidation("User-Agent", UserAgent);
        return request;
    }

    /// <param name="judge">Gets the attempt, the answer and its body; says in words why the answer is not a healthy one.</param>
    public static async Task<HealthReason?> SendAsync(
        ProbeSetting probe, UpstreamClient client, HttpRequestMessage request, Func<Attempt, HttpResponseMessage, byte[], string?> judge, TimeProvider clock, CancellationToken cancellationToken)
    {
        var attempt = probe.Begin(clock);
        var (method, path, cluster) = (request.Method.Method, request.RequestUri!.AbsolutePath, probe.Cluster.ClusterId);
        attempt.Request.TotalLimit = probe.Limit;
        // A little longer than the phases, which name what was slow.
        using var limit = new CancellationTokenSource(probe.Limit + TimeSpan.FromMilliseconds(250), clock);
        using var expired = limit.Token.UnsafeRegister(static a => ((Attempt)a!).Request.TotalPassed(), attempt);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await client.SendAsync(request, attempt, linked.Token);
            var body = await ReadAsync(response, linked.Token);
            if (!attempt.Failed)
            {
                return judge(attempt, response, body) is { } words ? ProbeVerdict.OfAnswer(attempt, method, path, cluster, words, clock.GetUtcNow()) : null;
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What broke is noted on the attempt; a limit that cut the reading of a body may not be.
            if (!attempt.Failed) attempt.FailCancelled();
        }

        return ProbeVerdict.Of(attempt, method, path, cluster, clock.GetUtcNow());
    }

    /// <summary>To its end, so that the app does not see its answer broken off; a long one is left.</summary>
    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using var kept = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[8 * 1024];
        int read;
        while (kept.Length < MostBody && (read = await stream.ReadAsync(buffer, cancellationToken)) > 0) kept.Write(buffer, 0, read);
        return kept.ToArray();
    }
}
