using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Simulation.Tests;

public sealed partial class CatalogueTests
{
    /// <summary>Causes without a fault, each with why.</summary>
    private static readonly Dictionary<string, string> s_notSimulated = new()
    {
        [CauseId.GatewayDraining] = "the gateway must be stopping",
        [CauseId.GatewayConfigInvalid] = "a configuration that was checked does not lead to it",
        [CauseId.DestinationForbidden] = "no setting forbids an address yet",
        [CauseId.DnsNoUsableAddress] = "the name must have addresses of a family this machine does not have",
        [CauseId.GatewayPortsExhausted] = "the machine's own ports must be used up",
        [CauseId.GatewayFdsExhausted] = "the gateway's own files must be used up",
        [CauseId.TlsCertRevoked] = "it takes a revocation server of an authority",
        [CauseId.UpstreamOomKilled] = "only a look at the host sees it",
        [CauseId.UpstreamRestarting] = "only a look at the host sees it",
        [CauseId.UpstreamStarting] = "only a look at the host sees it",
        [CauseId.ResponseEncodingInvalid] = "the gateway passes bodies on as they are and decodes none",
        [CauseId.ResponseTooLarge] = "it takes a limit of a route",
        [CauseId.AuthServiceFailed] = "it takes a policy of a route",
        [CauseId.DeniedByPolicy] = "it takes a policy of a route",
        [CauseId.RateLimited] = "it takes a policy of a route",
        [CauseId.GatewayInternalError] = "a defect of ours is not made on purpose",
        [CauseId.Unclassified] = "what is not understood cannot be made on purpose",
    };

    public static TheoryData<string> Ids => [.. FaultCatalogue.All.Select(fault => fault.Id)];

    [Fact]
    public void There_are_at_least_ninety_faults_beside_the_controls() =>
        Assert.True(FaultCatalogue.All.Count(fault => fault.Expect.Cause is not null) >= 90);

    [Fact]
    public void Ids_are_unique_and_written_in_kebab_case()
    {
        Assert.Equal(FaultCatalogue.All.Count, FaultCatalogue.All.Select(fault => fault.Id).Distinct().Count());
        Assert.All(FaultCatalogue.All, fault => Assert.Matches(KebabCase(), fault.Id));
    }

    [Fact]
    public void Every_fault_class_is_in_the_catalogue()
    {
        var classes = typeof(Fault).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Fault)) && !type.IsAbstract);
        Assert.Equal(
            classes.Select(type => type.FullName).Order(), FaultCatalogue.All.Select(fault => fault.GetType().FullName).Order());
    }

    [Fact]
    public void Every_family_has_a_fault_and_every_fault_a_known_family() =>
        Assert.Equal(FaultFamily.All.Order(), FaultCatalogue.All.Select(fault => fault.Family).Distinct().Order());

    [Theory]
    [MemberData(nameof(Ids))]
    public void A_fault_is_described_and_found_by_its_id(string id)
    {
        var fault = FaultCatalogue.Find(id);
        Assert.NotNull(fault);
        Assert.EndsWith(".", fault.Summary);
        Assert.True(char.IsUpper(fault.Summary[0]) || char.IsDigit(fault.Summary[0]));
        Assert.All(fault.Expect.Or, _ => Assert.NotNull(fault.Expect.OrBecause));
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void What_a_fault_expects_is_in_the_words_of_the_cause_catalogue(string id)
    {
        foreach (var verdict in FaultCatalogue.Find(id)!.Expect.Accepted.Where(verdict => verdict.Cause is not null))
        {
            Assert.True(CauseCatalogue.TryGet(verdict.Cause!, out var cause), verdict.Cause);
            Assert.Equal(cause.ProxyError, verdict.ProxyError);
            Assert.Equal(cause.Party.ToString(), verdict.Party.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
            // A client's own mistake has the status of the mistake; an answer that had begun has the one it began with.
            if (verdict.ClientSees is ClientSees.Page && cause.Status != 0 && verdict.Party != "client")
                Assert.Equal(cause.Status, verdict.Status);
        }
    }

    [Fact]
    public void Every_cause_is_some_faults_verdict()
    {
        var met = FaultCatalogue.All.SelectMany(fault => fault.Expect.Accepted).Select(verdict => verdict.Cause).OfType<string>().ToHashSet();
        Assert.Empty(CauseCatalogue.All.Select(cause => cause.Id).Except(met).Except(s_notSimulated.Keys));

        // An exception that is no longer needed is taken out of the list.
        Assert.Empty(met.Intersect(s_notSimulated.Keys));
    }

    [Theory]
    [InlineData("conect-refused", "connect-refused")]
    [InlineData("tls-expire", "tls-expired")]
    [InlineData("H2-OKAY", "h2-ok")]
    public void A_misspelled_id_finds_the_nearest_one(string wrong, string right) => Assert.Equal(right, FaultCatalogue.Nearest(wrong));

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
