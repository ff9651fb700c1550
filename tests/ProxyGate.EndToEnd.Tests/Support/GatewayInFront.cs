using System.Net;
using System.Text.Json.Nodes;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>The built gateway in front of one upstream, with a client that is an operator (loopback) and asks for problem+json.</summary>
internal sealed class GatewayInFront : IAsyncDisposable
{
    private readonly string _file;

    private GatewayInFront(GatewayProcess process, string file)
    {
        (Process, _file) = (process, file);
        Client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = TimeSpan.FromSeconds(5),
        })
        {
            BaseAddress = process.Address,
            Timeout = TimeSpan.FromSeconds(60),
        };
        Client.DefaultRequestHeaders.Accept.ParseAdd("application/problem+json");
    }

    public GatewayProcess Process { get; }

    public HttpClient Client { get; }

    /// <param name="folder">The gateway's folder is made in it.</param>
    /// <param name="upstream">The address of the one destination.</param>
    /// <param name="change">Gets the whole configuration.</param>
    /// <param name="prefix">A command to run it under.</param>
    public static async Task<GatewayInFront> StartAsync(TestFolder folder, string upstream, Action<JsonObject>? change = null, IReadOnlyList<string>? prefix = null)
    {
        var file = folder.Write("gateway/proxygate.json", Config(upstream, change));
        return new GatewayInFront(await GatewayProcess.StartAsync(["run", "--config", file], Path.GetDirectoryName(file)!, prefix), file);
    }

    /// <summary>Does what a step says that begins with "In ProxyGate's configuration, set the address of destination": the gateway takes the file over by itself.</summary>
    public void SetAddress(string upstream)
    {
        var config = JsonNode.Parse(File.ReadAllText(_file))!.AsObject();
        config["ReverseProxy"]!["Clusters"]!["app"]!["Destinations"]!["app1"]!["Address"] = upstream;
        File.WriteAllText(_file, config.ToJsonString());
    }

    /// <summary>One route for everything to one destination; <paramref name="change"/> gets the whole document.</summary>
    public static string Config(string upstream, Action<JsonObject>? change = null)
    {
        var config = JsonNode.Parse($$"""
            {
              "ProxyGate": {
                "Listen": ["http://127.0.0.1:0"],
                "Admin": { "Listen": "http://127.0.0.1:0" },
                "Events": { "File": "logs/events.jsonl", "LinesPerSecond": null },
                "Timeouts": { "FirstByte": "20s" },
                "UpstreamTls": {}
              },
              "ReverseProxy": {
                "Routes": { "site": { "ClusterId": "app", "Match": { "Path": "/{**rest}" } } },
                "Clusters": { "app": { "HttpRequest": {}, "Destinations": { "app1": { "Address": "{{upstream}}" } } } }
              }
            }
            """)!.AsObject();
        change?.Invoke(config);
        return config.ToJsonString();
    }

    public static Action<JsonObject> Trusting(string rootFile) => config => config["ProxyGate"]!["UpstreamTls"]!["TrustedCaFile"] = rootFile;

    /// <summary>Each request meets the fault itself: no second try, and no memory of the last one.</summary>
    public static void OnceEach(JsonObject config)
    {
        config["ProxyGate"]!["Retries"] = new JsonObject { ["Attempts"] = 1 };
        config["ProxyGate"]!["CircuitBreaker"] = new JsonObject { ["Enabled"] = false };
    }

    /// <summary>Speaks HTTP/2 to the upstream, without TLS by prior knowledge.</summary>
    public static void Http2(JsonObject config)
    {
        config["ReverseProxy"]!["Clusters"]!["app"]!["HttpRequest"] = new JsonObject { ["Version"] = "2", ["VersionPolicy"] = "RequestVersionExact" };
    }

    public Task<JsonObject> EventOfPathAsync(string path, CancellationToken cancellationToken) =>
        Process.WaitForEventAsync(e => (string?)e["client"]?["path"] == path, $"an event for {path}", cancellationToken);

    /// <summary>
    /// One request, fresh path; gives the event and the status. What the answer's header and body say must agree with the event.
    /// </summary>
    public async Task<(JsonObject Event, int Status, string Body)> FailAsync(CancellationToken cancellationToken, HttpContent? upload = null)
    {
        var path = $"/{Guid.NewGuid():n}";
        using var request = new HttpRequestMessage(upload is null ? HttpMethod.Get : HttpMethod.Post, path) { Content = upload };
        using var response = await Client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        var failureEvent = await EventOfPathAsync(path, cancellationToken);
        Assert.True((int?)failureEvent["status"] == (int)response.StatusCode, $"{(int)response.StatusCode}: {body}\n{failureEvent}");
        if (response.Headers.TryGetValues("ProxyGate-Failure", out var ids))
        {
            Assert.Equal((string?)failureEvent["id"], ids.Single());
            Assert.Contains((string)failureEvent["cause"]!, body, StringComparison.Ordinal);
        }

        return (failureEvent, (int)response.StatusCode, body);
    }

    /// <summary>One request that must fail for one of these causes.</summary>
    public async Task<JsonObject> FailsWithAsync(CancellationToken cancellationToken, params string[] causes)
    {
        var (failureEvent, status, body) = await FailAsync(cancellationToken);
        Assert.True(causes.Contains((string?)failureEvent["cause"]), $"Expected {string.Join(" or ", causes)}. {status} {body}\n{failureEvent}");
        return failureEvent;
    }

    public static string? FirstBytesAre(JsonObject failureEvent) => (string?)failureEvent["attempts"]!.AsArray()[^1]!["first_bytes_are"];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Process.DisposeAsync();
    }
}
