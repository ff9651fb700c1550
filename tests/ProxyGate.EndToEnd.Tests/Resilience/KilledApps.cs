using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>Three apps behind a gateway, and what must be true of them whichever of them is killed: no POST was acted on twice, and each request that failed could not safely be repeated.</summary>
internal sealed class KilledApps : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly CountingApp[] _apps;
    private GatewayInFront? _gateway;
    private int _kills;

    private KilledApps() => _apps = [.. Enumerable.Range(0, 3).Select(i => new CountingApp(_folder, i))];

    public GatewayInFront Gateway => _gateway!;

    public int Kills => _kills;

    public static async Task<KilledApps> StartAsync()
    {
        var killed = new KilledApps();
        foreach (var app in killed._apps) await app.StartAsync();
        killed._gateway = await GatewayInFront.StartAsync(killed._folder, killed._apps[0].Url, config =>
        {
            var cluster = config["ReverseProxy"]!["Clusters"]!["app"]!;
            cluster["LoadBalancingPolicy"] = "RoundRobin";
            for (var i = 1; i < killed._apps.Length; i++) cluster["Destinations"]![$"app{i + 1}"] = new JsonObject { ["Address"] = killed._apps[i].Url };
        });
        return killed;
    }

    public CpuShares Shares() =>
        new(("gateway", () => CpuShares.Of(Gateway.Process.Pid)), ("load", () => CpuShares.Of(Environment.ProcessId)), ("apps", () => _apps.Sum(a => a.Spent())));

    /// <summary>One after the other is killed, is down for a while, and comes back.</summary>
    public async Task KillAsync(TimeSpan down, TimeSpan well, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var victim = _apps[_kills++ % _apps.Length];
            await victim.KillAsync();
            await Task.Delay(down, CancellationToken.None);
            await victim.StartAsync();
            await Task.Delay(well, CancellationToken.None);
        }
    }

    /// <summary>Tells why each of these failed, and holds it to the promise.</summary>
    public async Task CheckAsync(IEnumerable<(string Path, int Status, string? Id)> failed, ITestOutputHelper output, CancellationToken stop)
    {
        var orders = _apps.SelectMany(a => a.Orders).ToList();
        Assert.Equal(orders.Count, orders.Distinct().Count());
        var why = new Dictionary<string, int>();
        var broken = new List<string>();
        foreach (var (path, status, id) in failed)
        {
            Assert.True(id is not null, $"{path}: {status} without an id");
            var failure = await Gateway.Process.EventAsync(id, stop);
            var words = $"{failure["client"]!["method"]} {failure["cause"]}, {failure["not_retried"] ?? "not tried"}: {Evidence(failure["attempts"]!.AsArray())}";
            why[words] = why.GetValueOrDefault(words) + 1;
            if ((string?)failure["client"]!["method"] != "POST" || (string?)failure["not_retried"] != "may_have_been_processed") broken.Add(failure.ToJsonString());
        }

        foreach (var (words, count) in why.OrderByDescending(w => w.Value)) output.WriteLine($"{count} {words}");
        Assert.True(broken.Count == 0, $"{broken.Count} failed that could have been repeated, the first: {broken.FirstOrDefault()}");

        // What was saved is told, too.
        var saved = await Gateway.Process.WaitForEventAsync(e => (bool?)e["saved"] == true, "a saved request", stop);
        Assert.Equal(("Warning", 200), ((string?)saved["@l"], (int?)saved["status"]));
        Assert.True(saved["attempts"]!.AsArray().Count > 1, saved.ToJsonString());
    }

    private static string Evidence(JsonArray attempts) => attempts.Count == 0 ? "no attempt"
        : $"attempt {attempts.Count} {((int)attempts[^1]!["request_no"]! > 1 ? "after others on its connection" : "the first on its connection")}, {attempts[^1]!["bytes_received"]} bytes received";

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        foreach (var app in _apps) await app.DisposeAsync();
        _folder.Dispose();
    }
}
