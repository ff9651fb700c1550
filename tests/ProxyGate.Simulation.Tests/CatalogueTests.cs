using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Simulation.Tests;

public sealed partial class CatalogueTests
{
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

    [Theory]
    [InlineData("conect-refused", "connect-refused")]
    [InlineData("tls-expire", "tls-expired")]
    [InlineData("H2-OKAY", "h2-ok")]
    public void A_misspelled_id_finds_the_nearest_one(string wrong, string right) => Assert.Equal(right, FaultCatalogue.Nearest(wrong));

    [GeneratedRegex("^[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex KebabCase();
}
