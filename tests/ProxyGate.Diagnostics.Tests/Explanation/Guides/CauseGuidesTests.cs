using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Diagnostics.Tests.Explanation.Guides;

/// <summary>The manual is whole: every cause, every root cause, and the five systems most people come from.</summary>
public sealed class CauseGuidesTests
{
    private static readonly string[] s_alwaysNamed = ["nginx", "HAProxy", "Envoy", "AWS ALB", "Cloudflare"];

    public static TheoryData<string> Causes => [.. CauseCatalogue.All.Select(c => c.Id)];

    [Fact]
    public void There_is_a_guide_for_every_cause_in_the_catalogues_order() =>
        Assert.Equal(CauseCatalogue.All.Select(c => c.Id), CauseGuides.All.Select(g => g.Id));

    [Theory, MemberData(nameof(Causes))]
    public void A_cause_has_a_meaning_in_sentences_and_its_root_causes_once_each(string id)
    {
        var guide = CauseGuides.Of(id);
        Assert.InRange(guide.Meaning.Length, 40, 400);
        Assert.EndsWith(".", guide.Meaning, StringComparison.Ordinal);
        Assert.NotEmpty(guide.RootCauses);
        Assert.Equal(guide.RootCauses.Count, guide.RootCauses.Select(r => r.Hint).Distinct().Count());
        Assert.All(guide.RootCauses, r =>
        {
            Assert.True(r.TellApart.Length > 30, $"{id}/{r.Hint}: {r.TellApart}");
            Assert.Matches(@"[.)]$", r.TellApart);
        });
    }

    [Theory, MemberData(nameof(Causes))]
    public void Every_root_cause_has_a_guide_and_something_to_do(string id) => Assert.All(GuidePages.OfCause(id).RootCauses, r =>
    {
        Assert.NotEmpty(r.Guide.Title);
        Assert.True(r.Confirm.Count + r.Fix.Count > 0, $"{id}/{r.Guide.Id} has neither a way to confirm nor to mend it");
    });

    [Theory, MemberData(nameof(Causes))]
    public void The_five_systems_most_people_know_are_named_or_said_to_be_silent(string id)
    {
        var equivalents = CauseGuides.Of(id).Equivalents;
        Assert.Empty(s_alwaysNamed.Except(equivalents.Select(e => e.System)));
        foreach (var system in equivalents.GroupBy(e => e.System))
        {
            Assert.Equal(system.Count(), system.Select(e => (e.Message, e.Difference)).Distinct().Count());
            if (system.Any(e => e.Message == Saying.NoOwnMessage)) Assert.Equal((1, false), (system.Count(), system.Single().Difference.Length == 0));
        }
    }

    [Fact]
    public void Messages_name_only_causes_that_exist_and_each_once()
    {
        foreach (var (system, saying) in EquivalentTables.All.SelectMany(s => s.Sayings.Select(m => (s.System, m))))
        {
            Assert.NotEmpty(saying.Causes);
            Assert.All(saying.Causes, c => Assert.True(CauseCatalogue.TryGet(c, out _), $"{system}: {saying.Message}: {c}"));
            Assert.Equal(saying.Causes.Length, saying.Causes.Distinct().Count());
        }
    }

    [Fact]
    public void A_system_has_no_message_twice()
    {
        foreach (var system in EquivalentTables.All.GroupBy(s => s.System))
        {
            var messages = system.SelectMany(s => s.Sayings).Select(s => s.Message).Where(m => m != Saying.NoOwnMessage).ToList();
            Assert.Equal(messages.Count, messages.Distinct(StringComparer.Ordinal).Count());
        }
    }

    [Fact]
    public void Every_page_of_a_root_cause_can_be_made()
    {
        foreach (var hint in HintGuides.All)
        {
            var page = GuidePages.OfHint(hint.Id);
            Assert.Equal(hint, page.Guide);
            Assert.All(page.Causes, c => Assert.Contains(CauseGuides.Of(c).RootCauses, r => r.Hint == hint.Id));
        }
    }
}
