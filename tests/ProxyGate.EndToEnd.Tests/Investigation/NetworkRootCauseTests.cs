namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>The faults of the network, through the built gateway: the finding, the event and the page of the next failure.</summary>
public sealed class NetworkRootCauseTests(NetworkStand stand, RootCauseTable table) : IClassFixture<NetworkStand>
{
    public static TheoryData<string> Faults => [.. NetworkCauses.All.Select(c => c.Fault)];

    [Theory, MemberData(nameof(Faults))]
    public async Task The_root_cause_is_named_first(string fault)
    {
        Assert.SkipWhen(NetworkStand.ImpossibleBecause is not null, NetworkStand.ImpossibleBecause ?? "");
        var cause = NetworkCauses.All.Single(c => c.Fault == fault);
        await stand.ResultOf(cause);
        var measured = stand.Measured.Single(m => m.Cause == cause);
        table.Add(fault, measured.Seen, "", cause.Hint, cause.Confidence, measured.Ms);
        stand.Gateway.AssertAlive();
        Assert.Empty(stand.Gateway.Troubles);
    }

    /// <summary>The kernel counts what its filters swallow for all connections together; another destination's fault must not be taken for this one's.</summary>
    [Fact]
    public async Task What_an_own_rule_does_to_others_is_not_said_of_this_destination()
    {
        Assert.SkipWhen(NetworkStand.ImpossibleBecause is not null, NetworkStand.ImpossibleBecause ?? "");
        var swallowed = NetworkCauses.All.Single(c => c.Alone);
        using var enough = new CancellationTokenSource();
        var noise = Enumerable.Range(0, 6).Select(i => Task.Run(async () =>
        {
            // Their packets are due again at all times.
            await Task.Delay(i * 170);
            while (!enough.IsCancellationRequested) await stand.FailAsync(swallowed);
        })).ToList();
        try
        {
            await Task.Delay(1200, TestContext.Current.CancellationToken);
            var (failure, _) = await stand.FailAsync(NetworkStand.Coincidence);
            var finding = await stand.FindingAsync(failure);
            await FirstHint.AssertFindingAsync(NetworkStand.Coincidence.Row, finding, failure, []);
        }
        finally
        {
            await enough.CancelAsync();
            await Task.WhenAll(noise);
        }
    }
}
