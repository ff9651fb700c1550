using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Tests.Classification;

public sealed class GoldenCaseTests
{
    /// <summary>Causes that no case can lead to, each with why.</summary>
    private static readonly string[] s_unreachable =
    [
        // Need an exit, OOM, restart or start event of the upstream: only an investigation of the host sees one.
        CauseId.UpstreamProcessExited,
        CauseId.UpstreamOomKilled,
        CauseId.UpstreamRestarting,
        CauseId.UpstreamStarting,
        // The gateway passes bodies on as they are and decodes none.
        CauseId.ResponseEncodingInvalid,
    ];

    public static TheoryData<string> Names => [.. CaseFile.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Facts_lead_to_the_verdict_that_was_approved(string name)
    {
        var one = CaseFile.All[name];
        var failure = Classifier.Classify(new FailureFacts(one.Request, one.Attempts));
        var actual = new ExpectedVerdict(
            failure.Cause.Id,
            ContractNames.Of(failure.Stage),
            ContractNames.Of(failure.Party),
            failure.Status,
            failure.Retry,
            ContractNames.Of(failure.Confidence));
        Assert.Equal(one.Expect with { AttemptCauses = null }, actual);
        if (one.Expect.AttemptCauses is { } causes) Assert.Equal(causes, failure.AttemptCauses.Select(c => c?.Id));
        Assert.Equal(one.Attempts.Count, failure.AttemptCauses.Count);
    }

    [Fact]
    public void Every_cause_that_a_gateway_can_observe_by_itself_has_a_case()
    {
        var reached = CaseFile.All.Values.Select(c => c.Expect.Cause).ToHashSet();
        Assert.Empty(CauseCatalogue.All.Select(c => c.Id).Except(reached).Except(s_unreachable));
        Assert.Empty(reached.Intersect(s_unreachable));
    }

    [Fact]
    public void Every_end_of_an_attempt_and_every_defect_of_a_head_has_a_case()
    {
        var attempts = CaseFile.All.Values.SelectMany(c => c.Attempts).ToArray();
        Assert.Empty(Enum.GetValues<AttemptEnd>().Except(attempts.Select(a => a.End)));
        Assert.Empty(Enum.GetValues<HeadDefect>().Except(attempts.Select(a => a.HeadDefect)));
        Assert.Empty(Enum.GetValues<TimeoutPhase>().Except(attempts.Select(a => a.TimedOut)));
        Assert.Empty(Enum.GetValues<CertificateProblem>().Except(attempts.SelectMany(a => a.Tls?.Problems ?? [])));
    }
}
