using System.Runtime.CompilerServices;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>Every operator's page as a person has read and approved it. Set PROXYGATE_APPROVE=1 to write the files anew; then read every changed line.</summary>
public class ApprovedPagesTests
{
    public static TheoryData<string> Samples => PageHarness.Samples;

    public static TheoryData<string> Whole =>
    [
        CauseId.ConnectRefused, CauseId.PlainHttpToTlsPort, CauseId.StaleConnection, CauseId.ResponseNotHttp, CauseId.RouteNotFound, CauseId.TlsCertExpired,
    ];

    [Theory, MemberData(nameof(Samples))]
    public async Task The_operators_page_of_every_cause_reads_as_approved(string sample) =>
        Compare($"{sample}.operator.txt", VisibleText.Of(await HtmlAsync(PageHarness.Event(sample))));

    [Theory, MemberData(nameof(Whole))]
    public async Task Some_pages_are_whole_as_approved(string sample) =>
        Compare($"{sample}.operator.html", await HtmlAsync(FullFailure.Of(sample)));

    [Theory]
    [InlineData("text/markdown", "md")]
    [InlineData("application/problem+json", "json")]
    [InlineData("text/plain", "txt")]
    public async Task The_other_forms_of_a_full_failure_are_as_approved(string accept, string ending) =>
        Compare($"full.{ending}", (await PageHarness.AnswerAsync(FullFailure.Of(CauseId.ConnectRefused), near: true, accept)).Body);

    [Fact]
    public void Nothing_is_approved_that_no_longer_exists()
    {
        var known = PageHarness.Samples.Select(s => $"{s.Data}.operator.txt").Concat(Whole.Select(s => $"{s.Data}.operator.html")).Concat(["full.md", "full.json", "full.txt"]);
        Assert.Empty(Directory.GetFiles(Folder()).Select(Path.GetFileName).Except(known));
    }

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
