using System.Text.Json.Nodes;
using Microsoft.Playwright;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>The dashboard while failures come in as fast as they can be made: the hour in which it is needed.</summary>
[Collection(OneBrowser.Name)]
public sealed class DashboardStormTests(BrowserStand browser) : IAsyncDisposable
{
    private const int Connections = 16;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly TestFolder _folder = new();
    private readonly DeadPort _nobody = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private long _failures;
    private string _last = "";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        _folder.Dispose();
        _nobody.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Screens_load_move_and_filter_in_a_storm()
    {
        var config = _folder.Write("proxygate.json", GatewayInFront.Config(_nobody.Url, c => c["ProxyGate"]!["Events"] = new JsonObject { ["File"] = "logs/events.jsonl" }));
        await using var gateway = await GatewayProcess.StartAsync(["run", "--config", config], _folder.Path);
        await using var context = await browser.OpenAsync(gateway.Admin);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(Stop);

        // What moves by itself is followed while the storm is at its full strength, however long the machine takes over the rest.
        var storm = StormAsync(gateway.Address, over.Token);
        await EventuallyAsync(() => Interlocked.Read(ref _failures) > 200);
        var tail = await WatchedPage.OpenAsync(context, "/failures");
        await Assertions.Expect(tail.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        for (var moves = 0; moves < 2; moves++) await MovesAsync(tail.Page, "main table a[href^='/failures/']");

        over.CancelAfter(Longest);
        var incident = await IncidentAsync(gateway.Admin);
        foreach (var path in new[] { "/", "/incidents", "/incidents/" + incident, "/failures", "/routes", "/causes/connect_refused" })
        {
            var page = await WatchedPage.OpenAsync(context, path);
            Assert.Equal(200, page.Answer.Status);
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
            await page.AssertQuietAsync();
            await page.Page.CloseAsync();
        }

        await tail.Page.GetByLabel("Cause").FillAsync("connect_refused");
        await tail.Page.GetByLabel("Text in id").FillAsync("/storm");
        await tail.Page.GetByRole(AriaRole.Button, new() { Name = "Show", Exact = true }).ClickAsync();
        await Assertions.Expect(tail.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("cause=connect_refused"));
        await Assertions.Expect(tail.Page.Locator("main table a[href^='/failures/']").First).ToBeVisibleAsync();
        Assert.Equal(0, await tail.Page.Locator("main table a[href^='/causes/']:not([href='/causes/connect_refused'])").CountAsync());
        await tail.AssertQuietAsync();
        await over.CancelAsync();
        await storm;

        // A visitor's id, of the thousands: it is found, by a line of its own or by the one that stands for it.
        await EventuallyAsync(async () => (await _client.GetAsync(new Uri(gateway.Admin, "/api/failures/" + _last), Stop)).IsSuccessStatusCode);
        var visitors = await WatchedPage.OpenAsync(context, "/failures/" + _last);
        await Assertions.Expect(visitors.Page.GetByText(_last).First).ToBeVisibleAsync();
        await visitors.AssertQuietAsync();
        var counted = JsonNode.Parse(await _client.GetStringAsync(new Uri(gateway.Admin, "/api/incidents"), Stop))!["incidents"]!.AsArray().Sum(i => (long)i!["count"]!);
        Assert.InRange(counted, Interlocked.Read(ref _failures), Interlocked.Read(ref _failures) + Connections);
    }

    /// <summary>The first of what is listed becomes another by itself.</summary>
    private static async Task MovesAsync(IPage page, string link)
    {
        await Assertions.Expect(page.Locator(link).First).ToBeVisibleAsync();
        var before = await page.Locator(link).First.GetAttributeAsync("href");
        await Assertions.Expect(page.Locator(link).First).Not.ToHaveAttributeAsync("href", before!, new() { Timeout = 30_000 });
    }

    private async Task StormAsync(Uri to, CancellationToken stop)
    {
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                try
                {
                    using var answer = await _client.GetAsync(new Uri(to, "/storm"), stop);
                    _last = answer.Headers.GetValues("ProxyGate-Failure").Single();
                    Interlocked.Increment(ref _failures);
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    // It is over; what was under way is counted there and not here.
                }
            }
        }));
    }

    private async Task<string> IncidentAsync(Uri admin)
    {
        var incidents = JsonNode.Parse(await _client.GetStringAsync(new Uri(admin, "/api/incidents?cause=connect_refused"), Stop))!["incidents"]!.AsArray();
        return (string)Assert.Single(incidents)!["id"]!;
    }

    private static Task EventuallyAsync(Func<bool> condition) => EventuallyAsync(() => Task.FromResult(condition()));

    private static async Task EventuallyAsync(Func<Task<bool>> condition)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(45); !await condition(); await Task.Delay(50, Stop)) Assert.True(DateTime.UtcNow < deadline, "It did not become so in time.");
    }
}
