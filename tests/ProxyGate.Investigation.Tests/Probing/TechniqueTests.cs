using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Investigation.Probing;

namespace ProxyGate.Investigation.Tests.Probing;

public sealed class TechniqueTests
{
    [Fact]
    public void Nothing_is_looked_at_for_what_a_client_did() =>
        Assert.All(CauseCatalogue.All.Where(c => c.Party == Party.Client), c => Assert.Equal(Technique.None, Techniques.For(c.Id)));

    [Fact]
    public void Every_failure_of_an_upstream_or_the_network_is_looked_at()
    {
        var blind = CauseCatalogue.All.Where(c => c.Party is Party.UpstreamProcess or Party.Network && Techniques.For(c.Id) == Technique.None);
        Assert.Empty(blind.Select(c => c.Id));
    }

    [Fact]
    public void Packets_are_followed_only_when_the_connect_failed() =>
        Assert.All(CauseCatalogue.All.Where(c => Techniques.For(c.Id).HasFlag(Technique.Trace)), c => Assert.Equal(Stage.Connect, c.Stage));

    [Fact]
    public async Task A_cause_without_techniques_sends_nothing_and_takes_no_time()
    {
        var question = new Question { Destination = "d", ConfiguredUrl = "http://192.0.2.1", Cause = CauseId.ClientDisconnected, FailedAt = DateTimeOffset.UnixEpoch };
        var result = await new ProbeLook().LookAsync(question, new DnsMemory(), TestContext.Current.CancellationToken);
        Assert.Equal(0, result.DurationMs);
        Assert.Null(result.Service);
    }
}
