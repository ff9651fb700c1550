using System.Globalization;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>
/// Three apps that are killed at once under load and come back together. Only for tests/load/resilience.sh: it measures, and what is measured
/// depends on the machine. First it meets a gateway that has seen good requests at this rate but no failure, which compiles while it fails; then
/// the same one warm, and that is what counts.
/// </summary>
public sealed class OutageRun(ITestOutputHelper output) : IAsyncLifetime
{
    private const string SecondsVariable = "PROXYGATE_OUTAGE_SECONDS";
    private const string RateVariable = "PROXYGATE_OUTAGE_RATE";
    private static readonly TimeSpan Well = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FirstTime = TimeSpan.FromSeconds(10);
    private static readonly byte[] Request = EvenLoad.Request("/page");

    private readonly double _rate = Number(RateVariable, 5000);
    private readonly TestFolder _folder = new();
    private CountingApp[] _apps = [];
    private GatewayInFront _gateway = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _apps = [.. Enumerable.Range(0, 3).Select(i => new CountingApp(_folder, i))];
        foreach (var app in _apps) await app.StartAsync();
        _gateway = await GatewayInFront.StartAsync(_folder, _apps[0].Url, config =>
        {
            var destinations = config["ReverseProxy"]!["Clusters"]!["app"]!["Destinations"]!;
            for (var i = 1; i < _apps.Length; i++) destinations[$"app{i + 1}"] = new JsonObject { ["Address"] = _apps[i].Url };
            config["ProxyGate"]!["Events"]!.AsObject().Remove("LinesPerSecond"); // as it is by default
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        foreach (var app in _apps) await app.DisposeAsync();
        _folder.Dispose();
    }

    [Fact(Explicit = true)]
    public async Task Everybody_is_told_at_once_and_all_is_well_within_a_second_of_the_apps_return()
    {
        await EvenLoad.WarmUpAsync(_gateway.Process.Address, _ => Request, _rate, Ct);
        output.WriteLine("The first failures of its life:");
        await OutageAsync(FirstTime);
        output.WriteLine("Warm:");
        var outage = await OutageAsync(TimeSpan.FromSeconds(Number(SecondsVariable, 30)));
        var incidents = JsonNode.Parse(await _gateway.Client.GetStringAsync(new Uri(_gateway.Process.Admin, "/api/incidents"), Ct))!;
        foreach (var incident in (incidents as JsonArray ?? incidents["incidents"]!.AsArray())!) output.WriteLine($"incident {incident!["id"]}: {incident["count"]} of {incident["cause"]} at {incident["destination"]}");

        Assert.Equal(0, outage.Odd);
        Assert.True(outage.Median < 5, "The median of the outage is above 5 ms.");
        Assert.True(outage.Last < outage.First + (16 << 20), "The memory grows.");
        Assert.True(outage.LastFailed < TimeSpan.FromSeconds(1), "Full service took longer than a second.");
    }

    /// <summary>Load all the time: the apps are well, are killed, and come back.</summary>
    private async Task<Outage> OutageAsync(TimeSpan length)
    {
        var load = new EvenLoad(_gateway.Process.Address, _ => Request);
        var shares = Shares();
        var running = load.RunAsync(_rate, Well + length + Well, Ct);
        await Task.Delay(Well, Ct);
        var (well, down) = (shares.ToString(), load.Now);
        shares = Shares();
        await Task.WhenAll(_apps.Select(a => a.KillAsync()));
        var memory = new List<long>();
        while (load.Now < down + length)
        {
            await Task.Delay(250, Ct);
            memory.Add(_gateway.Process.Memory);
        }

        var ill = shares.ToString();
        var starting = _apps.Select(a => a.StartAsync()).ToArray();
        await Task.WhenAny(starting);
        var up = load.Now;
        await Task.WhenAll(starting);
        var seen = await running;

        var meanwhile = seen.Where(s => s.Due > down && s.Due < up).ToList();
        var failed = seen.Where(s => s.Status != 200).ToList();
        var outage = new Outage(
            meanwhile.Quantile(0.5), memory[..(memory.Count / 3)].Max(), memory[^(memory.Count / 3)..].Max(), failed.Max(s => s.Due + s.Took) - up, seen.Count(s => s.Status is not (200 or 502 or 503)));
        output.WriteLine($"  well: {seen.Where(s => s.Due + s.Took < down).ToList().Words()}; {well}");
        output.WriteLine($"  down, its first second: {meanwhile.Where(s => s.Due < down + TimeSpan.FromSeconds(1)).ToList().Words()}");
        output.WriteLine($"  down: {meanwhile.Words()}; {ill}");
        output.WriteLine($"  back: {seen.Where(s => s.Due > up).ToList().Words()}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"  {failed.Count} failed: {string.Join(", ", failed.CountBy(s => s.Status).Select(s => $"{s.Value} with {s.Key}"))}; the last {outage.LastFailed.TotalMilliseconds:0} ms after the first app listened again; memory at most {outage.First >> 20} MiB in the first third of the outage, {outage.Last >> 20} in the last"));
        return outage;
    }

    private CpuShares Shares() => new(("gateway", () => CpuShares.Of(_gateway.Process.Pid)), ("load", () => CpuShares.Of(Environment.ProcessId)), ("apps", () => _apps.Sum(a => a.Spent())));

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>What counts of an outage.</summary>
    /// <param name="Median">Of the answers meanwhile, in milliseconds.</param>
    /// <param name="First">The most memory in its first third: what comes and goes with each collection is no growth.</param>
    /// <param name="Last">The same of its last third.</param>
    /// <param name="LastFailed">After the first app was back.</param>
    /// <param name="Odd">Answers that were neither the app's nor a failure's, or none.</param>
    private readonly record struct Outage(double Median, long First, long Last, TimeSpan LastFailed, int Odd);
}
