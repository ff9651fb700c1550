using System.Diagnostics;
using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>The public page opens by itself when the app is back: soon, politely, and never in a circle.</summary>
[Collection(OneBrowser.Name)]
public sealed class ReturnTests(BrowserStand stand)
{
    /// <summary>
    /// Notes when the page asked and how often it was told the answer, and lets a test say that nobody looks at it. An answer is counted before the
    /// page's own script sees it, in the same turn: who reads the count knows that the page has set its next timer.
    /// </summary>
    private const string Notice =
        """
        window.asks=[];window.answered=[];
        const ask=window.fetch;window.fetch=function(){window.asks.push(Date.now());const answer=ask.apply(this,arguments);answer.finally(()=>window.answered.push(Date.now())).catch(()=>{});return answer};
        Object.defineProperty(document,'hidden',{get:()=>window.away===true});Object.defineProperty(document,'visibilityState',{get:()=>window.away?'hidden':'visible'});
        """;

    /// <summary>In milliseconds: the clock that the test moves on has been seen 3 ms further than it was moved.</summary>
    private const int Ahead = 25;

    private static readonly DateTime s_start = new(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/app/basket?step=2")]
    [InlineData("/own/basket")]
    public async Task It_opens_by_itself_once_the_app_is_back(string path)
    {
        await stand.App.StopAsync();
        await using var context = await stand.OpenAsync(visitor: true);
        var page = await WatchedPage.OpenAsync(context, path);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Status)).ToBeVisibleAsync();
        await UntilAsync(() => page.Heads >= 2);
        Assert.Equal(1, page.Gets);

        await stand.App.StartAsync();
        await page.Page.GetByText("The app is here").WaitForAsync();
        Assert.Equal($"{stand.Address}".TrimEnd('/') + path, page.Page.Url);
        Assert.Equal([$"HEAD {path.Split('?')[0]}", $"GET {path.Split('?')[0]}"], stand.App.Asked);
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task It_asks_within_two_seconds_and_never_hammers()
    {
        await stand.App.StopAsync();
        await using var context = await OpenWithStoppedClockAsync();
        var page = await WatchedPage.OpenAsync(context, "/app/basket");
        for (var asked = 1; asked <= 10; asked++)
        {
            await context.Clock.RunForAsync(1590);
            Assert.Equal(asked - 1, await AsksAsync(page));
            await context.Clock.RunForAsync(410);
            Assert.Equal(asked, await AsksAsync(page));
            await AnsweredAsync(page, asked);
        }

        await stand.App.StartAsync();
        await context.Clock.RunForAsync(2000);
        await page.Page.GetByText("The app is here").WaitForAsync();
        Assert.Equal(["HEAD /app/basket", "GET /app/basket"], stand.App.Asked);
        Assert.Equal((11, 2), (page.Heads, page.Gets));
    }

    [Fact]
    public async Task It_looks_more_seldom_after_a_while_and_not_at_all_while_nobody_looks_at_it()
    {
        await stand.App.StopAsync();
        await using var context = await OpenWithStoppedClockAsync();
        var page = await WatchedPage.OpenAsync(context, "/app/basket");

        await page.Page.EvaluateAsync("window.away=true");
        for (var i = 0; i < 3; i++) await context.Clock.FastForwardAsync(60_000);
        Assert.Equal(0, await AsksAsync(page));
        await page.Page.EvaluateAsync("()=>{window.away=false;document.dispatchEvent(new Event('visibilitychange'))}");
        await context.Clock.RunForAsync(700);
        await AnsweredAsync(page, 1);

        // After the hundredth time, as seldom as Retry-After wishes, which is 10 s here.
        for (var asked = 2; asked <= 105; asked++)
        {
            await context.Clock.RunForAsync(asked <= 100 ? 2000 : 12_500);
            await AnsweredAsync(page, asked);
        }

        var asks = await page.Page.EvaluateAsync<double[]>("window.asks");
        var answered = await page.Page.EvaluateAsync<double[]>("window.answered");
        // From the answer, whose time is the page's own, and not from the ask before: how far the clock has gone in between is not the page's doing.
        var pauses = answered.Zip(asks.Skip(1), (answer, next) => next - answer).ToList();
        Assert.Equal(104, pauses.Count);
        Assert.All(pauses.Take(99), pause => Assert.InRange(pause, 1599, 2001 + Ahead));
        Assert.All(pauses.Skip(99), pause => Assert.InRange(pause, 9_999, 12_501 + Ahead));
        Assert.True(pauses.Take(99).Distinct().Count() > 20, "All pages would ask in step.");
    }

    [Fact]
    public async Task It_does_not_load_again_and_again_a_page_that_only_answers_head()
    {
        stand.App.AnswersOnlyHead = true;
        try
        {
            await stand.App.StartAsync();
            await using var context = await OpenWithStoppedClockAsync();
            var page = await WatchedPage.OpenAsync(context, "/app/broken");
            for (var again = 1; again <= 5; again++)
            {
                // Each time it waits longer than the time before.
                var tooSoon = again == 1 ? 1600 : 1000 * (1 << again);
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
        await stand.App.StartAsync();
        await using var context = await OpenWithStoppedClockAsync();
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

    /// <summary>Its pages' time stands still unless the test moves it on: a busy machine cannot make a page ask in between.</summary>
    private async Task<IBrowserContext> OpenWithStoppedClockAsync()
    {
        var context = await stand.OpenAsync(visitor: true);
        await context.Clock.InstallAsync(new() { TimeDate = s_start });
        await context.Clock.PauseAtAsync(s_start.AddSeconds(1));
        await context.AddInitScriptAsync(Notice);
        return context;
    }

    private static Task<int> AsksAsync(WatchedPage page) => page.Page.EvaluateAsync<int>("window.asks.length");

    private static async Task AnsweredAsync(WatchedPage page, int count)
    {
        await UntilAsync(async () => await page.Page.EvaluateAsync<int>("window.answered.length") == count);
        Assert.Equal(count, await AsksAsync(page));
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), "It did not happen within 30 s.");
            await Task.Delay(5, Stop);
        }
    }
}
