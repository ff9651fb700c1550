using System.Globalization;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Three gateways for the dashboard's tests: one that nobody asked anything, one in front of faults, and one where one has to sign in.</summary>
public sealed class DashboardStand : IAsyncLifetime
{
    public const string User = "anna";
    public const string Password = "correct horse battery staple";
    private const int Rounds = 8;

    private readonly List<RunningFault> _running = [];
    private readonly HostileUpstream _hostile = new();
    private TestFolder? _folder;
    private FaultEnvironment? _environment;
    private GatewayProcess? _empty;
    private GatewayProcess? _full;
    private GatewayProcess? _locked;
    private HttpClient? _client;
    private string _hash = "";

    public Uri Empty => _empty!.Admin;

    public Uri Full => _full!.Admin;

    public Uri Locked => _locked!.Admin;

    /// <summary>The incident of the refused connections.</summary>
    public string Incident { get; private set; } = "";

    /// <summary>A failure with markup of the upstream's and the client's in it.</summary>
    public string HostileFailure { get; private set; } = "";

    /// <summary>Asks the gateway in front of the faults for something that fails.</summary>
    public async Task<string> FailAsync(string path)
    {
        using var answer = await _client!.GetAsync(new Uri(_full!.Address, path));
        return answer.Headers.GetValues("ProxyGate-Failure").Single();
    }

    /// <summary>Where a page of another origin comes from.</summary>
    internal HtmlApp Stranger { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _folder = new TestFolder();
        _client = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        await Stranger.StartAsync();
        _environment = new FaultEnvironment(FaultTimeouts.Brief) { ChildCommand = [GatewayProcess.Program, "simulate", "faulty-app"] };
        var config = Config("full");
        foreach (var id in BrowserStand.Causes)
        {
            var running = await FaultCatalogue.Find(id)!.StartAsync(_environment, CancellationToken.None);
            _running.Add(running);
            config.Add(running);
        }

        config.AddApp("hostile", "/hostile/{**rest}", _hostile.Address);
        config.AddApp("well", "/well/{**rest}", Stranger.Address);
        _full = await StartAsync("full", config, null);
        var quiet = Config("empty");
        quiet.AddApp("well", "/well/{**rest}", Stranger.Address);
        _empty = await StartAsync("empty", quiet, null);
        _hash = await HashAsync();
        _locked = await StartLockedAsync("locked");
        await FillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var gateway in new[] { _empty, _full, _locked })
        {
            if (gateway is not null) await gateway.DisposeAsync();
        }

        foreach (var running in _running) await running.DisposeAsync();
        if (_environment is not null) await _environment.DisposeAsync();
        await _hostile.DisposeAsync();
        await Stranger.DisposeAsync();
        _client?.Dispose();
        _folder?.Dispose();
    }

    /// <summary>A gateway where one has to sign in.</summary>
    internal Task<GatewayProcess> StartLockedAsync(string name) =>
        StartAsync(name, Config(name), new JsonArray(new JsonObject { ["Name"] = User, ["PasswordHash"] = _hash }));

    private FaultGatewayConfig Config(string name) =>
        new() { ListenAt = ["http://127.0.0.1:0"], AdminAt = "http://127.0.0.1:0", EventsFile = _folder!.PathOf($"{name}/logs/events.jsonl") };

    private async Task<GatewayProcess> StartAsync(string name, FaultGatewayConfig config, JsonArray? users)
    {
        var json = JsonNode.Parse(config.ToString())!.AsObject();
        if (users is not null) json["ProxyGate"]!["Admin"]!["Users"] = users;
        Directory.CreateDirectory(_folder!.PathOf(name));
        return await GatewayProcess.StartAsync(["run", "--config", _folder.Write($"{name}/proxygate.json", json.ToJsonString())], _folder.PathOf(name));
    }

    /// <summary>As a person makes one: piped into the program.</summary>
    private static async Task<string> HashAsync()
    {
        var start = new System.Diagnostics.ProcessStartInfo(GatewayProcess.Program, ["check", "--hash-password"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        using var process = System.Diagnostics.Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(Password);
        process.StandardInput.Close();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }

    private async Task FillAsync()
    {
        var last = "";
        for (var i = 0; i < Rounds; i++)
        {
            (await _client!.GetAsync(new Uri(_full!.Address, "/well/x"))).Dispose();
            foreach (var cause in BrowserStand.Causes) last = await FailAsync(BrowserStand.PathOf(cause) + string.Create(CultureInfo.InvariantCulture, $"/{i}"));
            await FailAsync("/nowhere");
        }

        HostileFailure = await FailAsync($"/hostile/{Uri.EscapeDataString(HostileUpstream.Payload)}");
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            var incidents = JsonNode.Parse(await _client!.GetStringAsync(new Uri(Full, "/api/incidents?cause=connect_refused")))!["incidents"]!.AsArray();
            using var kept = await _client.GetAsync(new Uri(Full, "/api/failures/" + HostileFailure));
            if (incidents.Count > 0 && kept.IsSuccessStatusCode)
            {
                Incident = incidents[0]!["id"]!.GetValue<string>();
                return;
            }

            Assert.True(DateTime.UtcNow < deadline, $"The failures (the last {last}) are not shown.");
            await Task.Delay(50);
        }
    }
}
