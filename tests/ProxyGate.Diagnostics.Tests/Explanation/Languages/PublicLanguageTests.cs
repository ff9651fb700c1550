using System.Reflection;
using System.Runtime.CompilerServices;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Diagnostics.Explanation.Words;

namespace ProxyGate.Diagnostics.Tests.Explanation.Languages;

public sealed class PublicLanguageTests
{
    public static TheoryData<string> Tags => [.. PublicLanguages.All.Select(l => l.Tag)];

    /// <summary>What makes the compiler refuse a language with a text missing: every text is required, and nothing sets them behind its back.</summary>
    [Theory]
    [InlineData(typeof(PublicLanguage))]
    [InlineData(typeof(PublicLabels))]
    public void A_missing_text_fails_the_build(Type texts)
    {
        var own = texts.GetProperties().Where(p => p.SetMethod is not null).ToList();
        Assert.NotEmpty(own);
        Assert.All(own, p => Assert.True(p.GetCustomAttribute<RequiredMemberAttribute>() is not null, $"{texts.Name}.{p.Name} is not required"));
        Assert.All(texts.GetConstructors(), c => Assert.Null(c.GetCustomAttribute<System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute>()));
        Assert.All(typeof(PublicText).GetConstructors().Where(c => c.GetParameters().Length > 1), c => Assert.DoesNotContain(c.GetParameters(), p => p.IsOptional));
    }

    [Fact]
    public void Every_kind_has_its_own_text() =>
        Assert.Equal(Enum.GetValues<PublicKind>().Length, Enum.GetValues<PublicKind>().Select(PublicLanguages.Default.Of).Distinct().Count());

    [Theory, MemberData(nameof(Tags))]
    public void Every_text_is_written_and_ends_as_it_should(string tag)
    {
        var language = PublicLanguages.Find(tag)!;
        foreach (var text in Enum.GetValues<PublicKind>().Select(language.Of))
        {
            Assert.Matches(@"^\p{Lu}.{5,60}[^.!?]$", text.Title);
            Assert.Matches(@"^\p{Lu}.{10,200}\.$", text.Sentence);
            Assert.Matches(@"^\p{Lu}.{10,120}\.$", text.Advice);
        }

        Assert.All(typeof(PublicLabels).GetProperties().Where(p => p.PropertyType == typeof(string)), p => Assert.False(string.IsNullOrWhiteSpace((string?)p.GetValue(language.Labels)), p.Name));
    }

    [Theory, MemberData(nameof(Tags))]
    public void No_language_repeats_the_sentences_of_another(string tag)
    {
        var language = PublicLanguages.Find(tag)!;
        foreach (var other in PublicLanguages.All.Where(l => l.Tag != tag))
        {
            foreach (var kind in Enum.GetValues<PublicKind>())
            {
                Assert.NotEqual(other.Of(kind).Title, language.Of(kind).Title);
                Assert.NotEqual(other.Of(kind).Sentence, language.Of(kind).Sentence);
                Assert.NotEqual(other.Of(kind).Advice, language.Of(kind).Advice);
            }
        }
    }

    [Fact]
    public void Tags_are_language_tags_and_none_is_there_twice()
    {
        Assert.All(PublicLanguages.All, l => Assert.Matches("^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", l.Tag));
        Assert.Equal(PublicLanguages.All.Count, PublicLanguages.All.Select(l => l.Tag.ToUpperInvariant()).Distinct().Count());
        Assert.Null(PublicLanguages.Find("xx"));
    }

    /// <summary>Whoever failed inside, only the status decides what the public reads.</summary>
    [Fact]
    public void Inner_causes_with_the_same_status_have_the_same_words()
    {
        var verdicts = ExampleFailures.Names.Select(ExampleFailures.Verdict).Where(f => f.Party != Diagnostics.Attempts.Party.Client && f.Cause.Id != CauseId.RouteNotFound).ToList();
        Assert.True(verdicts.Count > 60);
        Assert.All(verdicts.GroupBy(f => f.Status), same => Assert.Single(same.Select(PublicWords.KindOf).Distinct()));
    }

    [Fact]
    public void The_diagnosis_says_it_in_english()
    {
        var failure = ExampleFailures.Verdict(CauseId.ConnectTimeout);
        var diagnosis = Explainer.Explain(ExampleFailures.All[CauseId.ConnectTimeout], failure);
        Assert.Equal("This site is taking too long to answer", diagnosis.PublicTitle);
        Assert.EndsWith("Please try again in a few minutes.", diagnosis.PublicSentence);
    }
}
