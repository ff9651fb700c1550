using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>
/// An app that can do so much and no more, at half and at twice of that. Only for tests/load/resilience.sh: it measures, and what is
/// measured depends on the machine.
/// </summary>
public sealed class OverloadRun(ITestOutputHelper output)
{
    private const string SecondsVariable = "PROXYGATE_OVERLOAD_SECONDS";
    private const int AtOnce = 8;
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task At_twice_the_capacity_the_requests_taken_keep_their_speed()
    {
        var time = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "10", CultureInfo.InvariantCulture));
        await using var app = new WorkingApp(AtOnce, Work);
        using var folder = new TestFolder();
        await using var gateway = await GatewayInFront.StartAsync(folder, app.Url, config =>
            config["ProxyGate"]!["Concurrency"] = new JsonObject { ["MaxPerDestination"] = AtOnce });
        var capacity = AtOnce / Work.TotalSeconds;
        await RunAsync(gateway, capacity / 2, TimeSpan.FromSeconds(2)); // warms up
        var half = await RunAsync(gateway, capacity / 2, time);
        var twice = await RunAsync(gateway, capacity * 2, time);
        output.WriteLine($"half the capacity:  {half}");
        output.WriteLine($"twice the capacity: {twice}");
        output.WriteLine($"ratio of the medians of those answered: {twice.Median / half.Median:0.00}, of the 99th percentiles: {twice.P99 / half.P99:0.00}");
        Assert.True(twice.Answered > half.Answered, "Less work was done at twice the capacity than at half of it.");
        Assert.True(twice.TurnedAway > 0, "Nobody was turned away.");
    }

    private static async Task<Run> RunAsync(GatewayInFront gateway, double rate, TimeSpan time)
    {
        var times = new ConcurrentBag<double>();
        var turnedAway = 0;
        var clock = Stopwatch.StartNew();
        var sending = new List<Task>();
        for (var n = 0; clock.Elapsed < time; n++)
        {
            sending.Add(SendAsync());
            var due = TimeSpan.FromSeconds((n + 1) / rate) - clock.Elapsed;
            if (due > TimeSpan.FromMilliseconds(1)) await Task.Delay(due, Ct);
        }

        await Task.WhenAll(sending);
        var all = times.Order().ToArray();
        return new Run(all.Length, turnedAway, all[all.Length / 2], all[(int)(all.Length * 0.99)]);

        async Task SendAsync()
        {
            var began = Stopwatch.GetTimestamp();
            using var response = await gateway.Client.GetAsync("/", Ct);
            if (response.IsSuccessStatusCode) times.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            else Interlocked.Increment(ref turnedAway);
        }
    }

    private sealed record Run(int Answered, int TurnedAway, double Median, double P99)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Answered} answered (median {Median:0.0} ms, 99th percentile {P99:0.0} ms), {TurnedAway} turned away");
    }
}
