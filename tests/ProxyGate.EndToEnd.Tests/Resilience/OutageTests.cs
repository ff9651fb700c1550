using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>All destinations down under traffic; <see cref="OutageRun"/> measures it.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_is_told_at_once_why_the_memory_stays_flat_and_the_app_is_back_when_it_is_back()
    {
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // ours, and refusing
        using var folder = new TestFolder();
        await using var gateway = await GatewayInFront.StartAsync(folder, $"http://127.0.0.1:{((IPEndPoint)port.LocalEndPoint!).Port}");
        await FloodAsync(gateway, TimeSpan.FromSeconds(1));
        var before = gateway.Process.Memory;
        await FloodAsync(gateway, TimeSpan.FromSeconds(3));
        var after = gateway.Process.Memory;
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
        Assert.True(after < before + (64 << 20), $"{before >> 20} MiB grew to {after >> 20} MiB");
        await stop.CancelAsync();
        port.Dispose();
        await answering;
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
}
