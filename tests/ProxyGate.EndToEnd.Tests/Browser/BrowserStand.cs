using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Alone on the machine: what a page does within seconds must not depend on what other tests do.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class OneBrowser : ICollectionFixture<BrowserStand>, ICollectionFixture<DashboardStand>
{
    public const string Name = "browser";
}

/// <summary>
/// One browser (Debian's Chromium) and one built gateway with faults behind it, for all tests of the pages.
/// </summary>
public sealed class BrowserStand : IAsyncLifetime
{
    /// <summary>A cause of each family, so that every part of the page is met.</summary>
    public static readonly string[] Causes = ["connect-refused", "ssh-banner", "tls-expired", "two-lengths", "close-no-byte"];

    /// <summary>A name of somebody else's that leads to this machine, as one does after DNS rebinding.</summary>
    public const string ReboundName = "rebound.example";

    private const string OwnPageText = """
        <!DOCTYPE html><html lang="{{language}}"><head><meta charset="utf-8"><title>Our shop</title><style>body{background:rgb(1,2,3);color:#fff}</style></head>
        <body><main><h1>Our shop rests</h1><p id="what">{{title}}</p><p>{{id}} {{status}} {{contact}}</p>{{return}}</main></body></html>
        """;

    /// <summary>For a machine that is busy with other things as well; what is asserted about time rests on the page's own clock.</summary>
    private const int Patience = 60_000;

    private static readonly string[] s_arguments = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-proxy-server", $"--host-resolver-rules=MAP {ReboundName} 127.0.0.1"];

    private readonly List<RunningFault> _running = [];
    private readonly HostileUpstream _hostile = new();
    private TestFolder? _folder;
    private FaultEnvironment? _environment;
    private GatewayProcess? _gateway;
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal HtmlApp App { get; } = new();

    public Uri Address => _gateway!.Address;

    /// <summary>Where the upstreams of the faults are: what no visitor may read.</summary>
    internal IReadOnlyList<Uri> Upstreams => [.. _running.Where(r => r.Destination is not null).Select(r => new Uri(r.Destination!)), new Uri(_hostile.Address), new Uri(App.Address)];

    internal GatewayProcess Gateway => _gateway!;

    public static string Axe { get; } = ReadAxe();

    public static string PathOf(string cause) => $"/faults/{cause}/basket";

    /// <param name="visitor">Seen as somebody from elsewhere: the public's view.</param>
    /// <param name="change">What else is different.</param>
    public Task<IBrowserContext> OpenAsync(bool visitor, Action<BrowserNewContextOptions>? change = null) => OpenAsync(Address, visitor, change);

    public async Task<IBrowserContext> OpenAsync(Uri address, bool visitor = false, Action<BrowserNewContextOptions>? change = null)
    {
        var options = new BrowserNewContextOptions { BaseURL = address.ToString(), ViewportSize = new ViewportSize { Width = 1280, Height = 900 }, Locale = "en-GB" };
        if (visitor) options.ExtraHTTPHeaders = new Dictionary<string, string> { ["X-Forwarded-For"] = "203.0.113.9" };
        change?.Invoke(options);
        var context = await _browser!.NewContextAsync(options);
        context.SetDefaultTimeout(Patience);
        return context;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_gateway is not null) await _gateway.DisposeAsync();
        foreach (var running in _running) await running.DisposeAsync();
        if (_environment is not null) await _environment.DisposeAsync();
        await App.DisposeAsync();
        await _hostile.DisposeAsync();
        _folder?.Dispose();
    }

    public async ValueTask InitializeAsync()
    {
        _folder = new TestFolder();
        _environment = new FaultEnvironment(FaultTimeouts.Brief) { ChildCommand = [GatewayProcess.Program, "simulate", "faulty-app"] };
        var config = new FaultGatewayConfig { ListenAt = ["http://127.0.0.1:0"], AdminAt = "http://127.0.0.1:0", EventsFile = _folder.PathOf("logs/events.jsonl") };
        foreach (var id in Causes)
        {
            var running = await FaultCatalogue.Find(id)!.StartAsync(_environment, CancellationToken.None);
            _running.Add(running);
            config.Add(running);
        }

        config.AddApp("app", "/app/{**rest}", App.Address);
        config.AddApp("own", "/own/{**rest}", App.Address);
        config.AddApp("hostile", "/hostile/{**rest}", _hostile.Address);
        _folder.Write("pages/own.html", OwnPageText);
        var json = JsonNode.Parse(config.ToString())!.AsObject();
        json["ProxyGate"]!["Pages"] = JsonNode.Parse("""{ "Contact": "help@example.org", "Templates": [{ "Route": "own", "File": "pages/own.html" }] }""");
        _gateway = await GatewayProcess.StartAsync(["run", "--config", _folder.Write("proxygate.json", json.ToJsonString())], _folder.Path);
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = "/usr/bin/chromium", Args = s_arguments });
    }

    private static string ReadAxe([CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "node_modules", "axe-core", "axe.min.js");
        return File.Exists(file) ? File.ReadAllText(file) : throw new InvalidOperationException($"{file} is missing: run npm ci in {Path.GetDirectoryName(here)}");
    }
}
