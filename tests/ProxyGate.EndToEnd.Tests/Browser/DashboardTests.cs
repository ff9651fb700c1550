using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Every screen, with failures and without, as a person on call meets it: large and small, light and dark, with and without script, by keyboard alone.</summary>
[Collection(OneBrowser.Name)]
public sealed class DashboardTests(BrowserStand browser, DashboardStand stand)
{
    /// <summary>Gateway and path.</summary>
    public static TheoryData<string, string> Screens =>
    [
        ("full", "/"), ("full", "/?span=24h"), ("full", "/incidents"), ("full", "/incidents/INCIDENT"), ("full", "/failures"), ("full", "/failures?party=network&text=x"), ("full", "/failures/HOSTILE"), ("full", "/routes"),
        ("full", "/causes"), ("full", "/causes?q=upstream+prematurely+closed"), ("full", "/causes/connect_refused"), ("full", "/causes/wrong_port"), ("full", "/failures/none"),
        ("empty", "/"), ("empty", "/incidents"), ("empty", "/failures"), ("empty", "/routes"), ("locked", "/sign-in"),
    ];

    [Theory, MemberData(nameof(Screens))]
    public async Task Axe_finds_nothing_nothing_is_too_wide_and_the_policy_refuses_nothing(string gateway, string path)
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var context = await browser.OpenAsync(AddressOf(gateway), change: o => (o.ColorScheme, o.ReducedMotion) = (scheme, ReducedMotion.Reduce));
            var page = await WatchedPage.OpenAsync(context, PathOf(path));
            await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");
            foreach (var width in new[] { 1280, 390 })
            {
                await page.Page.SetViewportSizeAsync(width, 844);
                Assert.Equal("", await page.AxeAsync());
                Assert.Equal("", await page.TooWideAsync());
            }

            await page.Page.SetViewportSizeAsync(320, 844);
            Assert.Equal("", await page.TooWideAsync());
            await page.AssertQuietAsync();
        }
    }

    [Theory, MemberData(nameof(Screens))]
    public async Task Without_a_script_all_of_it_is_there(string gateway, string path)
    {
        await using var context = await browser.OpenAsync(AddressOf(gateway), change: o => o.JavaScriptEnabled = false);
        var page = await context.NewPageAsync();
        await page.GotoAsync(PathOf(path));
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).CountAsync());
        Assert.Equal(0, await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).CountAsync());
        foreach (var block in await page.Locator("main h2:not(.vh),main td:not(:empty),main dd,main figure.plot").AllAsync())
        {
            if (await block.EvaluateAsync<bool>("b=>!b.closest('details:not([open])')")) await Assertions.Expect(block).ToBeVisibleAsync();
        }
    }

    [Theory]
    [InlineData("full", "/")]
    [InlineData("full", "/incidents/INCIDENT")]
    [InlineData("full", "/failures?cause=tls_cert_expired")]
    [InlineData("full", "/causes/connect_refused")]
    [InlineData("locked", "/sign-in")]
    public async Task Everything_that_can_be_used_is_reached_by_the_keyboard_and_shows_it(string gateway, string path)
    {
        await using var context = await browser.OpenAsync(AddressOf(gateway));
        var page = (await WatchedPage.OpenAsync(context, PathOf(path))).Page;
        if (await page.Locator("#tools").CountAsync() > 0 && await page.Locator("main[data-live]").CountAsync() > 0)
        {
            // What moves by itself can be stopped, and then the page stays as it is.
            await page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume" })).ToBeVisibleAsync();
        }

        var all = await page.EvaluateAsync<int>(
            "()=>{document.activeElement.blur();getSelection().removeAllRanges();window.wanted=[...document.querySelectorAll('a[href],button,summary,input:not([type=hidden]),select')].filter(e=>e.checkVisibility());window.met=new Set();return window.wanted.length}");
        await page.EvaluateAsync("()=>{document.body.tabIndex=-1;document.body.focus();document.body.removeAttribute('tabindex')}");
        for (var i = 0; i < all + 20; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            Assert.Equal("", await page.EvaluateAsync<string>(
                """
                ()=>{const e=document.activeElement;if(!e||e===document.body)return '';window.met.add(e);const s=getComputedStyle(e);
                return s.outlineStyle!=='none'&&parseFloat(s.outlineWidth)>=2?'':'no visible focus: '+e.outerHTML.slice(0,160)}
                """));
        }

        Assert.Equal("", await page.EvaluateAsync<string>("window.wanted.filter(e=>!window.met.has(e)).map(e=>e.outerHTML.slice(0,160)).join('\\n')"));
    }

    [Fact]
    public async Task Hostile_bytes_are_shown_on_every_screen_they_come_to_and_never_run()
    {
        await using var context = await browser.OpenAsync(stand.Full);
        foreach (var path in new[] { "/", "/incidents", "/failures", "/failures?text=" + Uri.EscapeDataString("<script>window.ran=9</script>"), "/failures/" + stand.HostileFailure, "/causes?q=" + Uri.EscapeDataString(HostileUpstream.Payload) })
        {
            var page = await WatchedPage.OpenAsync(context, path);
            Assert.Equal(0, await page.Page.Locator("img, svg[onload], main script").CountAsync());
            await page.AssertQuietAsync();
        }

        var whole = await WatchedPage.OpenAsync(context, "/failures/" + stand.HostileFailure);
        Assert.Contains("<script>window.ran", await whole.Page.Locator("main").TextContentAsync());
    }

    [Fact]
    public async Task A_new_failure_appears_by_itself_and_what_is_open_stays_open()
    {
        await using var context = await browser.OpenAsync(stand.Full);
        var page = await WatchedPage.OpenAsync(context, "/failures");
        await Assertions.Expect(page.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();

        var id = await stand.FailAsync(BrowserStand.PathOf("connect-refused") + "/live");

        await Assertions.Expect(page.Page.Locator($"a[href='/failures/{id}']")).ToBeVisibleAsync(new() { Timeout = 20_000 });

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Paused", new() { Exact = true })).ToBeVisibleAsync();

        var incident = await WatchedPage.OpenAsync(context, "/incidents/" + stand.Incident);
        await Assertions.Expect(incident.Page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        var fold = incident.Page.Locator("summary").First;
        await fold.ClickAsync();
        await incident.Page.EvaluateAsync("()=>{document.querySelector('main').firstElementChild.dataset.old='1'}");
        await stand.FailAsync(BrowserStand.PathOf("connect-refused") + "/again");
        await Assertions.Expect(incident.Page.Locator("[data-old]")).ToHaveCountAsync(0, new() { Timeout = 20_000 });
        await Assertions.Expect(incident.Page.Locator("details").First).ToHaveAttributeAsync("open", "");
        await incident.AssertQuietAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Looking_again_shows_how_it_goes_and_what_was_found_with_and_without_script(bool script)
    {
        await using var context = await browser.OpenAsync(stand.Full, change: o => o.JavaScriptEnabled = script);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/incidents/" + stand.Incident);
        await page.GetByRole(AriaRole.Button, new() { Name = "Look again" }).ClickAsync();
        await Assertions.Expect(page.Locator(".look [role=status]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".look .done, .look .failed")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Look again" })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Looked at it: ").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Every_copy_button_copies_its_block_exactly()
    {
        await using var context = await browser.OpenAsync(stand.Full, change: o => o.Permissions = ["clipboard-read", "clipboard-write"]);
        var page = await WatchedPage.OpenAsync(context, "/causes/connect_refused");
        await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");
        foreach (var button in (await page.Page.Locator("figure button").AllAsync()).Take(4))
        {
            var expected = await button.EvaluateAsync<string>("b=>b.closest('figure').querySelector('pre').textContent");
            Assert.NotEqual("", expected.Trim());
            await button.ClickAsync();
            await Assertions.Expect(button).ToHaveTextAsync("Copied");
            Assert.Equal(expected, await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        }

        await page.AssertQuietAsync();
    }

    private Uri AddressOf(string gateway) => gateway switch { "full" => stand.Full, "empty" => stand.Empty, _ => stand.Locked };

    private string PathOf(string path) => path.Replace("INCIDENT", stand.Incident, StringComparison.Ordinal).Replace("HOSTILE", stand.HostileFailure, StringComparison.Ordinal);
}
