using Microsoft.Playwright;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Who gets in, and who does not, as real browsers ask.</summary>
[Collection(OneBrowser.Name)]
public sealed class DashboardAccessTests(BrowserStand browser, DashboardStand stand)
{
    [Fact]
    public async Task One_signs_in_sees_everything_and_signs_out()
    {
        await using var context = await browser.OpenAsync(stand.Locked);
        var page = await WatchedPage.OpenAsync(context, "/routes");
        await Assertions.Expect(page.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/sign-in"));
        await SignInAsync(page.Page, "not it");
        await Assertions.Expect(page.Page.GetByText("Name or password is wrong.")).ToBeVisibleAsync();
        await page.Page.GotoAsync("/routes");
        await SignInAsync(page.Page, DashboardStand.Password);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Routes and destinations");
        Assert.Equal("", await page.Page.EvaluateAsync<string>("document.cookie"));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await page.Page.GotoAsync("/");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Sign in");
        await page.AssertQuietAsync();
    }

    [Fact]
    public async Task A_link_from_elsewhere_finds_who_is_signed_in()
    {
        await using var context = await browser.OpenAsync(stand.Locked);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        await SignInAsync(page, DashboardStand.Password);
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign out" })).ToBeVisibleAsync();
        await page.GotoAsync(stand.Stranger.Address);
        await page.EvaluateAsync($"location.href='{stand.Locked}failures'");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "Failures" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Another_origins_page_neither_reads_nor_does_anything_though_it_is_on_the_same_machine()
    {
        await using var context = await browser.OpenAsync(stand.Full);
        var page = await context.NewPageAsync();
        var refused = new System.Collections.Concurrent.ConcurrentQueue<(string Method, int Status)>();
        context.Response += (_, response) =>
        {
            if (response.Url.StartsWith(stand.Full.ToString(), StringComparison.Ordinal)) refused.Enqueue((response.Request.Method, response.Status));
        };
        await page.GotoAsync(stand.Stranger.Address);
        Assert.Equal("refused", await page.EvaluateAsync<string>($"fetch('{stand.Full}api/failures').then(r=>r.text(),()=>'refused')"));
        await page.EvaluateAsync($"fetch('{stand.Full}api/failures',{{mode:'no-cors'}}).catch(()=>0)");
        var posted = await page.RunAndWaitForResponseAsync(
            () => page.EvaluateAsync(
                $"()=>{{const f=document.createElement('form');f.method='post';f.action='{stand.Full}incidents/{stand.Incident}/look';document.body.append(f);setTimeout(()=>f.submit(),0)}}"),
            r => r.Request.Method == "POST");
        Assert.Equal(403, posted.Status);
        Assert.DoesNotContain(refused, r => r.Status < 400);
    }

    [Fact]
    public async Task A_name_that_was_bent_to_this_machine_is_refused()
    {
        await using var context = await browser.OpenAsync(stand.Full);
        var page = await context.NewPageAsync();
        var answer = await page.GotoAsync($"http://{BrowserStand.ReboundName}:{stand.Full.Port}/");
        Assert.Equal(421, answer!.Status);
        Assert.Equal(421, await page.EvaluateAsync<int>("fetch('/api/failures').then(r=>r.status)"));
    }

    [Fact]
    public async Task Guessing_ends_soon_and_says_how_long_to_wait()
    {
        // One of its own: afterwards this client has to wait.
        await using var locked = await stand.StartLockedAsync("guessed");
        await using var context = await browser.OpenAsync(locked.Admin);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/sign-in");
        for (var i = 0; i < 5; i++) await SignInAsync(page, $"guess {i}");
        await SignInAsync(page, DashboardStand.Password);
        await Assertions.Expect(page.GetByText("Too many attempts. Try again in")).ToBeVisibleAsync();
    }

    private static async Task SignInAsync(IPage page, string password)
    {
        await page.GetByLabel("Name").FillAsync(DashboardStand.User);
        await page.GetByLabel("Password").FillAsync(password);
        // The next page looks the same: what tells them apart is a mark on this one. A load event may be told before the page is known to be another.
        await page.EvaluateAsync("() => { window.before = true }");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.WaitForFunctionAsync("() => !window.before && document.readyState === 'complete'");
    }
}
