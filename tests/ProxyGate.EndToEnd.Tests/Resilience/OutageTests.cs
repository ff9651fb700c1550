using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>All destinations down under traffic; <see cref="OutageRun"/> measures it.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    private const int Clients = 16;
    private const int RequestsEach = 500;
    private const int Floods = 15;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_is_told_at_once_why_the_memory_stays_flat_and_the_app_is_back_when_it_is_back()
    {
        using var port = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        port.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // ours, and refusing
        using var folder = new TestFolder();
        await using var gateway = await GatewayInFront.StartAsync(folder, $"http://127.0.0.1:{((IPEndPoint)port.LocalEndPoint!).Port}");
        var memory = new List<long>();
        while (memory.Count < Floods && !IsSettled(memory))
        {
            await FloodAsync(gateway);
            memory.Add(gateway.Process.Memory);
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

        var steps = string.Join(", ", memory.Select(m => m >> 20));
        output.WriteLine($"memory {steps} MiB, back after {back?.TotalMilliseconds:0} ms");
        Assert.NotNull(back);
        Assert.True(IsSettled(memory), $"Memory grows with each {Clients * RequestsEach} requests, in MiB: {steps}.");
        await stop.CancelAsync();
        port.Dispose();
        await answering;
    }

    /// <summary>
    /// What is compiled and what the collector lets lie first differs from machine to machine, so no amount is asked for but that it ends: two
    /// floods in a row added no more than half a kilobyte for each of their requests.
    /// </summary>
    private static bool IsSettled(List<long> memory) => memory.Count > 2 && memory[^2..].Max() <= memory[..^2].Max() + (Clients * RequestsEach * 1024);

    private static async Task FloodAsync(GatewayInFront gateway)
    {
        await Task.WhenAll(Enumerable.Range(0, Clients).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < RequestsEach; i++)
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
