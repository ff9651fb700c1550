using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;
using ProxyGate.Diagnostics.Explanation.Guides.Search;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Diagnostics.Tests.Explanation.Guides;

public sealed class GuideSearchTests
{
    [Fact]
    public void Every_id_finds_itself_in_any_spelling_of_its_separators()
    {
        foreach (var (kind, id) in CauseCatalogue.All.Select(c => (GuideKind.Cause, c.Id)).Concat(HintGuides.All.Select(h => (GuideKind.Hint, h.Id))))
        {
            foreach (var text in new[] { id, id.ToUpperInvariant(), id.Replace('_', '-'), id.Replace('_', ' '), $"'{id}'" })
                Assert.Equal((kind, id, MatchStrength.Exact), GuideSearch.Find(text).Matches is [var first, ..] ? (first.Kind, first.Id, first.Strength) : default);
        }
    }

    [Fact]
    public void Every_message_we_know_finds_the_causes_it_is_given_for()
    {
        foreach (var saying in EquivalentTables.All.SelectMany(s => s.Sayings).Where(s => s.Message != Saying.NoOwnMessage))
        {
            foreach (var text in new[] { saying.Message, saying.Message.Replace("…", " x7 ", StringComparison.Ordinal) })
            {
                var found = GuideSearch.Find(text).Matches.Where(m => m.Kind == GuideKind.Cause).Select(m => m.Id).ToList();
                Assert.True(found.Contains(saying.Causes[0]), $"{text} finds {string.Join(", ", found)}");
            }
        }
    }

    [Theory]
    [InlineData("conect_refused", "connect_refused")]
    [InlineData("response-timout", "response_timeout")]
    [InlineData("wrong_prot", "wrong_port")]
    [InlineData("upstreamclosedwithoutrespons", "upstream_closed_without_response")]
    public void A_mistyped_id_is_not_found_but_the_nearest_is_named(string text, string meant)
    {
        var result = GuideSearch.Find(text);
        Assert.Empty(result.Matches);
        Assert.Equal(meant, result.Nearest[0]);
        Assert.InRange(result.Nearest.Count, 1, 3);
    }

    [Theory]
    [InlineData("502", 502)]
    [InlineData("HTTP 504", 504)]
    [InlineData("504 Gateway Time-out", 504)]
    [InlineData("503 Service Temporarily Unavailable", 503)]
    [InlineData("Error 429: Too Many Requests", 429)]
    [InlineData("499", 499)]
    [InlineData("Bad Gateway", 502)]
    [InlineData("Gateway Timeout error", 504)]
    [InlineData("HTTP Service Unavailable", 503)]
    public void A_status_alone_lists_every_cause_that_has_it(string text, int status)
    {
        var result = GuideSearch.Find(text);
        Assert.True(result.OnlyAStatus);
        var found = result.Matches.Select(m => m.Id).ToHashSet();
        Assert.Empty(CauseCatalogue.All.Where(c => c.Status == status).Select(c => c.Id).Except(found));
    }

    [Fact]
    public void What_can_mean_several_things_is_listed_with_why_and_none_twice()
    {
        var matches = GuideSearch.Find("SC--").Matches;
        Assert.True(matches.Count > 10);
        Assert.Equal(matches.Count, matches.Select(m => (m.Kind, m.Id)).Distinct().Count());
        Assert.All(matches, m => Assert.StartsWith("HAProxy: SC--", m.Why, StringComparison.Ordinal));
        Assert.Contains("any connection that could not be made", matches[0].Why, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SC--", "connect_refused")]
    [InlineData("sC--", "connect_timeout")]
    [InlineData("SH--", "upstream_closed_without_response")]
    [InlineData("sH--", "response_timeout")]
    [InlineData("SHVN", "upstream_closed_without_response")]
    public void In_HAProxys_states_upper_and_lower_case_differ(string state, string cause) => Assert.Equal(cause, GuideSearch.Find(state).Matches[0].Id);

    [Theory]
    [InlineData("timeout", "response_timeout")]
    [InlineData("DNS", "dns_not_found")]
    [InlineData("keep-alive", "keepalive_race")]
    [InlineData("selinux", "selinux")]
    [InlineData("my app is slow", "slow_request")]
    [InlineData("out of memory", "upstream_oom_killed")]
    public void Plain_words_lead_somewhere_sensible(string text, string id) => Assert.Equal(id, GuideSearch.Find(text).Matches[0].Id);

    [Theory]
    [InlineData("docker", "localhost_in_container")]
    [InlineData("intermittent 502", "keepalive_race")]
    [InlineData("why does it fail sometimes?", "keepalive_race")]
    [InlineData("curl works but it fails through the proxy", "localhost_in_container")]
    [InlineData("502 after deploy", "upstream_restarting")]
    [InlineData("uploads fail", "client_request_too_large")]
    [InlineData("only when logged in", "response_head_too_large")]
    [InlineData("certificate", "tls_cert_expired")]
    [InlineData("certificate revoked", "tls_cert_revoked")]
    [InlineData("gRPC", "http_version_mismatch")]
    [InlineData("under load", "listen_backlog_full")]
    public void What_people_say_without_a_message_leads_to_what_is_usual_there(string text, string id) => Assert.Equal(id, GuideSearch.Find(text).Matches[0].Id);

    [Fact]
    public void Everyday_words_lead_to_what_exists() =>
        Assert.All(EverydayWords.Ids, id => Assert.True(CauseCatalogue.TryGet(id, out _) || HintGuides.TryGet(id, out _), id));

    [Fact]
    public void A_failures_id_is_recognised_for_what_it_is()
    {
        Assert.True(GuideSearch.Find("k7mq-3f9x").LooksLikeFailureId);
        Assert.True(GuideSearch.Find(" K7MQ-3F9X ").LooksLikeFailureId);
        Assert.False(GuideSearch.Find("firewall").LooksLikeFailureId);
        Assert.False(GuideSearch.Find("qwzx-vbnm").LooksLikeFailureId);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("?!…\u202e\0")]
    [InlineData("qqqq zzzz")]
    public void What_means_nothing_finds_nothing(string text)
    {
        var result = GuideSearch.Find(text);
        Assert.Empty(result.Matches);
        Assert.Empty(result.Nearest);
    }

    [Property(MaxTest = 400)]
    public bool Any_text_has_an_answer_of_known_ids_and_bounded_length(string? text)
    {
        var result = GuideSearch.Find(text ?? "");
        return result.Matches.Count <= CauseCatalogue.All.Count + HintGuides.All.Count
            && result.Nearest.Count <= 3
            && result.Matches.All(m => m.Why.Length is > 0 and < 1000 && (m.Kind == GuideKind.Cause ? CauseCatalogue.TryGet(m.Id, out _) : HintGuides.TryGet(m.Id, out _)))
            && (result.Matches.Count == 0 || result.Nearest.Count == 0);
    }

    [Property(MaxTest = 400)]
    public Property A_message_is_found_in_whatever_stands_around_it() => Prop.ForAll(
        Gen.Elements(Messages()).ToArbitrary(),
        ArbMap.Default.ArbFor<NonNull<string>>(),
        (saying, noise) =>
        {
            var before = noise.Get.Length > 300 ? noise.Get[..300] : noise.Get;
            var found = GuideSearch.Find($"{before} | {saying.Message.Replace("…", " x7 ", StringComparison.Ordinal)}").Matches;
            return found.Any(m => m.Id == saying.Causes[0]);
        });

    [Fact]
    public void A_hostile_length_takes_no_more_than_the_longest_line()
    {
        var cases = new[] { new string('(', 2_000_000), string.Concat(Enumerable.Repeat("(1:", 400_000)), string.Concat(Enumerable.Repeat("connection refused ", 100_000)), new string('a', 3_000_000) };
        foreach (var text in cases)
        {
            var all = GuideSearch.Find(text);
            var cut = GuideSearch.Find(text[..4096]);
            Assert.Equal(cut.Matches, all.Matches);
            Assert.Equal(cut.Nearest, all.Nearest);
        }
    }

    /// <summary>Messages long enough not to be met by chance.</summary>
    private static Saying[] Messages() =>
        [.. EquivalentTables.All.SelectMany(s => s.Sayings).Where(s => s.Message != Saying.NoOwnMessage && SearchWords.Of(s.Message).Length > 3)];
}
