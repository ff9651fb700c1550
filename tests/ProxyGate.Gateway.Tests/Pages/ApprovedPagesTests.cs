using System.Runtime.CompilerServices;
using System.Text;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>Every operator's page as a person has read and approved it. Set PROXYGATE_APPROVE=1 to write the files anew; then read every changed line.</summary>
public class ApprovedPagesTests
{
    public static TheoryData<string> Samples => PageHarness.Samples;

    public static TheoryData<string> Whole =>
    [
        CauseId.ConnectRefused, CauseId.PlainHttpToTlsPort, CauseId.StaleConnection, CauseId.ResponseNotHttp, CauseId.RouteNotFound, CauseId.TlsCertExpired,
    ];

    public static TheoryData<string> Languages => [.. PublicLanguages.All.Select(l => l.Tag)];

    /// <summary>Those whom nobody is left to answer have no page.</summary>
    private static IEnumerable<string> Visitors => ExampleFailures.Names.Where(n => ExampleFailures.Verdict(n).Status is >= 400 and not 499);

    [Theory, MemberData(nameof(Samples))]
    public async Task The_operators_page_of_every_cause_reads_as_approved(string sample) =>
        Compare($"{sample}.operator.txt", VisibleText.Of(await HtmlAsync(PageHarness.Event(sample))));

    [Theory, MemberData(nameof(Whole))]
    public async Task Some_pages_are_whole_as_approved(string sample) =>
        Compare($"{sample}.operator.html", await HtmlAsync(FullFailure.Of(sample)));

    /// <summary>What visitors read is the same for all causes of a kind; the list says which those are.</summary>
    [Theory, MemberData(nameof(Languages))]
    public async Task The_visitors_page_of_every_kind_reads_as_approved_and_the_causes_it_is_shown_for(string language)
    {
        var pages = new StringBuilder();
        foreach (var kind in Visitors.GroupBy(PublicKindOf).OrderBy(k => k.Key))
        {
            pages.Append($"==== {kind.Key}: {string.Join(' ', kind)}\n\n");
            foreach (var method in PublicWords.IsOurs(kind.Key) ? new[] { "GET", "POST" } : ["GET"])
            {
                var page = await PageHarness.AnswerAsync(PageHarness.Event(kind.First()), near: false, "text/html", method, language: language);
                pages.Append($"---- {method}, {page.Status}\n{VisibleText.Of(page.Body).Trim()}\n\n");
            }
        }

        Compare($"public.{language}.txt", pages.ToString());
    }

    [Fact]
    public async Task A_visitors_page_is_whole_as_approved() =>
        Compare("connect_refused.public.html", (await PageHarness.AnswerAsync(PageHarness.Event(CauseId.ConnectRefused), near: false, "text/html")).Body);

    [Theory]
    [InlineData("text/markdown", "md")]
    [InlineData("application/problem+json", "json")]
    [InlineData("text/plain", "txt")]
    public async Task The_other_forms_of_a_full_failure_are_as_approved(string accept, string ending) =>
        Compare($"full.{ending}", (await PageHarness.AnswerAsync(FullFailure.Of(CauseId.ConnectRefused), near: true, accept)).Body);

    [Fact]
    public void Nothing_is_approved_that_no_longer_exists()
    {
        var known = PageHarness.Samples.Select(s => $"{s.Data}.operator.txt").Concat(Whole.Select(s => $"{s.Data}.operator.html"))
            .Concat(PublicLanguages.All.Select(l => $"public.{l.Tag}.txt")).Concat(["connect_refused.public.html", "full.md", "full.json", "full.txt"]);
        Assert.Empty(Directory.GetFiles(Folder()).Select(Path.GetFileName).Except(known));
    }

    private static PublicKind PublicKindOf(string sample) => PublicWords.KindOf(ExampleFailures.Verdict(sample));

    private static async Task<string> HtmlAsync(Diagnostics.Events.FailureEvent failure) =>
        (await PageHarness.AnswerAsync(failure.Status == 499 ? failure with { Status = 502 } : failure, near: true, "text/html")).Body;

    private static void Compare(string name, string actual)
    {
        var file = Path.Combine(Folder(), name);
        if (Environment.GetEnvironmentVariable("PROXYGATE_APPROVE") == "1") File.WriteAllText(file, actual);
        Assert.True(File.Exists(file), $"{file} is missing: run once with PROXYGATE_APPROVE=1 and read it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "Approved");
}
