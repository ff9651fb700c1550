using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>All destinations down under traffic. tests/load/resilience.sh runs it at length and prints the figures.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const string SecondsVariable = "PROXYGATE_OUTAGE_SECONDS";
    private const string RateVariable = "PROXYGATE_OUTAGE_RATE";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_is_told_at_once_why_the_memory_stays_flat_and_the_app_is_back_when_it_is_back()
    {
        var seconds = Environment.GetEnvironmentVariable(SecondsVariable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 3;
        var measured = double.TryParse(Environment.GetEnvironmentVariable(RateVariable), CultureInfo.InvariantCulture, out var rate);
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // ours, and refusing
        using var folder = new TestFolder();
        await using var gateway = await GatewayInFront.StartAsync(folder, $"http://127.0.0.1:{((IPEndPoint)port.LocalEndPoint!).Port}", config =>
        {
            if (measured) config["ProxyGate"]!["Events"]!.AsObject().Remove("LinesPerSecond"); // as it is by default
        });

        long before, after;
        if (measured)
        {
            (before, after) = await MeasureAsync(gateway, rate, seconds);
        }
        else
        {
            await FloodAsync(gateway, TimeSpan.FromSeconds(1));
            before = MemoryOf(gateway.Process.Pid);
            await FloodAsync(gateway, TimeSpan.FromSeconds(seconds));
            after = MemoryOf(gateway.Process.Pid);
        }

        var (turnedAway, status, body) = await gateway.FailAsync(Ct);
        Assert.Equal(("circuit_open", 503), ((string?)turnedAway["cause"], status));
        Assert.Equal("connect_refused", (string?)turnedAway["open_circuit"]!["cause"]);
        Assert.Equal((string?)turnedAway["incident"], (string?)turnedAway["open_circuit"]!["incident"]);
        Assert.Empty(turnedAway["attempts"]!.AsArray());
        Assert.Contains((string)turnedAway["incident"]!, body, StringComparison.Ordinal);
        var incidents = JsonNode.Parse(await gateway.Client.GetStringAsync(new Uri(gateway.Process.Admin, "/api/incidents"), Ct))!;
        Assert.Single((incidents as JsonArray ?? incidents["incidents"]!.AsArray())!);
        var metrics = await gateway.Client.GetStringAsync(new Uri(gateway.Process.Admin, "/metrics"), Ct);
        Assert.Matches("""(?m)^proxygate_circuit_open\{[^}]*cluster="app"[^}]*\} 1\b""", metrics);
        Assert.Matches("""(?m)^proxygate_circuit_changes_total\{[^}]*state="open"[^}]*\} 1\b""", metrics);
        Assert.Matches("""(?m)^proxygate_requests_turned_away_total\{[^}]*cause="circuit_open"[^}]*\} [1-9]""", metrics);

        port.Listen(512);
        var clock = Stopwatch.StartNew();
        using var stop = new CancellationTokenSource();
        var answering = AnswerAsync(port, stop.Token);
        TimeSpan? back = null;
        while (back is null && clock.Elapsed < TimeSpan.FromSeconds(20))
        {
            using var response = await gateway.Client.GetAsync($"/{Guid.NewGuid():n}", Ct);
            if (response.IsSuccessStatusCode) back = clock.Elapsed;
        }

        output.WriteLine($"memory {before >> 20} to {after >> 20} MiB, back after {back?.TotalMilliseconds:0} ms");
        Assert.NotNull(back);
        Assert.True(after < before + ((measured ? 16 : 64) << 20), $"{before >> 20} MiB grew to {after >> 20} MiB");
        if (measured) Assert.True(back < TimeSpan.FromSeconds(1), $"back only after {back}");
        await stop.CancelAsync();
        port.Dispose();
        await answering;
    }

    /// <summary>
    /// At an even rate, once the gateway is warm. The most memory of the first third of the time and of the last: what comes and goes with
    /// each collection is no growth.
    /// </summary>
    private async Task<(long First, long Last)> MeasureAsync(GatewayInFront gateway, double rate, double seconds)
    {
        var request = EvenLoad.Request("/flood");
        await EvenLoad.WarmUpAsync(gateway.Process.Address, _ => request, rate, Ct);
        var load = new EvenLoad(gateway.Process.Address, _ => request).RunAsync(rate, TimeSpan.FromSeconds(seconds), Ct);
        var memory = new List<long>();
        while (!load.IsCompleted)
        {
            memory.Add(MemoryOf(gateway.Process.Pid));
            await Task.WhenAny(load, Task.Delay(TimeSpan.FromMilliseconds(250), Ct));
        }

        var seen = await load;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seen.Count} requests in {seen.Max(s => s.Due + s.Took).TotalSeconds:0.0} s, median {seen.Quantile(0.5):0.00} ms, 99th percentile {seen.Quantile(0.99):0.0} ms"));
        Assert.Equal(0, seen.Count(s => s.Status is not (502 or 503)));
        Assert.True(seen.Quantile(0.5) < 5, "The median is above 5 ms.");
        var third = memory.Count / 3;
        return (memory[..third].Max(), memory[^third..].Max());
    }

    private static async Task FloodAsync(GatewayInFront gateway, TimeSpan time)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (clock.Elapsed < time)
            {
                using var response = await gateway.Client.GetAsync("/flood", Ct);
                Assert.True((int)response.StatusCode is 502 or 503, $"{response.StatusCode}");
            }
        })));
    }

    private static async Task AnswerAsync(Socket port, CancellationToken stop)
    {
        var buffer = new byte[8192];
        while (!stop.IsCancellationRequested)
        {
            try
            {
                using var connection = await port.AcceptAsync(stop);
                if (await connection.ReceiveAsync(buffer, SocketFlags.None, stop) == 0) continue; // a look from the gateway
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"u8.ToArray(), SocketFlags.None, stop);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One connection broke, or the test is over.
            }
        }
    }

    private static long MemoryOf(int pid) => long.Parse(
        File.ReadLines($"/proc/{pid}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) << 10;
}
