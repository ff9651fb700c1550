using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>The rules that need more than the attempt: each with the surroundings that make it speak, and with those that must not.</summary>
public class ContextHintTests
{
    private static readonly DateTimeOffset Now = SomeContext.Now;

    private static readonly FailureContext OnePath = SomeContext.Failing with { Paths = ["/basket"], OtherPathsAnswer = true };

    private static readonly FailureContext Burst = SomeContext.Failing with { FirstSeen = Now.AddSeconds(-3), LastSuccess = Now.AddSeconds(-4), Count = 5, Paths = ["/", "/basket"] };

    [Fact]
    public void A_place_that_accepted_until_two_minutes_ago_is_an_app_that_stopped() => Given("connect_refused", SomeContext.Failing, "app_down", Confidence.Likely);

    [Fact]
    public void A_burst_of_refusals_among_good_destinations_may_be_a_roll_out() => Given("connect_refused", Burst, "deploy_without_drain", Confidence.Possible);

    [Fact]
    public void A_burst_of_ended_connections_may_be_a_restart() => Given("upstream_closed_without_response", Burst with { Neighbours = [] }, "restarted", Confidence.Possible);

    [Fact]
    public void A_gateway_started_just_now_may_be_waiting_for_an_app_started_just_now() => Given("connect_refused", new FailureContext { Now = Now, GatewayStarted = Now.AddSeconds(-9), Count = 1 }, "app_starting", Confidence.Possible);

    [Fact]
    public void A_place_that_never_answered_and_ends_connections_at_once_may_be_no_web_server_or_want_https()
    {
        var never = new FailureContext { Now = Now, GatewayStarted = Now.AddHours(-1), Count = 1 };
        Given("upstream_closed_without_response", never, "scheme_http_to_https", Confidence.Possible);
        Given("upstream_closed_without_response", never, "app_protocol_mismatch", Confidence.Possible);
        foreach (var (example, context) in new[] { ("upstream_closed_without_response", never with { LastSuccess = Now.AddMinutes(-9) }), ("upstream_closed_without_response.worker_limit", never), ("stale_connection", never) })
            Assert.DoesNotContain(Explainer.Explain(ExampleFailures.All[example], ExampleFailures.Verdict(example), context).Hints, h => h.Id == "app_protocol_mismatch");
    }

    [Fact]
    public void One_path_that_is_never_answered_points_at_the_app() => Given("upstream_closed_without_response", OnePath, "app_crashed_on_request", Confidence.Likely);

    [Fact]
    public void One_slow_path_among_fast_ones_is_likely_slow_itself() => Given("response_timeout", OnePath, "slow_request", Confidence.Likely);

    [Fact]
    public void All_destinations_waiting_at_once_point_at_what_they_share() => Given(
        "response_timeout",
        SomeContext.Failing with { Neighbours = [new("app-2", null, "response_timeout"), new("app-3", null, "response_timeout")] },
        "dependency_down",
        Confidence.Possible);

    [Fact]
    public void All_paths_waiting_point_at_the_workers() => Given("response_timeout", SomeContext.Failing, "worker_pool_full", Confidence.Possible);

    [Fact]
    public void Silence_that_comes_and_goes_is_load_or_a_full_table()
    {
        Given("connect_timeout", SomeContext.Failing with { Recoveries = 2 }, "worker_pool_full", Confidence.Possible);
        Given("connect_timeout", SomeContext.Failing with { Recoveries = 2 }, "conntrack_full", Confidence.Possible);
    }

    [Fact]
    public void A_destination_that_answered_just_before_it_was_taken_out_has_a_strange_health_check() =>
        Given("no_healthy_destination", SomeContext.Failing, "health_path", Confidence.Possible);

    [Fact]
    public void A_certificate_that_begins_in_two_hours_is_a_matter_of_clocks() => Given(
        "tls_cert_not_yet_valid",
        new FailureContext { Now = new DateTimeOffset(2026, 11, 24, 3, 0, 0, TimeSpan.Zero) },
        "clock_wrong",
        Confidence.Likely);

    [Fact]
    public void A_retry_that_got_another_address_for_the_name_shows_that_it_moved()
    {
        var facts = ExampleFailures.All["connect_refused.remote"];
        var first = facts.Attempts[0];
        var moved = facts with { Attempts = [first, first with { Number = 2, Dns = first.Dns! with { Addresses = ["10.0.0.9"] }, AddressesTried = [new AddressTry { Address = "10.0.0.9:8080", TimedOut = true }] }] };
        var failure = ExampleFailures.Verdict("connect_refused.remote") with { Attempt = first };
        Assert.Contains(Explainer.Explain(moved, failure).Hints, h => h is { Id: "stale_dns", Confidence: Confidence.Likely });
    }

    [Fact]
    public void Large_cookies_are_named_where_the_app_says_so()
    {
        var facts = ExampleFailures.All["upstream_error_passed_through"];
        var refused = facts with { Attempts = [facts.Attempts[0] with { UpstreamStatus = 431, BytesSent = 12_000 }] };
        var hint = Assert.Single(Explainer.Explain(refused, ExampleFailures.Verdict("upstream_error_passed_through") with { Attempt = refused.Attempts[0] }).Hints);
        Assert.Equal(("request_headers_too_big", Confidence.Proved), (hint.Id, hint.Confidence));
    }

    [Fact]
    public void A_compressed_answer_that_ends_short_may_have_the_length_of_the_unpacked_one()
    {
        var facts = ExampleFailures.All["response_body_truncated"];
        var packed = facts with { Attempts = [facts.Attempts[0] with { Body = facts.Attempts[0].Body! with { ContentEncoding = "gzip" } }] };
        Assert.Contains(Explainer.Explain(packed, Classifier.Classify(packed)).Hints, h => h.Id == "broken_compression");
    }

    [Theory]
    [InlineData("connect_refused")]
    [InlineData("connect_timeout")]
    [InlineData("upstream_closed_without_response")]
    [InlineData("upstream_error_passed_through")]
    [InlineData("stale_connection")]
    public void Without_a_context_or_with_an_empty_one_nothing_of_it_is_claimed(string example)
    {
        var facts = ExampleFailures.All[example];
        var without = Explainer.Explain(facts, Classifier.Classify(facts)).Hints.Select(h => (h.Id, h.Confidence));
        Assert.Equal(without, Explainer.Explain(facts, Classifier.Classify(facts), new FailureContext { Now = Now }).Hints.Select(h => (h.Id, h.Confidence)));
    }

    [Fact]
    public void What_the_facts_rule_out_is_no_possibility()
    {
        Assert.DoesNotContain(Explain("connect_refused").Possibilities, p => p.Id is "stale_dns" or "app_bound_to_loopback" or "localhost_ipv6");
        Assert.DoesNotContain(Explain("response_timeout").Possibilities, p => p.Id == "firewall_drop");
        Assert.DoesNotContain(Explain("response_timeout.not_received").Possibilities, p => p.Id is "slow_request" or "app_hung");
        Assert.Empty(Explain("response_not_http").Possibilities);
    }

    [Fact]
    public void Possibilities_are_at_most_four_and_none_is_a_hint_already()
    {
        foreach (var name in ExampleFailures.Names)
        {
            var d = Explainer.Explain(ExampleFailures.All[name], ExampleFailures.Verdict(name), SomeContext.Failing);
            Assert.True(d.Possibilities.Count <= 4 && d.Hints.Count <= 3, name);
            Assert.Empty(d.Possibilities.Select(p => p.Id).Intersect(d.Hints.Select(h => h.Id)));
            Assert.Equal(d.Hints.Select(h => h.Confidence).Order(), d.Hints.Select(h => h.Confidence));
        }
    }

    private static Diagnosis Explain(string example) => Explainer.Explain(ExampleFailures.All[example], ExampleFailures.Verdict(example));

    private static void Given(string example, FailureContext context, string hint, Confidence confidence)
    {
        var facts = ExampleFailures.All[example];
        var found = Assert.Single(Explainer.Explain(facts, Classifier.Classify(facts), context).Hints, h => h.Id == hint);
        Assert.Equal(confidence, found.Confidence);
        Assert.All(found.Evidence, e => Assert.False(string.IsNullOrWhiteSpace(e)));
    }
}
