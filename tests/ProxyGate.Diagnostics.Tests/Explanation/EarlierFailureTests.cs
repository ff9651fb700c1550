using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Tests.Events;
using ProxyGate.Tests.Events;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>A request that was sent nowhere tells what the failures before it met: as found then, and no surer than that.</summary>
public class EarlierFailureTests
{
    private static readonly FailureContext Known = ExampleContexts.Of("circuit_open")!;

    private static readonly EarlierFailure Before = Known.Before[0];

    [Fact]
    public void What_was_proved_of_the_failure_before_is_told_with_its_time_its_evidence_and_its_fix()
    {
        var hint = Explain("circuit_open", Known).Hints[0];
        Assert.Equal(("app_down", Confidence.Proved), (hint.Id, hint.Confidence));
        Assert.StartsWith("Found at 02:59:48 UTC: The app was stopped: node (process 4711)", hint.Sentence);
        Assert.StartsWith("Known from failure 4h8w-n6ty of destination \"app-1\" at 02:59:48 UTC (upstream_process_exited), by a look at 02:59:48 UTC; no good answer", hint.Evidence[0]);
        Assert.Contains(hint.Evidence, e => e.Contains("systemd unit shop.service", StringComparison.Ordinal));
        Assert.Contains("systemctl restart -- shop.service", hint.Fix);
    }

    [Fact]
    public void What_is_long_ago_or_has_changed_since_is_likely_at_most()
    {
        var outdated = EarlierFailure.Of(Before.FailureId, Before.At, Diagnosed(Confidence.Proved), outdated: true);
        var hint = Explain("circuit_open", Known with { Before = [outdated] }).Hints[0];
        Assert.Equal(Confidence.Likely, hint.Confidence);
        Assert.EndsWith("it may have changed since", hint.Evidence[0]);
    }

    [Fact]
    public void What_was_only_possible_stays_so_and_stands_for_itself_alone()
    {
        var possible = EarlierFailure.Of(Before.FailureId, Before.At, Diagnosed(Confidence.Possible), outdated: false);
        Assert.Equal(Confidence.Possible, Assert.Single(possible.Hints).Confidence);
        var surer = EarlierFailure.Of(Before.FailureId, Before.At, Diagnosed(Confidence.Likely, Confidence.Possible), outdated: false);
        Assert.Equal(Confidence.Likely, Assert.Single(surer.Hints).Confidence);
    }

    [Fact]
    public void The_sentence_says_when_the_next_trial_is_and_quotes_the_failure_before_where_no_reason_is_known()
    {
        var diagnosis = Explain("circuit_open", Known);
        Assert.EndsWith("This request was not sent; the next trial is within 1 s.", diagnosis.Sentence);
        Assert.EndsWith($"failure 4h8w-n6ty at 02:59:48 UTC: \"{Before.Sentence}\"", Explain("circuit_open", Known with { Before = [Before with { Hints = [] }] }).Sentence);
        Assert.Contains($"What that met, at 02:59:48 UTC: {Before.Sentence}", diagnosis.Evidence);
        Assert.StartsWith("That it is still so: it was found at 02:59:48 UTC", diagnosis.DoesNotProve);
        Assert.Contains("proxygate events --id 4h8w-n6ty", diagnosis.Checks);
    }

    [Fact]
    public void Where_nothing_is_known_of_the_failure_before_nothing_is_said_of_it()
    {
        var diagnosis = Explain("circuit_open", Known with { Before = [] });
        Assert.Empty(diagnosis.Hints);
        Assert.EndsWith("within 1 s.", diagnosis.Sentence);
        Assert.StartsWith("What is wrong with the destination", diagnosis.DoesNotProve);
    }

    [Fact]
    public void Who_was_sent_somewhere_has_seen_for_himself() =>
        Assert.DoesNotContain(Explain("response_timeout", Known).Hints, h => h.Sentence.StartsWith("Found at", StringComparison.Ordinal));

    [Fact]
    public void Where_no_destination_can_be_used_the_reason_of_each_is_told()
    {
        var all = ExampleFailures.All["no_healthy_destination"].Request.Unhealthy;
        var hint = Explain("no_healthy_destination", Known with { Before = [Before, Before with { Destination = "app-2", FailureId = "9x2m-c4ta" }] }).Hints[0];
        Assert.Equal(("app_down", Confidence.Proved, 2), (hint.Id, hint.Confidence, all.Count));
        Assert.Contains(hint.Evidence, e => e.StartsWith("Known from failure 4h8w-n6ty of destination \"app-1\"", StringComparison.Ordinal));
        Assert.Contains(hint.Evidence, e => e.StartsWith("Known from failure 9x2m-c4ta of destination \"app-2\"", StringComparison.Ordinal));
    }

    [Fact]
    public void A_moment_of_another_day_is_told_with_its_date() =>
        Assert.StartsWith("Found at 2026-11-24 02:59:48 UTC:", Explain("circuit_open", Known with { Now = Known.Now.AddDays(1) }).Hints[0].Sentence);

    [Fact]
    public async Task The_event_carries_it()
    {
        var facts = ExampleFailures.All["circuit_open"];
        var line = FailureEventJson.ToLine(SomeFailure.Event() with { Request = facts.Request, Attempts = [], Diagnosis = Explain("circuit_open", Known), Status = 503 });
        await EventLineSchema.AssertValidFailureAsync(line);
        using var json = JsonDocument.Parse(line);
        var open = json.RootElement.GetProperty("open_circuit");
        Assert.Equal(Before.Sentence, open.GetProperty("reason").GetString());
        Assert.Equal("2026-11-24T02:59:48.000Z", open.GetProperty("failed_at").GetString());
        Assert.Equal("2026-11-24T02:59:48.080Z", open.GetProperty("looked_at").GetString());
        Assert.Equal(420, open.GetProperty("retry_in_ms").GetDouble());
        Assert.Equal("app_down", json.RootElement.GetProperty("hints")[0].GetProperty("id").GetString());
    }

    private static Diagnosis Explain(string example, FailureContext context) => Explainer.Explain(ExampleFailures.All[example], ExampleFailures.Verdict(example), context);

    private static Diagnosis Diagnosed(params Confidence[] hints) => new()
    {
        Failure = ExampleFailures.Verdict("connect_refused"),
        Sentence = "It refused.",
        Hints = [.. hints.Select(c => new Hint("app_down", c, $"It is {c}.", ["seen"], []))],
    };
}
