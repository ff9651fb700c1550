using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Operators' and visitors' page, small and large, light and dark: nothing refused, nothing too wide, nothing out of reach.</summary>
[Collection(OneBrowser.Name)]
public sealed class PageSoundnessTests(BrowserStand stand)
{
    /// <summary>Cause and whether a visitor looks; visitors' pages of all inner causes are the same.</summary>
    public static TheoryData<string, bool> Pages => [.. BrowserStand.Causes.Select(c => (BrowserStand.PathOf(c), false)), (BrowserStand.PathOf("connect-refused"), true), ("/nowhere", true), ("/nowhere", false)];

    [Theory, MemberData(nameof(Pages))]
    public async Task Axe_finds_nothing_light_or_dark_and_the_policy_refuses_nothing(string path, bool visitor)
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            await using var context = await stand.OpenAsync(visitor, o => (o.ColorScheme, o.ReducedMotion) = (scheme, ReducedMotion.Reduce));
            var page = await WatchedPage.OpenAsync(context, path);
            Assert.True(await page.Page.EvaluateAsync<bool>("getComputedStyle(document.body).backgroundColor!=='rgba(0, 0, 0, 0)'"), "The style did not take effect.");
            await page.AssertQuietAsync();

            // What is folded is judged too.
            await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");
            foreach (var width in new[] { 1280, 390 })
            {
                await page.Page.SetViewportSizeAsync(width, 844);
                Assert.Equal("", await page.AxeAsync());
            }
        }
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task Nothing_is_wider_than_the_window_down_to_a_narrow_phone_and_at_double_size(string path, bool visitor)
    {
        await using var context = await stand.OpenAsync(visitor, o => o.Locale = "de-DE");
        var page = await WatchedPage.OpenAsync(context, path);
        await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");

        // A window of 1280 enlarged to 200 % lays out as one of 640, and to 400 % as one of 320 (WCAG 1.4.10).
        foreach (var width in new[] { 320, 390, 640, 1280 })
        {
            await page.Page.SetViewportSizeAsync(width, 844);
            Assert.Equal("", await page.TooWideAsync());
        }

        await page.Page.SetViewportSizeAsync(1280, 844);
        await page.Page.EvaluateAsync("document.documentElement.style.fontSize='200%'");
        Assert.Equal("", await page.TooWideAsync());
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task Without_scripts_all_of_it_can_be_read(string path, bool visitor)
    {
        await using var scripted = await stand.OpenAsync(visitor);
        await using var plain = await stand.OpenAsync(visitor, o => o.JavaScriptEnabled = false);
        var opened = await WatchedPage.OpenAsync(scripted, path);
        var with = opened.Page;

        // The very same page: a failure a moment later is told with what was found out meanwhile.
        var (status, headers, body) = (opened.Answer.Status, await opened.Answer.AllHeadersAsync(), await opened.Answer.BodyAsync());
        await plain.RouteAsync("**/*", route => route.FulfillAsync(new() { Status = status, Headers = headers, BodyBytes = body }));
        var without = await plain.NewPageAsync();
        await without.GotoAsync(path);

        await Assertions.Expect(without.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToBeVisibleAsync();
        var headings = await with.Locator("h1,h2,h3,summary").AllTextContentsAsync();
        Assert.Equal(headings.Count, await without.Locator("h1,h2,h3,summary").CountAsync());
        foreach (var fold in await without.Locator("summary").AllAsync())
        {
            if (!await fold.IsVisibleAsync()) continue;
            await fold.ClickAsync();
            await Assertions.Expect(fold.Locator("xpath=..")).ToHaveAttributeAsync("open", "");
        }

        // Nothing waits for a script to be shown, and nothing is offered that only a script could do.
        foreach (var block in await without.Locator("pre,h2,h3,dd,td,p:not([hidden])").AllAsync()) await Assertions.Expect(block).ToBeVisibleAsync();
        Assert.Equal(0, await without.Locator("button").CountAsync());
        Assert.False(await without.Locator("#proxygate-return").IsVisibleAsync());
    }

    [Theory, MemberData(nameof(Pages))]
    public async Task Everything_that_can_be_used_is_reached_by_the_keyboard_and_shows_it(string path, bool visitor)
    {
        await using var context = await stand.OpenAsync(visitor);
        var page = (await WatchedPage.OpenAsync(context, path)).Page;
        foreach (var fold in await page.Locator("summary").AllAsync())
        {
            if (!await fold.IsVisibleAsync()) continue;
            await fold.FocusAsync();
            await page.Keyboard.PressAsync("Enter");
            await Assertions.Expect(fold.Locator("xpath=..")).ToHaveAttributeAsync("open", "");
        }

        var all = await page.EvaluateAsync<int>(
            "()=>{document.activeElement.blur();getSelection().removeAllRanges();window.wanted=[...document.querySelectorAll('a[href],button,summary,[tabindex]')].filter(e=>e.checkVisibility());window.met=new Set();return window.wanted.length}");
        await page.EvaluateAsync("()=>{document.body.tabIndex=-1;document.body.focus();document.body.removeAttribute('tabindex')}");
        for (var i = 0; i < all + 20; i++)
        {
            await page.Keyboard.PressAsync("Tab");
            var seen = await page.EvaluateAsync<string>(
                """
                ()=>{const e=document.activeElement;if(!e||e===document.body)return '';window.met.add(e);const s=getComputedStyle(e);
                return s.outlineStyle!=='none'&&parseFloat(s.outlineWidth)>=2?'':'no visible focus: '+e.outerHTML.slice(0,160)}
                """);
            Assert.Equal("", seen);
        }

        Assert.Equal("", await page.EvaluateAsync<string>("window.wanted.filter(e=>!window.met.has(e)).map(e=>e.outerHTML.slice(0,160)).join('\\n')"));
    }

    [Fact]
    public async Task Every_copy_button_copies_its_block_exactly()
    {
        await using var context = await stand.OpenAsync(visitor: false, o => o.Permissions = ["clipboard-read", "clipboard-write"]);
        var page = await WatchedPage.OpenAsync(context, BrowserStand.PathOf("connect-refused"));
        await page.Page.EvaluateAsync("document.querySelectorAll('details').forEach(d=>d.open=true)");
        var buttons = await page.Page.Locator("button").AllAsync();
        Assert.True(buttons.Count >= 2, "There are no blocks to copy.");
        foreach (var button in buttons)
        {
            var expected = await button.EvaluateAsync<string>("b=>(b.closest('figure')?.querySelector('pre')??document.getElementById('md')).textContent");
            Assert.NotEqual("", expected.Trim());
            await button.ClickAsync();
            await Assertions.Expect(button).ToHaveTextAsync("Copied");
            Assert.Equal(expected, await page.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        }

        await page.AssertQuietAsync();
    }
}
