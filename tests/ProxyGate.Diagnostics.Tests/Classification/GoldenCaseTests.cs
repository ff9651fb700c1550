using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

public sealed class GoldenCaseTests
{
    /// <summary>Causes that the facts of a request alone never prove.</summary>
    private static readonly string[] NotFromFactsAlone =
    [
        // They need what the host knows: an exit, an OOM kill, a deploy, a start.
        CauseId.UpstreamProcessExited, CauseId.UpstreamOomKilled, CauseId.UpstreamRestarting, CauseId.UpstreamStarting,
        // Only a gateway that decodes bodies can see it; this one passes them on as they are.
        CauseId.ResponseEncodingInvalid,
    ];

    public static TheoryData<string, string> Cases
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var c in GoldenCase.All) data.Add(c.File, c.Name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Facts_lead_to_the_verdict(string file, string name)
    {
        var golden = GoldenCase.All.Single(c => c.File == file && c.Name == name);
        var failure = Classifier.Classify(golden.Facts);
        Assert.Equal(golden.Expect, GoldenCase.Line(failure));
        if (golden.Tells is { } tells) Assert.Equal(tells, failure.Attempt?.Number);
        if (golden.AttemptCauses is { } causes) Assert.Equal(causes, string.Join(' ', failure.AttemptCauses.Select(c => c?.Id ?? "-")));
    }

    [Fact]
    public void Every_cause_a_gateway_can_observe_by_itself_has_a_case()
    {
        var covered = GoldenCase.All.Select(c => c.ExpectedCause).ToHashSet();
        var missing = CauseCatalogue.All.Select(c => c.Id).Except(covered).Except(NotFromFactsAlone).ToArray();
        Assert.True(missing.Length == 0, "no case for " + string.Join(", ", missing));
        Assert.Empty(covered.Intersect(NotFromFactsAlone));
        Assert.InRange(GoldenCase.All.Count, 100, 1000);
    }

    [Fact]
    public void No_case_is_written_twice()
    {
        var names = GoldenCase.All.Select(c => (c.File, c.Name)).ToArray();
        Assert.Equal(names.Distinct(), names);
    }
}
