using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>What the person who runs it does: reload, stop, check, read the logs.</summary>
public sealed partial class OperationTests : IDisposable
{
    private const int Hangup = 1;
    private const int Terminate = 15;

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Reloading_under_load_fails_no_request()
    {
        await using var one = await EchoApp.StartAsync();
        await using var two = await EchoApp.StartAsync();
        await using var gateway = await GatewayInFront.StartAsync(_folder, one.Http1);
        var file = Path.Combine(_folder.Path, "gateway", "proxygate.json");
        using var done = new CancellationTokenSource();
        var served = 0;
        var load = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                Assert.Equal("hello", await gateway.Client.GetStringAsync("/", Stop));
                Interlocked.Increment(ref served);
            }
        })).ToArray();
        for (var i = 1; i <= 6; i++)
        {
            var marker = $"reload-{i}";
            await File.WriteAllTextAsync(file, GatewayInFront.Config(i % 2 == 1 ? two.Http1 : one.Http1, config =>
                config["ReverseProxy"]!["Routes"]!["site"]!["Transforms"] = new JsonArray(new JsonObject { ["ResponseHeader"] = "X-Marker", ["Set"] = marker })), Stop);
            gateway.Process.Signal(Hangup);
            await UntilAsync(
                async () =>
                {
                    using var answer = await gateway.Client.GetAsync(new Uri("/", UriKind.Relative), Stop);
                    return answer.Headers.TryGetValues("X-Marker", out var values) && values.Single() == marker;
                },
                $"{marker} is not in force.\n{gateway.Process.Output}");
        }

        await done.CancelAsync();
        await Task.WhenAll(load);
        Assert.True(served > 100, $"Only {served} requests were served.");
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task A_bad_file_changes_nothing_and_says_why()
    {
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Http1);
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "gateway", "proxygate.json"),
            GatewayInFront.Config("http://127.0.0.1:1", config => config["ProxyGate"]!["Timeouts"]!["Conect"] = "1s"),
            Stop);
        gateway.Process.Signal(Hangup);
        using var admin = new HttpClient { BaseAddress = gateway.Process.Admin };
        await UntilAsync(
            async () => (await admin.GetStringAsync("/api/config", Stop)).Contains("Conect", StringComparison.Ordinal),
            "The admin API does not tell of the mistake.");
        Assert.Contains("Conect", gateway.Process.Output, StringComparison.Ordinal);
        Assert.Equal("hello", await gateway.Client.GetStringAsync("/", Stop));
    }

    [Fact]
    public async Task Stopping_lets_a_request_in_flight_finish()
    {
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Http1);
        var held = gateway.Client.GetStringAsync("/held", Stop);
        await UntilAsync(() => Task.FromResult(app.Held == 1), "The request did not reach the app.");
        gateway.Process.Signal(Terminate);
        await UntilAsync(
            async () =>
            {
                using var probe = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
                try
                {
                    await probe.ConnectAsync(IPAddress.Loopback, gateway.Process.Address.Port, Stop);
                    return false;
                }
                catch (System.Net.Sockets.SocketException)
                {
                    return true;
                }
            },
            "It still accepts connections.");
        app.Release.SetResult();
        Assert.Equal("finished", await held);
        Assert.Equal(0, await gateway.Process.StopAsync());
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task A_port_taken_names_its_holder()
    {
        await using var app = await EchoApp.StartAsync();
        var (code, output, error) = await GatewayProcess.RunAsync(["run", "--to", "http://127.0.0.1:1", "--listen", app.Http1], _folder.Path);
        Assert.True(code == 3, $"{code} {output} {error}");
        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), output + error, StringComparison.Ordinal);
        Assert.Contains($"{new Uri(app.Http1).Port}", output + error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_finds_the_sample_right_and_a_mistake_wrong()
    {
        var sample = Path.Combine(Root(), "samples", "quickstart", "proxygate.json");
        var (code, output, error) = await GatewayProcess.RunAsync(["check", "--config", sample], _folder.Path);
        Assert.True(code == 0, output + error);
        var wrong = _folder.Write("wrong.json", (await File.ReadAllTextAsync(sample, Stop)).Replace("\"Listen\"", "\"Lisen\"", StringComparison.Ordinal));
        (code, output, error) = await GatewayProcess.RunAsync(["check", "--config", wrong], _folder.Path);
        Assert.True(code == 1, output + error);
        Assert.Contains("Listen", output + error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("combined")]
    [InlineData("json")]
    public async Task Logs_and_admin_pages_tell_of_a_failed_request(string format)
    {
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{Ports.Free()}", config =>
            config["ProxyGate"]!["AccessLog"] = new JsonObject { ["File"] = "logs/access.log", ["Format"] = format });
        var failure = await gateway.FailsWithAsync(Stop, "connect_refused");
        var id = (string)failure["id"]!;

        var access = Path.Combine(_folder.Path, "gateway", "logs", "access.log");
        await UntilAsync(() => Task.FromResult(File.Exists(access) && ReadShared(access).Contains(id, StringComparison.Ordinal)), "The access log does not have it.");
        var line = ReadShared(access).Split('\n').Single(l => l.Contains(id, StringComparison.Ordinal));
        Assert.Contains("connect_refused", line, StringComparison.Ordinal);
        if (format == "json") Assert.Equal(502, (int?)JsonNode.Parse(line)!["status"]);
        else Assert.Matches(Combined(), line);

        var (code, output, error) = await GatewayProcess.RunAsync(["events", "--json", "--cause", "connect_refused", "--file", gateway.Process.EventFile], _folder.Path);
        Assert.True(code == 0, error);
        Assert.Equal(id, (string?)JsonNode.Parse(output.Trim())!["id"]);
        (code, output, _) = await GatewayProcess.RunAsync(["events", "--file", gateway.Process.EventFile], _folder.Path);
        Assert.Equal(0, code);
        Assert.Contains("connect_refused", output, StringComparison.Ordinal);

        using var admin = new HttpClient { BaseAddress = gateway.Process.Admin };
        Assert.Contains("alive", await admin.GetStringAsync("/healthz", Stop), StringComparison.Ordinal);
        Assert.Equal("ready", (string?)JsonNode.Parse(await admin.GetStringAsync("/readyz", Stop))!["state"]);
        Assert.Contains("connect_refused", await admin.GetStringAsync("/metrics", Stop), StringComparison.Ordinal);
        Assert.Contains(id, await admin.GetStringAsync("/api/failures", Stop), StringComparison.Ordinal);
    }

    [GeneratedRegex("""^127\.0\.0\.1 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "GET /\w+ HTTP/1\.1" 502 \d+ "-" "-" "connect_refused" "[\w-]+"\r?$""")]
    private static partial Regex Combined();

    private static string ReadShared(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ProxyGate.sln"))) folder = folder.Parent ?? throw new InvalidOperationException("The repository was not found above the tests.");
        return folder.FullName;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition, string otherwise)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), otherwise);
            await Task.Delay(25, Stop);
        }
    }
}
