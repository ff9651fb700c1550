using System.Net;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Gateway.Tests.Dashboard;

public sealed class ScreenTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_screen_can_be_shown_empty_and_says_so()
    {
        await using var gateway = await AdminHarness.StartAsync();
        Assert.Contains("All is well", await gateway.GetTextAsync("/"), StringComparison.Ordinal);
        Assert.Contains("There has been none yet.", await gateway.GetTextAsync("/incidents"), StringComparison.Ordinal);
        Assert.Contains("There has been none yet.", await gateway.GetTextAsync("/failures"), StringComparison.Ordinal);
        Assert.Contains("No failure is like that.", await gateway.GetTextAsync("/failures?cause=x"), StringComparison.Ordinal);
        Assert.Contains("no address is https", await gateway.GetTextAsync("/routes"), StringComparison.Ordinal);
        foreach (var path in new[] { "/incidents/inc-none", "/failures/none", "/failures/abcd-1234", "/causes/none" })
        {
            using var answer = await gateway.GetAsync(path);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        }
    }

    [Fact]
    public async Task What_happened_is_on_every_screen_it_belongs_to()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var incident = await DashboardData.PlainAsync(gateway);

        var overview = await gateway.GetTextAsync("/");
        Assert.Contains("1 incident is open", overview, StringComparison.Ordinal);
        Assert.Contains($"/incidents/{incident}", overview, StringComparison.Ordinal);
        Assert.Contains("fails with connect_refused", overview, StringComparison.Ordinal);
        Assert.Contains($"/incidents/{incident}", await gateway.GetTextAsync("/incidents?open=true&cause=connect_refused"), StringComparison.Ordinal);
        Assert.DoesNotContain(incident, await gateway.GetTextAsync("/incidents?cause=dns_no_such_name"), StringComparison.Ordinal);
        var failures = await gateway.GetTextAsync("/failures?cause=connect_refused");
        Assert.Contains("/failures/abcd-1234", failures, StringComparison.Ordinal);
        Assert.DoesNotContain("/failures/abcd-5678", failures, StringComparison.Ordinal);
        var one = await gateway.GetTextAsync("/incidents/" + incident);
        Assert.Contains("What happened when", one, StringComparison.Ordinal);
        Assert.Contains("The first failure.", one, StringComparison.Ordinal);
        Assert.Contains("/failures/abcd-1234", one, StringComparison.Ordinal);
        Assert.Contains("class=\"chain\"", await gateway.GetTextAsync("/failures/ABCD1234"), StringComparison.Ordinal);
        Assert.Contains("1 open", await gateway.GetTextAsync("/routes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_failure_of_a_storm_that_has_no_line_of_its_own_is_found_by_its_id()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var folded = await DashboardData.StormAsync(gateway);

        var page = await gateway.GetTextAsync("/failures/" + folded.ToUpperInvariant());
        Assert.Contains($"<b>{folded}</b> came in a storm and has no record of its own: the line of ", page, StringComparison.Ordinal);
        Assert.Contains("class=\"chain\"", page, StringComparison.Ordinal);
        Assert.Contains($"/failures/{folded}\">{folded}</a> came in a storm", await gateway.GetTextAsync("/failures?text=" + folded), StringComparison.Ordinal);
        var json = System.Text.Json.Nodes.JsonNode.Parse(await gateway.GetTextAsync("/api/failures/" + folded))!;
        Assert.Equal((folded, (string?)json["shown"]!["id"]), ((string?)json["id"], (string?)json["folded_into"]));
        Assert.InRange((long)json["occurrences"]!, 2, 100);
    }

    [Fact]
    public async Task Nothing_of_anyones_is_markup_on_any_screen_and_hidden_characters_show()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var incident = await DashboardData.HostileAsync(gateway);
        var query = "q=" + Uri.EscapeDataString(DashboardData.Evil) + "&text=" + Uri.EscapeDataString(DashboardData.Evil) + "&cause=" + Uri.EscapeDataString(DashboardData.Evil);
        foreach (var path in new[] { "/", "/incidents", "/incidents/" + incident, "/failures", "/failures/evda-0001", "/routes", "/incidents?" + query, "/failures?" + query, "/causes?" + query })
        {
            using var answer = await gateway.GetAsync(path);
            var page = await answer.Content.ReadAsStringAsync(Stop);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            // The dashboard's own script is the only one.
            Assert.Equal(1, page.Split("<script").Length - 1);
            Assert.DoesNotContain("<img", page, StringComparison.Ordinal);
            Assert.DoesNotContain("&#x202E;", page, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("\u202e", page, StringComparison.Ordinal);
            Assert.DoesNotContain("\u0007", page, StringComparison.Ordinal);
            Assert.DoesNotContain("&#x7;", page, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("script-src 'self'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Every_cause_and_root_cause_has_its_page_and_is_found_by_what_others_say()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var list = await gateway.GetTextAsync("/causes");
        foreach (var id in CauseCatalogue.All.Select(c => c.Id).Concat(HintGuides.All.Select(h => h.Id)))
        {
            Assert.Contains($"href=\"/causes/{id}\"", list, StringComparison.Ordinal);
            using var page = await gateway.GetAsync("/causes/" + id);
            Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        }

        Assert.Contains("/causes/upstream_closed_without_response", await gateway.GetTextAsync("/causes?q=upstream+prematurely+closed+connection"), StringComparison.Ordinal);
        Assert.Contains("/failures/k7mq-3f9x", await gateway.GetTextAsync("/causes?q=k7mq-3f9x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Style_and_script_are_the_gateways_own_and_kept_by_browsers()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var page = await gateway.GetTextAsync("/");
        foreach (var (start, type) in new[] { ("/dashboard.css?v=", "text/css"), ("/dashboard.js?v=", "text/javascript"), ("/icon.svg", "image/svg+xml") })
        {
            var at = page.IndexOf($"\"{start}", StringComparison.Ordinal) + 1;
            Assert.True(at > 0, start);
            using var answer = await gateway.GetAsync(page[at..page.IndexOf('"', at)]);
            Assert.Equal(type, answer.Content.Headers.ContentType!.MediaType);
            Assert.Contains("immutable", answer.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("style=\"", page, StringComparison.Ordinal);
        Assert.DoesNotContain("://", page.Replace("http://127.0.0.1", "", StringComparison.Ordinal).Replace("http://localhost", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
