using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;
using ProxyGate.Gateway.Configuration;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages.Public;

public class PublicPageTests
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8";

    public static TheoryData<string, string> Ours => [.. from s in ExampleFailures.Names
                                                         where PublicWords.IsOurs(PublicWords.KindOf(ExampleFailures.Verdict(s)))
                                                         from l in PublicLanguages.All
                                                         select (s, l.Tag)];

    [Theory, MemberData(nameof(Ours))]
    public async Task What_failed_inside_is_told_apart_by_the_status_alone(string sample, string language)
    {
        var failure = Event(sample);
        var plain = Event(CauseId.ConnectRefused) with { Status = failure.Status };
        plain = plain with { Diagnosis = plain.Diagnosis with { Failure = plain.Diagnosis.Failure with { Status = failure.Status } } };
        foreach (var method in new[] { "GET", "POST" })
        {
            foreach (var accept in new[] { Browser, "text/markdown", null })
            {
                var one = await AnswerAsync(failure with { Id = "aaaa-aaaa", Time = failure.Time.AddHours(1) }, near: false, accept, method, language: language);
                var other = await AnswerAsync(plain, near: false, accept, method, language: language);
                Assert.Equal(Without(other.Body), Without(one.Body));
                Assert.Equal(other.Body.Length, one.Body.Length);
            }
        }

        static string Without(string body) => Regex.Replace(body, "k7mq-3f9x|aaaa-aaaa|2026-11-24[ T]0[34]:00:00( UTC|Z)", "_");
    }

    [Theory]
    [InlineData("de-AT,de;q=0.9", "de", "Diese Website")]
    [InlineData("en-GB", "en", "This site")]
    [InlineData("fr", "en", "This site")]
    public async Task Every_form_is_in_the_visitors_language_and_says_so(string accepted, string tag, string words)
    {
        foreach (var accept in new[] { Browser, "text/markdown", "application/json", null })
        {
            var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, accept, language: accepted);
            Assert.Contains(words, answer.Body);
            Assert.Equal(tag, answer.Headers.ContentLanguage);
            Assert.Equal("Accept, Accept-Language", answer.Headers.Vary);
        }

        Assert.Contains($"<html lang=\"{tag}\">", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, language: accepted)).Body);
    }

    [Fact]
    public async Task Operators_are_written_to_in_english_whatever_they_accept()
    {
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: true, Browser, language: "de");
        Assert.Equal("Accept", answer.Headers.Vary);
        Assert.Contains("<html lang=\"en\">", answer.Body);
    }

    [Fact]
    public async Task It_returns_by_itself_after_a_get_and_says_what_to_do_after_a_post()
    {
        foreach (var cause in new[] { CauseId.ConnectRefused, CauseId.TlsCertExpired })
        {
            var get = (await AnswerAsync(Event(cause), near: false, Browser)).Body;
            Assert.Contains("id=\"proxygate-return\"", get);
            Assert.Contains("Try again", get);
            var post = (await AnswerAsync(Event(cause), near: false, Browser, "POST")).Body;
            Assert.DoesNotContain("proxygate-return", post);
            Assert.DoesNotContain("<script", post);
            Assert.DoesNotContain("<a ", post);
            Assert.Contains("not certain whether it arrived", post);
        }
    }

    [Theory]
    [InlineData(CauseId.RouteNotFound)]
    [InlineData(CauseId.DeniedByPolicy)]
    [InlineData(CauseId.ClientBodyTimeout)]
    [InlineData(CauseId.RateLimited)]
    public async Task What_the_visitor_did_is_not_called_the_sites_trouble_and_not_asked_again(string cause)
    {
        var body = (await AnswerAsync(Event(cause), near: false, Browser)).Body;
        Assert.DoesNotContain("not your connection", body);
        Assert.DoesNotContain("<script", body);
    }

    [Fact]
    public async Task The_policy_allows_exactly_the_style_and_script_of_the_page()
    {
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser);
        var policy = answer.Headers.ContentSecurityPolicy.ToString();
        Assert.StartsWith("default-src 'none'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        foreach (var tag in new[] { "style", "script" }) Assert.Contains($"{tag}-src 'sha256-{HashOf(answer.Body, tag)}'", policy);
    }

    [Theory]
    [InlineData("help@example.org", "<a href=\"mailto:help@example.org?subject=k7mq-3f9x\">help@example.org</a>")]
    [InlineData("mailto:help@example.org?cc=x", "<a href=\"mailto:help@example.org?cc=x\">help@example.org</a>")]
    [InlineData("https://status.example.org/?a&b", "<a href=\"https://status.example.org/?a&amp;b\">https://status.example.org/?a&amp;b</a>")]
    [InlineData("tel:+49301234", "<a href=\"tel:+49301234\">+49301234</a>")]
    [InlineData("Ring the desk: 1234", "<dd>Ring the desk: 1234</dd>")]
    [InlineData("javascript:alert(1)", "<dd>javascript:alert(1)</dd>")]
    [InlineData("\"><script>alert(1)</script>", "<dd>&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;</dd>")]
    public async Task The_contact_is_a_link_only_where_it_is_one(string contact, string expected) =>
        Assert.Contains(expected, (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, pages: new PageSettings { Contact = contact })).Body);

    [Fact]
    public async Task Own_words_are_in_every_form_and_marked_as_the_language_they_are_in()
    {
        var pages = new PageSettings { Message = "We move house <today>.", Contact = "Ring 1234" };
        foreach (var accept in new[] { Browser, "text/markdown", "application/json", null })
        {
            var body = (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, accept, language: "de", pages: pages)).Body;
            Assert.Contains("We move house", body);
            if (accept != "application/json") Assert.Contains("Ring 1234", body);
        }

        Assert.Contains("<p lang=\"en\">We move house &lt;today&gt;.</p>", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, language: "de", pages: pages)).Body);
        Assert.Contains("<p>We move house &lt;today&gt;.</p>", (await AnswerAsync(Event(CauseId.ConnectRefused), near: false, Browser, language: "en", pages: pages)).Body);
        Assert.DoesNotContain("We move house", (await AnswerAsync(Event(CauseId.ConnectRefused), near: true, Browser, pages: pages)).Body);
    }

    [Fact]
    public async Task Problem_details_keep_letters_with_marks_and_are_valid_json()
    {
        var answer = await AnswerAsync(Event(CauseId.ResponseTimeout), near: false, "application/json", language: "de");
        using var problem = JsonDocument.Parse(answer.Body);
        Assert.Equal("Diese Website braucht zu lange für die Antwort", problem.RootElement.GetProperty("title").GetString());
        Assert.Contains("für", answer.Body);
    }

    internal static string HashOf(string body, string tag)
    {
        var start = body.IndexOf($"<{tag}>", StringComparison.Ordinal) + tag.Length + 2;
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(body[start..body.IndexOf($"</{tag}>", start, StringComparison.Ordinal)])));
    }
}
