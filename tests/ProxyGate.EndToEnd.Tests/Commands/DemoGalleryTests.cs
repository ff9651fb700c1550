using System.Net;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary>The page of every cause, from the built program: in a folder, and behind the demo's own gateway.</summary>
public sealed partial class DemoGalleryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_folder_holds_an_operators_page_of_every_cause_and_the_visitors_page_of_each_that_has_one()
    {
        using var folder = new TestFolder();
        var (code, output, error) = await GatewayProcess.RunAsync(["demo", "--gallery", folder.Path]);

        Assert.Equal((0, ""), (code, error));
        var operators = Directory.EnumerateFiles(folder.PathOf("operator")).Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal).ToList();
        var visitors = Directory.EnumerateFiles(folder.PathOf("public")).ToList();
        Assert.Equal(ExampleFailures.Names.Order(StringComparer.Ordinal), operators);
        Assert.Empty(CauseCatalogue.All.Select(c => c.Id).Except(operators));
        Assert.StartsWith($"{operators.Count + visitors.Count} pages", output, StringComparison.Ordinal);

        // Where the client has gone, its answer has begun or the app's own is passed on, a visitor never sees a page of ours.
        var never = operators.Except(visitors.Select(Path.GetFileNameWithoutExtension)).ToList();
        Assert.Contains("client_disconnected", never);
        Assert.Contains("response_body_truncated", never);
        Assert.Contains("upstream_error_passed_through", never);
        Assert.DoesNotContain("connect_refused", never);
        foreach (var page in visitors)
        {
            var html = await File.ReadAllTextAsync(page, Stop);
            Assert.Contains("k7mq-3f9x", html, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"10\.0\.0\.5|127\.0\.0\.1|proxygate\.json|app-1", html);
        }

        Assert.Contains("proxygate.json:14", await File.ReadAllTextAsync(folder.PathOf("operator/connect_refused.html"), Stop), StringComparison.Ordinal);
        var index = await File.ReadAllTextAsync(folder.PathOf("index.html"), Stop);
        var links = Link().Matches(index).Select(m => m.Groups[1].Value).ToList();
        Assert.Equal(operators.Count + visitors.Count, links.Count);
        Assert.All(links, link => Assert.True(File.Exists(folder.PathOf(link)), link));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_said_plainly()
    {
        using var folder = new TestFolder();
        var file = folder.Write("taken", "");
        var (code, _, error) = await GatewayProcess.RunAsync(["demo", "--gallery", file]);
        Assert.Equal(3, code);
        Assert.StartsWith("The gallery could not be written: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_shows_the_gallery_and_a_visitors_page_in_it_goes_on_waiting()
    {
        using var folder = new TestFolder();
        await using var demo = await GatewayProcess.StartAsync(
            ["demo", "--listen", $"http://127.0.0.1:{Ports.Free()}"], folder.Path, environment: new Dictionary<string, string> { ["ProxyGate__Admin__Listen"] = "http://127.0.0.1:0" });
        using var client = new HttpClient { BaseAddress = demo.Address };

        Assert.Contains("href=\"/gallery/\"", await client.GetStringAsync("/", Stop), StringComparison.Ordinal);
        var links = Link().Matches(await client.GetStringAsync("/gallery/", Stop)).Select(m => m.Groups[1].Value).ToList();
        Assert.InRange(links.Count, CauseCatalogue.All.Count, 1000);
        foreach (var link in links)
        {
            using var page = await client.GetAsync("/gallery/" + link, Stop);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
            Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
            // With this field the page's script takes the app for away still, and does not load itself again and again.
            if (link.StartsWith("public/", StringComparison.Ordinal))
                Assert.Equal(("k7mq-3f9x", true), (page.Headers.GetValues("ProxyGate-Failure").Single(), page.Headers.Contains("Content-Security-Policy")));
        }
    }

    [Fact]
    public async Task The_port_that_it_prints_is_the_one_it_listens_on()
    {
        using var folder = new TestFolder();
        await using var demo = await StartOnAnyPortAsync(folder);
        var printed = Printed().Matches(demo.Output).Select(m => new Uri(m.Value)).ToList();
        Assert.InRange(printed.Count, 3, 20);
        Assert.NotEqual(0, demo.Address.Port);
        Assert.All(printed, address => Assert.Equal(demo.Address.Port, address.Port));

        // "Open … in a browser": and there it is, and a fault under the address that is named for all of them.
        using var client = new HttpClient();
        using var opened = await client.GetAsync(new Uri(Opened().Match(demo.Output).Groups[1].Value), Stop);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        using var fault = await client.GetAsync(new Uri(Faults().Match(demo.Output).Groups[1].Value.Replace("ID", "connect-refused", StringComparison.Ordinal)), Stop);
        Assert.InRange((int)fault.StatusCode, 500, 599);
    }

    /// <summary>The demo chooses its port before the gateway binds it: where somebody else was faster, it is started again.</summary>
    private static async Task<GatewayProcess> StartOnAnyPortAsync(TestFolder folder)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await GatewayProcess.StartAsync(["demo", "--listen", "http://127.0.0.1:0"], folder.Path, environment: new Dictionary<string, string> { ["ProxyGate__Admin__Listen"] = "http://127.0.0.1:0" });
            }
            catch (InvalidOperationException e) when (i < 3 && e.Message.Contains("in use", StringComparison.OrdinalIgnoreCase))
            {
                // Another port.
            }
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+(?=/faults/|/gallery/| in a browser)")]
    private static partial Regex Printed();

    [GeneratedRegex(@"Open (\S+) in a browser")]
    private static partial Regex Opened();

    [GeneratedRegex(@"each under (\S+/faults/ID/)")]
    private static partial Regex Faults();

    [GeneratedRegex("<a href=\"((?:operator|public)/[^\"]+)\"")]
    private static partial Regex Link();
}
