using System.Diagnostics;
using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>The public page opens by itself when the app is back: soon, politely, and never in a circle.</summary>
[Collection(OneBrowser.Name)]
public sealed class ReturnTests(BrowserStand stand)
{
    private const string Hide = "Object.defineProperty(document,'hidden',{get:()=>window.away===true});Object.defineProperty(document,'visibilityState',{get:()=>window.away?'hidden':'visible'})";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/app/basket?step=2")]
    [InlineData("/own/basket")]
    public async Task It_opens_within_three_seconds_after_the_app_is_back_without_hammering(string path)
    {
        await stand.App.StopAsync();
        await using var context = await stand.OpenAsync(visitor: true);
        var clock = Stopwatch.StartNew();
        var page = await WatchedPage.OpenAsync(context, path);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        await UntilAsync(() => page.Heads >= 2);
        Assert.InRange(page.Heads, 1, (int)(clock.Elapsed.TotalSeconds / 2));
        Assert.Equal(1, page.Gets);

        await stand.App.StartAsync();
        await page.Page.GetByText("The app is here").WaitForAsync(new() { Timeout = 3000 });
        Assert.Equal($"{stand.Address}".TrimEnd('/') + path, page.Page.Url);
        Assert.Equal([$"HEAD {path.Split('?')[0]}", $"GET {path.Split('?')[0]}"], stand.App.Asked);
        Assert.InRange(page.Heads, 1, (int)(clock.Elapsed.TotalSeconds / 2));
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task It_looks_more_seldom_after_a_while_and_not_at_all_while_nobody_looks_at_it()
    {
        await stand.App.StopAsync();
        await using var context = await stand.OpenAsync(visitor: true);
        await context.Clock.InstallAsync();
        await context.AddInitScriptAsync(Hide);
        var page = await WatchedPage.OpenAsync(context, "/app/basket");

        await page.Page.EvaluateAsync("window.away=true");
        for (var i = 0; i < 3; i++) await context.Clock.FastForwardAsync(60_000);
        Assert.Equal(0, page.Heads);
        await page.Page.EvaluateAsync("()=>{window.away=false;document.dispatchEvent(new Event('visibilitychange'))}");
        await context.Clock.FastForwardAsync(700);
        await UntilAsync(() => page.Heads == 1);

        for (var asked = 2; asked <= 80; asked++) await NextAsync(context, page, asked, 2700);
        await SettledAsync(page);
        await context.Clock.FastForwardAsync(4900);
        Assert.Equal(80, page.Heads);
        await context.Clock.FastForwardAsync(10_000);
        await UntilAsync(() => page.Heads == 81);
    }

    [Fact]
    public async Task It_does_not_load_again_and_again_a_page_that_only_answers_head()
    {
        stand.App.AnswersOnlyHead = true;
        try
        {
            await stand.App.StartAsync();
            await using var context = await stand.OpenAsync(visitor: true);
            await context.Clock.InstallAsync();
            var page = await WatchedPage.OpenAsync(context, "/app/broken");
            for (var again = 1; again <= 5; again++)
            {
                // Each time it waits longer than the time before.
                var tooSoon = again == 1 ? 1900 : 1000 * (1 << again);
                await context.Clock.FastForwardAsync(tooSoon - 100);
                Assert.Equal(again, page.Gets);
                await context.Clock.FastForwardAsync(tooSoon);
                await UntilAsync(() => page.Gets == again + 1);
                await page.Page.WaitForLoadStateAsync();
                await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
            }

            await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToContainTextAsync("not on this page");
            await context.Clock.FastForwardAsync(600_000);
            Assert.Equal(5, page.Heads);
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Try again" })).ToBeVisibleAsync();
        }
        finally
        {
            stand.App.AnswersOnlyHead = false;
            await stand.App.StopAsync();
        }
    }

    [Fact]
    public async Task After_a_form_was_sent_it_says_what_to_do_and_sends_nothing_by_itself()
    {
        await stand.App.StopAsync();
        await stand.App.StartAsync();
        await using var context = await stand.OpenAsync(visitor: true);
        await context.Clock.InstallAsync();
        var page = await WatchedPage.OpenAsync(context, "/app/order");
        await stand.App.StopAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Order" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("It is not certain whether it arrived")).ToBeVisibleAsync();
        await context.Clock.FastForwardAsync(60_000);
        Assert.Equal(0, page.Heads);
        Assert.Equal(0, await page.Page.GetByRole(AriaRole.Status).CountAsync());
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task Without_scripts_a_link_tries_again()
    {
        await stand.App.StopAsync();
        await using var context = await stand.OpenAsync(visitor: true, o => o.JavaScriptEnabled = false);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/app/basket?step=2");
        await stand.App.StartAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Try again" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading)).ToHaveTextAsync("The app is here");
        Assert.EndsWith("/app/basket?step=2", page.Url);
        await stand.App.StopAsync();
    }

    private static async Task NextAsync(IBrowserContext context, WatchedPage page, int asked, int milliseconds)
    {
        await SettledAsync(page);
        await context.Clock.FastForwardAsync(milliseconds);
        await UntilAsync(() => page.Heads == asked);
    }

    /// <summary>The answer to the last question has come and the page has set its next timer.</summary>
    private static Task SettledAsync(WatchedPage page) => UntilAsync(() => page.Answered >= page.Heads + page.Gets);

    private static async Task UntilAsync(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), "It did not happen within 10 s.");
            await Task.Delay(5, Stop);
        }
    }
}
