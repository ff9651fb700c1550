using System.Net;

namespace ProxyGate.EndToEnd.Tests.Incidents;

/// <summary>Requests as fast as they go, over so many connections.</summary>
internal static class Storm
{
    /// <param name="requests">Without end where the gateway is killed meanwhile.</param>
    /// <returns>How many were answered with 502; anything else fails the test.</returns>
    public static async Task<int> SendAsync(Uri to, int requests, int connections, CancellationToken stop)
    {
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = connections }) { Timeout = TimeSpan.FromSeconds(60) };
        var (left, answered) = (requests, 0);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            while (Interlocked.Decrement(ref left) >= 0 && !stop.IsCancellationRequested)
            {
                try
                {
                    using var response = await client.GetAsync(to, HttpCompletionOption.ResponseContentRead, stop);
                    if (response.StatusCode == HttpStatusCode.BadGateway) Interlocked.Increment(ref answered);
                    else Assert.Fail($"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(stop)}");
                }
                catch (Exception e) when (e is HttpRequestException or OperationCanceledException && requests == int.MaxValue)
                {
                    // The gateway is killed meanwhile.
                }
            }
        }));
        return answered;
    }
}
