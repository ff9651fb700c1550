using System.Runtime.CompilerServices;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Words;

namespace ProxyGate.Diagnostics.Tests.Explanation;

public class ApprovedWordsTests
{
    public static TheoryData<string> Samples => [.. ExampleFailures.Names];

    /// <summary>Set PROXYGATE_APPROVE=1 to write the files anew; then read every changed line.</summary>
    [Theory, MemberData(nameof(Samples))]
    public void The_words_of_every_cause_are_as_approved(string name)
    {
        var file = Path.Combine(Folder(), "Approved", name + ".md");
        var actual = Rendering.Of(name);
        if (Environment.GetEnvironmentVariable("PROXYGATE_APPROVE") == "1") File.WriteAllText(file, actual);
        Assert.True(File.Exists(file), $"{file} is missing: run once with PROXYGATE_APPROVE=1 and read it.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Every_sample_is_classified_as_its_name_says(string name) =>
        Assert.Equal(name.Split('.')[0], ExampleFailures.Verdict(name).Cause.Id);

    [Fact]
    public void Every_cause_has_words_and_a_sample()
    {
        var ids = CauseCatalogue.All.Select(c => c.Id).Order().ToArray();
        Assert.Equal(ids, CauseWords.Ids.Order());
        Assert.Equal(ids, ExampleFailures.Names.Select(n => n.Split('.')[0]).Distinct().Order());
    }

    [Theory, MemberData(nameof(Samples))]
    public void The_chain_has_seven_links_of_which_one_failed(string name)
    {
        var diagnosis = Explainer.Explain(ExampleFailures.All[name], ExampleFailures.Verdict(name));
        Assert.Equal(["client", "gateway", "name", "tcp", "tls", "request", "answer"], diagnosis.Chain.Select(l => l.Name));
        Assert.Single(diagnosis.Chain, l => l.State == ChainState.Failed);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Every_hint_has_positive_evidence_and_something_to_try(string name)
    {
        var diagnosis = Explainer.Explain(ExampleFailures.All[name], ExampleFailures.Verdict(name));
        Assert.True(diagnosis.Hints.Count <= 3);
        Assert.All(diagnosis.Hints, h =>
        {
            Assert.NotEmpty(h.Evidence);
            Assert.NotEmpty(h.Try);
            Assert.All(h.Evidence, e => Assert.False(string.IsNullOrWhiteSpace(e)));
        });
    }

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
