using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>
/// An app that can do so much and no more, at half and at twice of that. Only for tests/load/resilience.sh: it measures, and what is
/// measured depends on the machine.
/// </summary>
public sealed partial class OverloadRun(ITestOutputHelper output)
{
    private const string SecondsVariable = "PROXYGATE_OVERLOAD_SECONDS";
    private const int AtOnce = 8;
    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData(100)]
    [InlineData(0)]
    public async Task At_twice_the_capacity_the_requests_taken_keep_their_speed(int queue)
    {
        var time = TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable(SecondsVariable) ?? "10", CultureInfo.InvariantCulture));
        using var folder = new TestFolder();
        await using var app = new CountingApp(folder, 0, AtOnce, Work);
        await app.StartAsync();
        await using var gateway = await GatewayInFront.StartAsync(folder, app.Url, config =>
        {
            config["ProxyGate"]!["Concurrency"] = new JsonObject { ["MaxPerDestination"] = AtOnce, ["Queue"] = queue };
            config["ProxyGate"]!["Events"]!.AsObject().Remove("LinesPerSecond"); // as it is by default
        });
        // What it can really do, as its timers are not exact: more than that at once, and none turned away.
        var direct = await RunAsync(new Uri(app.Url), AtOnce / Work.TotalSeconds * 1.2, TimeSpan.FromSeconds(3));
        var capacity = direct.Answered / direct.Seconds;
        var cold = await RunAsync(gateway.Process.Address, capacity * 2, WarmUp);
        output.WriteLine($"the first seconds of a gateway's life, at twice the capacity: {string.Join(", ", cold.EachSecond)} answered each second");
        await EvenLoad.WarmUpAsync(gateway.Process.Address, _ => EvenLoad.Request("/"), capacity / 2, Ct);
        await RunAsync(gateway.Process.Address, capacity * 2, WarmUp);
        var half = await RunAsync(gateway.Process.Address, capacity / 2, time);
        var before = await LimitReachedAsync(gateway);
        var shares = new CpuShares(("gateway", () => CpuShares.Of(gateway.Process.Pid)), ("load", () => CpuShares.Of(Environment.ProcessId)), ("app", app.Spent));
        var twice = await RunAsync(gateway.Process.Address, capacity * 2, time);
        output.WriteLine(shares.ToString());
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the app can do {capacity:0} a second; up to {queue} may wait"));
        output.WriteLine($"half the capacity:  {half}");
        output.WriteLine($"twice the capacity: {twice}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"answered {twice.Answered / time.TotalSeconds / capacity:0.00} of the capacity; ratio of the medians of those answered: {twice.Median / half.Median:0.00}, of the 99th percentiles: {twice.P99 / half.P99:0.00}"));
        Assert.Equal((0, 0), (half.Broken, twice.Broken));
        Assert.Equal(twice.TurnedAway, await LimitReachedAsync(gateway) - before);
        Assert.True(twice.Answered > 0.9 * capacity * time.TotalSeconds, "Less than nine tenths of what the app can do was done.");
        Assert.True(twice.Median < 2 * half.Median && twice.P99 < 2 * half.P99, "Those answered had to wait.");
        Assert.True(twice.AwayP99 < 100, "Those turned away were not told at once.");
    }

    private static async Task<Run> RunAsync(Uri to, double rate, TimeSpan time)
    {
        var request = EvenLoad.Request("/");
        var seen = await new EvenLoad(to, _ => request).RunAsync(rate, time, Ct);
        var answered = seen.Where(s => s.Status == 200).ToList();
        var away = seen.Where(s => s.Status == 503).ToList();
        return new Run(
            answered.Count, away.Count, seen.Count - answered.Count - away.Count, answered.Quantile(0.5), answered.Quantile(0.99), away.Quantile(0.5), away.Quantile(0.99),
            seen.Max(s => s.Due + s.Took).TotalSeconds, [.. answered.CountBy(s => (int)(s.Due + s.Took).TotalSeconds).OrderBy(s => s.Key).Select(s => s.Value)]);
    }

    private static async Task<int> LimitReachedAsync(GatewayInFront gateway)
    {
        var metrics = await gateway.Client.GetStringAsync(new Uri(gateway.Process.Admin, "/metrics"), Ct);
        return LimitReached().Match(metrics) is { Success: true } line ? int.Parse(line.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex("""(?m)^proxygate_requests_turned_away_total\{[^}]*cause="destination_limit_reached"[^}]*\} (\d+)""")]
    private static partial Regex LimitReached();

    private sealed record Run(int Answered, int TurnedAway, int Broken, double Median, double P99, double AwayMedian, double AwayP99, double Seconds, IReadOnlyList<int> EachSecond)
    {
        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{Answered} answered (median {Median:0.0} ms, 99th percentile {P99:0.0} ms), {TurnedAway} turned away (median {AwayMedian:0.0} ms, 99th percentile {AwayP99:0.0} ms), {Broken} broken");
    }
}
