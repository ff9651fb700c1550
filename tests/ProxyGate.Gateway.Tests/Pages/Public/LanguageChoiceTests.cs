using Microsoft.Extensions.Primitives;
using ProxyGate.Diagnostics.Explanation.Languages;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Gateway.Tests.Pages.Public;

public class LanguageChoiceTests
{
    [Theory]
    [InlineData(null, "en")]
    [InlineData("", "en")]
    [InlineData("de", "de")]
    [InlineData("DE", "de")]
    [InlineData("de-AT", "de")]
    [InlineData("de-Latn-CH-1996", "de")]
    [InlineData("en-GB,en;q=0.9,de;q=0.8", "en")]
    [InlineData("de-DE,de;q=0.9,en-US;q=0.8,en;q=0.7", "de")]
    [InlineData("en;q=0.5, de;q=0.9", "de")]
    [InlineData("de;q=0.5, en;q=0.5", "de")]
    [InlineData("fr-FR, fr;q=0.9, de;q=0.4, en;q=0.3", "de")]
    [InlineData("fr, ja;q=0.9", "en")]
    [InlineData("*", "en")]
    [InlineData("fr, *;q=0.1", "en")]
    [InlineData("de, *;q=0.1", "de")]
    [InlineData("de;q=0.2, *", "en")]
    [InlineData("*, en;q=0", "de")]
    [InlineData("en;q=0, de;q=0", "en")]
    [InlineData("de;q=0", "en")]
    [InlineData("de; q = 0.9 , en;q=0.1", "de")]
    [InlineData("de;q=2, en;q=0.1", "en")]
    [InlineData("de;q=x, en;q=0.1", "en")]
    [InlineData("de;level=1, en;q=0.1", "en")]
    [InlineData("german, deu, -de, de_DE", "en")]
    [InlineData(",;,q=1,;q=,de", "de")]
    public void The_language_follows_the_visitor(string? accepted, string expected) =>
        Assert.Equal(expected, LanguageChoice.Of(accepted, PublicLanguages.Default).Tag);

    [Theory]
    [InlineData(null, "de")]
    [InlineData("fr", "de")]
    [InlineData("*", "de")]
    [InlineData("en-GB", "en")]
    [InlineData("*, de;q=0", "en")]
    public void Who_wants_none_there_is_gets_the_configured_language(string? accepted, string expected) =>
        Assert.Equal(expected, LanguageChoice.Of(accepted, PublicLanguages.Find("de")!).Tag);

    [Fact]
    public void Several_fields_count_as_one_list() => Assert.Equal("de", LanguageChoice.Of(new StringValues(["fr, en;q=0.2", "de;q=0.3"]), PublicLanguages.Default).Tag);

    [Fact]
    public void An_endless_list_costs_little_and_is_cut() =>
        Assert.Equal("en", LanguageChoice.Of(string.Join(',', Enumerable.Repeat("fr", 10_000).Append("de")), PublicLanguages.Default).Tag);
}
