using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>What a visitor's browser shows and does.</summary>
[Collection(OneBrowser.Name)]
public sealed class PublicPageTests(BrowserStand stand)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Visitors_read_their_own_language_with_id_time_and_contact()
    {
        foreach (var (locale, language, title) in new[] { ("de-AT", "de", "Diese Website ist gerade gestört"), ("en-US", "en", "This site is not working right now"), ("fr-FR", "en", "This site is not working right now") })
        {
            await using var context = await stand.OpenAsync(visitor: true, o => o.Locale = locale);
            var page = await context.NewPageAsync();
            var answer = await page.GotoAsync(BrowserStand.PathOf("connect-refused"));
            Assert.Equal(502, answer!.Status);
            Assert.Equal(language, await page.Locator("html").GetAttributeAsync("lang"));
            Assert.Equal(language, await answer.HeaderValueAsync("content-language"));
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(title);
            await Assertions.Expect(page.GetByText((await answer.HeaderValueAsync("proxygate-failure"))!)).ToBeVisibleAsync();
            Assert.Matches(@"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$", await page.Locator("time").TextContentAsync());
            await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "help@example.org" })).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task No_visitor_learns_where_an_upstream_is()
    {
        using var client = new HttpClient { BaseAddress = stand.Address };
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        foreach (var path in BrowserStand.Causes.Select(BrowserStand.PathOf).Append("/hostile/x"))
        {
            foreach (var accept in new[] { "text/html", "text/plain", "text/markdown", "application/json" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
                using var answer = await client.SendAsync(request, Stop);
                Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
                var all = answer.Headers + "\n" + await answer.Content.ReadAsStringAsync(Stop);
                foreach (var upstream in stand.Upstreams)
                {
                    Assert.DoesNotContain(upstream.Host, all);
                    Assert.DoesNotContain($":{upstream.Port}", all);
                    Assert.DoesNotContain($">{upstream.Port}<", all);
                }

                Assert.DoesNotContain("onerror", all);
                Assert.DoesNotContain("SSH", all);
            }
        }
    }

    [Theory]
    [InlineData("path")]
    [InlineData("banner")]
    public async Task Hostile_bytes_are_shown_to_operators_and_never_run(string where)
    {
        await using var context = await stand.OpenAsync(visitor: false);
        var path = where == "path" ? $"/faults/connect-refused/{Uri.EscapeDataString(HostileUpstream.Payload)}?q={Uri.EscapeDataString(HostileUpstream.Payload)}" : "/hostile/x";
        var page = await WatchedPage.OpenAsync(context, path);
        await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");
        Assert.Contains("<script>window.ran", await page.Page.Locator("main").TextContentAsync());
        Assert.Equal(0, await page.Page.Locator("img, svg[onload]").CountAsync());
        Assert.Equal("", await page.TooWideAsync());
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task A_hostile_host_field_is_shown_and_never_runs()
    {
        // Nothing a browser or a client library would send, but what a page kept by somebody else may hold.
        var (status, policy, body) = await AskAsHostAsync("a'$(x)&b.example", BrowserStand.PathOf("connect-refused"));
        Assert.Equal("HTTP/1.1 502 Bad Gateway", status);

        await using var context = await stand.OpenAsync(visitor: false);
        await context.RouteAsync("**/kept", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html; charset=utf-8", Body = body, Headers = new Dictionary<string, string> { ["Content-Security-Policy"] = policy } }));
        var page = await WatchedPage.OpenAsync(context, "/kept");
        Assert.Contains("a'$(x)&b.example", await page.Page.Locator("main").TextContentAsync());
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task A_page_of_ones_own_takes_the_publics_place_and_nobody_elses()
    {
        await stand.App.StopAsync();
        await using var visitor = await stand.OpenAsync(visitor: true, o => o.Locale = "de-DE");
        var page = await WatchedPage.OpenAsync(visitor, "/own/basket");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Our shop rests");
        await Assertions.Expect(page.Page.Locator("#what")).ToHaveTextAsync("Diese Website ist gerade gestört");
        Assert.Equal("rgb(1, 2, 3)", await page.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor"));
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        await page.AssertQuietAsync();

        await using var near = await stand.OpenAsync(visitor: false);
        var operators = await WatchedPage.OpenAsync(near, "/own/basket");
        Assert.Contains("connect_refused", await operators.Page.Locator("body").TextContentAsync());
    }

    private async Task<(string Status, string Policy, string Body)> AskAsHostAsync(string host, string path)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(stand.Address.Host, stand.Address.Port, Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nConnection: close\r\n\r\n"), Stop);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        var answer = await reader.ReadToEndAsync(Stop);
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = answer[..end].Split("\r\n");
        const string Name = "Content-Security-Policy: ";
        return (head[0], Assert.Single(head, line => line.StartsWith(Name, StringComparison.OrdinalIgnoreCase))[Name.Length..], answer[(end + 4)..]);
    }
}
