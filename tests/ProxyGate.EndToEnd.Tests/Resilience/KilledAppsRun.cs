using System.Globalization;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>Kills at a high and even rate. Only for tests/load/resilience.sh: it measures, and what is measured depends on the machine.</summary>
public sealed class KilledAppsRun(ITestOutputHelper output)
{
    private static readonly TimeSpan Down = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Well = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstTime = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task Under_load_no_POST_is_acted_on_twice_and_only_what_could_not_safely_be_repeated_fails()
    {
        var time = FirstTime + TimeSpan.FromSeconds(Number("PROXYGATE_KILLS_SECONDS", 60));
        var rate = Number("PROXYGATE_KILLS_RATE", 2000);
        await using var apps = await KilledApps.StartAsync();
        var warm = 0;
        await EvenLoad.WarmUpAsync(apps.Gateway.Process.Address, n => EvenLoad.Request($"/warm-{warm++}", n % 2 == 0 ? null : 200), rate, Ct);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        stop.CancelAfter(time);
        var shares = apps.Shares();
        var running = new EvenLoad(apps.Gateway.Process.Address, n => EvenLoad.Request($"/{n}", n % 2 == 0 ? null : 200)).RunAsync(rate, time, Ct);
        await apps.KillAsync(Down, Well, stop.Token);
        var seen = await running;
        var failed = seen.Where(s => s.Status is not 200).Select(s => ($"/{s.Number}", s.Status, s.FailureId)).ToList();
        output.WriteLine($"{seen.Count} requests, {apps.Kills} kills, {failed.Count} failed; {shares}");
        output.WriteLine($"the first failures of its life: {seen.Where(s => s.Due < FirstTime).ToList().Words()}");
        output.WriteLine($"warm: {seen.Where(s => s.Due >= FirstTime).ToList().Words()}");
        await apps.CheckAsync(failed, output, Ct);
    }

    private static double Number(string variable, double otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
