using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>A gateway whose own limit of open files is reached says that it is its own, and serves again when there is room.</summary>
public sealed class OpenFilesTests : IDisposable
{
    private const int OpenFiles = 7;
    private const int MostTries = 20;

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Its_own_limit_is_not_taken_for_the_machines()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener);
        await using (var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", GatewayInFront.OnceEach))
        {
            // The client's connection is open, and stays; and what it takes to tell of a failure is loaded: the runtime needs files for that, too.
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/warm", Stop));
            using (var broken = await gateway.Client.GetAsync("/nothing", Stop)) Assert.Equal(HttpStatusCode.BadGateway, broken.StatusCode);
            await gateway.EventOfPathAsync("/nothing", Stop);
            var before = Limit(gateway.Process.Pid, null);
            var problem = await ProblemAsync(gateway);
            Limit(gateway.Process.Pid, before);
            var attempt = Assert.Single(problem["attempts"]!.AsArray())!;
            Assert.Equal(("gateway_fds_exhausted", 24), ((string?)problem["cause"], (int?)attempt["errno"]));
            Assert.Contains("ProxyGate's limit of open files is reached.", problem.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }), StringComparison.Ordinal);
            Assert.Equal("ok", await gateway.Client.GetStringAsync("/again", Stop));
            gateway.Process.AssertAlive();
        }

        listener.Stop();
        await serving;
    }

    /// <summary>The answer to the first request that finds no room: what the gateway closes in between makes some.</summary>
    private static async Task<JsonObject> ProblemAsync(GatewayInFront gateway)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            Limit(gateway.Process.Pid, LowestFree(gateway.Process.Pid));
            using var answer = await gateway.Client.GetAsync($"/full/{tries}", Stop);
            if (answer.StatusCode != HttpStatusCode.OK) return JsonNode.Parse(await answer.Content.ReadAsStringAsync(Stop))!.AsObject();
        }

        throw new InvalidOperationException($"There was room {MostTries} times.");
    }

    private static ulong LowestFree(int pid)
    {
        var taken = Directory.EnumerateFileSystemEntries($"/proc/{pid}/fd").Select(f => int.Parse(Path.GetFileName(f), CultureInfo.InvariantCulture)).ToHashSet();
        return (ulong)Enumerable.Range(0, taken.Count + 1).First(n => !taken.Contains(n));
    }

    /// <summary>Sets how many files the process may have open, and gives what it was.</summary>
    private static ulong Limit(int pid, ulong? soft)
    {
        Assert.Equal(0, Read(pid, OpenFiles, 0, out var limits));
        var before = limits.Soft;
        if (soft is not { } wanted) return before;
        limits.Soft = wanted;
        Assert.Equal(0, Write(pid, OpenFiles, ref limits, 0));
        return before;
    }

    private static async Task ServeAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                using var socket = await listener.AcceptSocketAsync(Stop);
                var head = new byte[4096];
                var read = await socket.ReceiveAsync(head, SocketFlags.None, Stop);
                if (head.AsSpan(0, read).StartsWith("GET /nothing "u8)) continue;
                await socket.SendAsync("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), SocketFlags.None, Stop);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Limits
    {
        public ulong Soft;
        public ulong Hard;
    }

    [DllImport("libc", EntryPoint = "prlimit")]
    private static extern int Read(int pid, int resource, nint wanted, out Limits before);

    [DllImport("libc", EntryPoint = "prlimit")]
    private static extern int Write(int pid, int resource, ref Limits wanted, nint before);
}
