using System.Collections.Concurrent;
using System.Diagnostics;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>Three destinations of which one is killed (SIGKILL) again and again under mixed traffic; <see cref="KilledAppsRun"/> does it at length.</summary>
public sealed class KilledAppsTests(ITestOutputHelper output)
{
    private const int Rate = 150;
    private static readonly TimeSpan Time = TimeSpan.FromSeconds(8);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_POST_is_acted_on_twice_and_only_what_could_not_safely_be_repeated_fails()
    {
        await using var apps = await KilledApps.StartAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var failed = new ConcurrentBag<(string Path, int Status, string? Id)>();
        var sent = 0;
        var traffic = Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
        {
            var clock = Stopwatch.StartNew();
            for (var n = 0; !stop.IsCancellationRequested; n++)
            {
                var path = $"/{w}-{n}";
                using var request = new HttpRequestMessage(n % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, path) { Content = n % 2 == 0 ? null : new ByteArrayContent(new byte[200]) };
                using var response = await apps.Gateway.Client.SendAsync(request, Ct);
                Interlocked.Increment(ref sent);
                if (!response.IsSuccessStatusCode) failed.Add((path, (int)response.StatusCode, response.Headers.TryGetValues("ProxyGate-Failure", out var ids) ? ids.Single() : null));
                var ahead = TimeSpan.FromSeconds((n + 1) * 8.0 / Rate) - clock.Elapsed;
                if (ahead > TimeSpan.Zero) await Task.Delay(ahead, CancellationToken.None);
            }
        })).ToArray();
        // The budget is a share of the requests of the last ten seconds: there must have been some.
        await Traffic.Waiting.UntilAsync(() => Task.FromResult(Volatile.Read(ref sent) > 200), () => $"{sent} requests", Ct);
        stop.CancelAfter(Time);
        await apps.KillAsync(down: TimeSpan.FromMilliseconds(200), well: TimeSpan.FromMilliseconds(500), stop.Token);
        await Task.WhenAll(traffic);
        output.WriteLine($"{sent} requests, {apps.Kills} kills, {failed.Count} failed");
        await apps.CheckAsync(failed, output, Ct);
        Assert.True(sent > 100, $"{sent} requests");
    }
}
