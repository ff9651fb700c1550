using System.IO.Compression;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages;

public partial class OperatorPageTests
{
    public static TheoryData<string> Samples => PageHarness.Samples;

    [Theory, MemberData(nameof(Samples))]
    public async Task A_page_with_everything_on_it_stays_under_14_KB_compressed(string sample)
    {
        var failure = FullFailure.Of(sample);
        if (failure.Status == 499) return;
        Assert.True(failure.Diagnosis.Hints.Count >= 3);
        var html = Encoding.UTF8.GetBytes((await AnswerAsync(failure, near: true, "text/html")).Body);
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(html);
        Assert.InRange(compressed.Length, 1, 14_000);
        Assert.InRange(html.Length, 1, 64_000);
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task The_elements_are_balanced_and_the_headings_in_order(string sample)
    {
        var failure = FullFailure.Of(sample);
        if (failure.Status == 499) return;
        var html = (await AnswerAsync(failure, near: true, "text/html")).Body;
        Assert.StartsWith("<!DOCTYPE html>\n<html lang=\"en\">", html);
        var open = new Stack<string>();
        foreach (Match tag in Element().Matches(html))
        {
            if (tag.Groups[2].Value is "meta" or "path" or "!DOCTYPE") continue;
            if (tag.Groups[1].Value == "/") Assert.Equal(open.Pop(), tag.Groups[2].Value);
            else open.Push(tag.Groups[2].Value);
        }

        Assert.Empty(open);
        Assert.Single(Regex.Matches(html, "<h1>"));
        Assert.Single(Regex.Matches(html, "<main>"));
        var level = 1;
        foreach (var next in Regex.Matches(html, "<h([1-6])").Select(m => m.Groups[1].Value[0] - '0'))
        {
            Assert.InRange(next, 1, level + 1);
            level = next;
        }
    }

    [Fact]
    public async Task The_finding_comes_first_then_where_to_act_the_fix_of_a_proved_reason_and_only_then_the_record()
    {
        var text = VisibleText.Of((await AnswerAsync(FullFailure.Of(CauseId.ConnectRefused), near: true, "text/html")).Body);
        var at = new[]
        {
            "# 127.0.0.1:5000 refused", "Where to act", "This does not prove", "## The way of the request", "## Reason", "## What a look", "Looked 12 s ago at 127.0.0.1:5000, for 38 ms.",
            "> What could not be seen", "## Since when", "## Other usual reasons", "## The attempt", "## Evidence", "## Reference", "## What other proxies say", "## To hand on",
        }.Select(part => text.IndexOf(part, StringComparison.Ordinal)).ToArray();
        Assert.DoesNotContain(-1, at);
        Assert.Equal(at.Order(), at);
        var proved = text[text.IndexOf("The app listens on port 5001", StringComparison.Ordinal)..];
        Assert.InRange(proved.IndexOf("Fix changes what each step says", StringComparison.Ordinal), 1, proved.IndexOf("Check only looks, changes nothing", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task What_is_handed_on_holds_no_client_address_no_query_and_no_field_value(string sample)
    {
        var failure = FullFailure.Of(sample);
        if (failure.Status == 499) return;
        var html = await AnswerAsync(failure, near: true, "text/html");
        var markdown = await AnswerAsync(failure, near: true, "text/markdown");
        var shown = System.Net.WebUtility.HtmlDecode(Regex.Match(html.Body, "<pre id=\"md\">(.*?)</pre>", RegexOptions.Singleline).Groups[1].Value);
        Assert.Equal(markdown.Body.TrimEnd('\n'), shown);
        Assert.DoesNotContain(Stranger.ToString(), markdown.Body);
    }

    [Fact]
    public async Task Values_of_fields_in_first_bytes_are_not_handed_on_and_secret_ones_not_even_shown()
    {
        var facts = ExampleFailures.All[CauseId.ResponseHeadMalformed];
        var secret = "HTTP/1.1 200 OK\r\nServer: 1ns1de\r\nset-cookie: sid=s3cr3t\r\nX-Auth-Token: s3cr3t\r\n\r\nbody-s3cr3t"u8.ToArray();
        var failure = Event(facts with { Attempts = [.. facts.Attempts.Select(a => a with { FirstBytes = secret })] });
        var html = (await AnswerAsync(failure, near: true, "text/html")).Body;
        Assert.DoesNotContain("s3cr3t", html);
        Assert.DoesNotContain("73 33 63 72 33 74", html);
        Assert.Contains("Server: 1ns1de", html[..html.IndexOf("id=\"md\"", StringComparison.Ordinal)]);
        var markdown = (await AnswerAsync(failure, near: true, "text/markdown")).Body;
        Assert.DoesNotContain("1ns1de", markdown);
        Assert.Contains("Server: ...", markdown);
    }

    [Fact]
    public async Task Problem_details_carry_what_stood_around_the_failure()
    {
        using var problem = JsonDocument.Parse((await AnswerAsync(FullFailure.Of(CauseId.ConnectRefused), near: true, "application/json")).Body);
        var root = problem.RootElement;
        Assert.Equal(1204, root.GetProperty("context").GetProperty("count").GetInt64());
        Assert.Equal("proxygate.json:14", root.GetProperty("context").GetProperty("route_source").GetString());
        Assert.Equal(2, root.GetProperty("not_seen").GetArrayLength());
        Assert.All(new[] { "findings", "possibilities", "equivalents", "checks", "hints", "attempts" }, name => Assert.NotEqual(0, root.GetProperty(name).GetArrayLength()));
        Assert.All(Names(root), name => Assert.Matches("^[a-z0-9_]+$", name));
    }

    [Fact]
    public async Task Times_are_told_from_the_moment_of_the_failure_and_never_from_the_future()
    {
        var failure = FullFailure.Of(CauseId.ConnectRefused);
        foreach (var (seconds, words) in new[] { (0, "just now"), (-30, "just now"), (12, "12 s ago"), (300, "5 min ago"), (10_800, "3 h ago"), (400_000, "5 days ago") })
        {
            var look = FullFailure.Look with { At = Now.AddSeconds(-seconds) };
            var told = failure with { Time = Now.AddYears(1), Diagnosis = failure.Diagnosis with { Investigation = look } };
            Assert.Contains($"Looked {words} at", (await AnswerAsync(told, near: true, "text/html")).Body);
        }
    }

    private static IEnumerable<string> Names(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Names(p.Value).Prepend(p.Name)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Names),
        _ => [],
    };

    [GeneratedRegex("<(/?)(!DOCTYPE|[a-z][a-z0-9]*)")]
    private static partial Regex Element();
}
