using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>
/// Three destinations of which one is killed (SIGKILL) again and again under mixed traffic. tests/load/resilience.sh runs it at length.
/// </summary>
public sealed class KilledAppsTests(ITestOutputHelper output)
{
    private const string SecondsVariable = "PROXYGATE_KILLS_SECONDS";
    private const string RateVariable = "PROXYGATE_KILLS_RATE";

    /// <summary>From this rate on, clients that wait for their answers offer less than they are asked for.</summary>
    private const double EvenFrom = 500;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_POST_is_acted_on_twice_and_only_what_could_not_safely_be_repeated_fails()
    {
        var seconds = Number(SecondsVariable, 8);
        var rate = Number(RateVariable, 150);
        using var folder = new TestFolder();
        var apps = Enumerable.Range(0, 3).Select(i => new CountingApp(folder, i)).ToArray();
        try
        {
            foreach (var app in apps) await app.StartAsync();
            await using var gateway = await GatewayInFront.StartAsync(folder, apps[0].Url, config =>
            {
                var cluster = config["ReverseProxy"]!["Clusters"]!["app"]!;
                cluster["LoadBalancingPolicy"] = "RoundRobin";
                for (var i = 1; i < apps.Length; i++) cluster["Destinations"]![$"app{i + 1}"] = new JsonObject { ["Address"] = apps[i].Url };
            });

            var warm = 0;
            if (rate >= EvenFrom) await EvenLoad.WarmUpAsync(gateway.Process.Address, n => EvenLoad.Request($"/warm-{Interlocked.Increment(ref warm)}", n % 2 == 0 ? null : 200), rate, Ct);
            using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
            var failed = new ConcurrentBag<(string Path, int Status, string? Id)>();
            var (sent, kills) = (0, 0);
            var even = rate >= EvenFrom ? new EvenLoad(gateway.Process.Address, n => EvenLoad.Request($"/{n}", n % 2 == 0 ? null : 200)) : null;
            var traffic = even is not null ? [EvenAsync()] : Enumerable.Range(0, 8).Select(w => Task.Run(async () =>
            {
                var clock = Stopwatch.StartNew();
                for (var n = 0; !stop.IsCancellationRequested; n++)
                {
                    var path = $"/{w}-{n}";
                    using var request = new HttpRequestMessage(n % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, path) { Content = n % 2 == 0 ? null : new ByteArrayContent(new byte[200]) };
                    using var response = await gateway.Client.SendAsync(request, Ct);
                    Interlocked.Increment(ref sent);
                    if (!response.IsSuccessStatusCode) failed.Add((path, (int)response.StatusCode, response.Headers.TryGetValues("ProxyGate-Failure", out var ids) ? ids.Single() : null));
                    var ahead = TimeSpan.FromSeconds((n + 1) * 8.0 / rate) - clock.Elapsed;
                    if (ahead > TimeSpan.Zero) await Task.Delay(ahead, CancellationToken.None);
                }
            })).ToArray();
            // The budget is a share of the requests of the last ten seconds: there must have been some.
            await Traffic.Waiting.UntilAsync(() => Task.FromResult((even?.Sent ?? Volatile.Read(ref sent)) > 200), () => $"{sent} requests", Ct);
            stop.CancelAfter(TimeSpan.FromSeconds(seconds));
            while (!stop.IsCancellationRequested)
            {
                var victim = apps[kills++ % apps.Length];
                await victim.KillAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(200), CancellationToken.None); // down for a moment
                await victim.StartAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(500), CancellationToken.None);
            }

            await Task.WhenAll(traffic);
            output.WriteLine($"{sent} requests, {kills} kills, {failed.Count} failed");

            async Task EvenAsync()
            {
                var seen = await even.RunAsync(rate, TimeSpan.FromSeconds(seconds * 2), stop.Token);
                sent = seen.Count;
                foreach (var one in seen.Where(s => s.Status is not 200)) failed.Add(($"/{one.Number}", one.Status, one.FailureId));
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seen.Count} in {seen.Max(s => s.Due).TotalSeconds:0.0} s, median {seen.Quantile(0.5):0.00} ms, 99th percentile {seen.Quantile(0.99):0.0} ms"));
            }

            var orders = apps.SelectMany(a => a.Orders).ToList();
            Assert.Equal(orders.Count, orders.Distinct().Count());
            var why = new Dictionary<string, int>();
            foreach (var (path, status, id) in failed)
            {
                Assert.True(id is not null, $"{path}: {status} without an id");
                var failure = await gateway.Process.EventAsync(id, Ct);
                Assert.True((string?)failure["client"]!["method"] == "POST", failure.ToJsonString());
                Assert.True((string?)failure["not_retried"] == "may_have_been_processed", failure.ToJsonString());
                var last = failure["attempts"]!.AsArray()[^1]!;
                var evidence = $"{failure["cause"]}: attempt {last["n"]}, request {((int)last["request_no"]! > 1 ? "after others on its connection" : "the first on its connection")}, {last["bytes_received"]} bytes received, acknowledged {last["tcp"]?["request_bytes_acked"] ?? "?"}";
                why[evidence] = why.GetValueOrDefault(evidence) + 1;
            }

            foreach (var (evidence, count) in why) output.WriteLine($"{count} POSTs that may have been acted on: {evidence}");

            // What was saved is told, too.
            var saved = await gateway.Process.WaitForEventAsync(e => (bool?)e["saved"] == true, "a saved request", Ct);
            Assert.Equal(("Warning", 200), ((string?)saved["@l"], (int?)saved["status"]));
            Assert.True(saved["attempts"]!.AsArray().Count > 1, saved.ToJsonString());
            Assert.True(sent > 100, $"{sent} requests");
        }
        finally
        {
            foreach (var app in apps) await app.DisposeAsync();
        }
    }

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
