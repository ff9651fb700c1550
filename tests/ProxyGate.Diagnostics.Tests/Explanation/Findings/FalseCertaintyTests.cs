using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Tests.Explanation.Findings;

/// <summary>Coincidences that look like proof. Each must leave the cause as observed, and no hint surer than what was seen.</summary>
public sealed class FalseCertaintyTests
{
    private static readonly DateTimeOffset Later = LookCase.FailedAt.AddSeconds(30);

    [Theory]
    [InlineData("oom_killed")]
    [InlineData("crashed.segfault")]
    [InlineData("crashed.exit_code")]
    public void An_end_seen_for_one_failure_does_not_prove_the_cause_of_a_later_one(string name)
    {
        var known = LookCases.All[name];
        foreach (var look in (InvestigationFacts[])[known.Look, known.Look with { Death = known.Look.Death! with { At = null } }])
        {
            var refined = Classifier.Refine(known.Observed, look, Later);
            Assert.Same(known.Observed, refined);
            var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], refined, new FailureContext { Now = Later }, look);
            Assert.All(diagnosis.Hints, h => Assert.NotEqual(Confidence.Proved, h.Confidence));
            Assert.DoesNotContain(diagnosis.Hints, h => h.Id == "app_crashed_on_request");
        }
    }

    [Fact]
    public void An_end_without_a_time_is_that_of_the_failure_that_was_looked_into()
    {
        var known = LookCases.All["oom_killed"];
        var look = known.Look with { Death = known.Look.Death! with { At = null } };
        Assert.Equal(CauseId.UpstreamOomKilled, Classifier.Refine(known.Observed, look, LookCase.FailedAt).Cause.Id);
    }

    [Theory]
    [InlineData("restarted", CauseId.ConnectRefused)]
    [InlineData("restarted", CauseId.UpstreamClosedWithoutResponse)]
    [InlineData("restarted.not_a_race", CauseId.StaleConnection)]
    public void A_restart_that_was_over_is_no_reason_of_a_later_failure(string name, string failure)
    {
        var known = LookCases.All[name];
        var observed = ExampleFailures.Verdict(failure);
        Assert.Equal(CauseId.UpstreamRestarting, Classifier.Refine(observed, known.Look, LookCase.FailedAt).Cause.Id);
        var refined = Classifier.Refine(observed, known.Look, Later);
        Assert.Same(observed, refined);
        var diagnosis = Explainer.Explain(ExampleFailures.All[failure], refined, new FailureContext { Now = Later }, known.Look);
        Assert.DoesNotContain(diagnosis.Hints, h => h is { Id: "restarted", Confidence: Confidence.Proved });
    }

    [Fact]
    public void A_silent_service_is_not_called_stuck_where_the_way_to_it_is_cut()
    {
        var known = LookCases.All["packets_lost"];
        var look = known.Look with { Service = new ServiceFacts { Connected = true, ConnectMs = 0.3, Silent = true } };
        var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.Equal("packets_lost", diagnosis.Hints[0].Id);
        Assert.DoesNotContain(diagnosis.Hints, h => h.Id == "app_hung");
    }

    [Theory]
    [InlineData("port_taken", CauseId.ConnectRefused)]
    [InlineData("port_taken", CauseId.UpstreamClosedWithoutResponse)]
    [InlineData("port_taken.same_kind", CauseId.UpstreamResetWithoutResponse)]
    public void Another_program_on_the_port_is_no_restart_of_the_app(string name, string failure)
    {
        var look = LookCases.All[name].Look;
        var observed = ExampleFailures.Verdict(failure);
        var refined = Classifier.Refine(observed, look, LookCase.FailedAt);
        Assert.Same(observed, refined);
        var diagnosis = Explainer.Explain(ExampleFailures.All[failure], refined, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.Equal("port_taken", diagnosis.Hints[0].Id);
        Assert.DoesNotContain(diagnosis.Hints, h => h.Id is "restarted" or "app_starting");
    }

    [Fact]
    public void An_OOM_kill_of_a_neighbour_in_the_group_is_not_the_end_of_the_app()
    {
        var known = LookCases.All["oom_killed.in_group"];
        Assert.Same(known.Observed, known.Refined);
        Assert.Equal(Confidence.Likely, known.Diagnosis.Hints[0].Confidence);
    }

    [Theory]
    [InlineData("[CRITICAL] WORKER TIMEOUT (pid:4799)")] // another worker's, and long ago
    [InlineData("[CRITICAL] WORKER TIMEOUT (pid:47120)")]
    [InlineData("[CRITICAL] WORKER TIMEOUT (pid:14712)")]
    [InlineData("[INFO] GET /worker?timeout=4712")]
    public void An_old_line_of_the_log_ends_no_worker(string line)
    {
        var known = LookCases.All["worker_timeout_kill.log"];
        var look = known.Look with { Log = new AppLogFacts("/var/log/shop.log", [line]) };
        var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.DoesNotContain(diagnosis.Hints, h => h.Id == "worker_timeout_kill" && h.Confidence != Confidence.Possible);
    }

    [Fact]
    public void A_worker_that_ended_at_another_time_had_not_this_request()
    {
        var known = LookCases.All["app_crashed_on_request.worker"];
        var started = known.Look.Workers!.Started[0] with { StartedAt = LookCase.FailedAt.AddSeconds(-8) };
        var look = known.Look with { Workers = known.Look.Workers with { Started = [started] } };
        var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.DoesNotContain(diagnosis.Hints, h => h.Id == "app_crashed_on_request" && h.Confidence != Confidence.Possible);
    }

    [Theory]
    [InlineData("slow_request.at_work")]
    [InlineData("app_hung.unread")]
    [InlineData("worker_pool_full.not_accepted")]
    public void What_was_seen_of_an_earlier_request_is_not_said_of_this_one(string name)
    {
        var known = LookCases.All[name];
        var later = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = Later }, known.Look);
        Assert.Contains(later.Hints[0].Evidence, e => e.StartsWith("An earlier request (29.8 s before) ", StringComparison.Ordinal));
        Assert.Contains(known.Diagnosis.Hints[0].Evidence, e => e.StartsWith("The request ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("docker.service")]
    [InlineData("cron.service")]
    public void A_service_that_only_started_the_app_is_not_to_be_restarted(string unit)
    {
        var known = LookCases.All["app_down.was_there"];
        var look = known.Look with { ProcessBefore = known.Look.ProcessBefore! with { Unit = unit } };
        var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.All(diagnosis.Hints.SelectMany(h => h.Try.Concat(h.Fix)), line => Assert.DoesNotContain(unit, line, StringComparison.Ordinal));
    }

    [Fact]
    public void A_router_that_is_off_is_not_the_machine_behind_it()
    {
        var diagnosis = LookCases.All["no_route.router_off"].Diagnosis;
        Assert.DoesNotContain(diagnosis.Hints, h => h.Id == "host_down");
    }

    /// <summary>The machine is up and resets: the app may be down or a firewall may do it, and nothing seen tells them apart.</summary>
    [Fact]
    public void A_reset_from_as_far_as_the_machine_proves_nothing()
    {
        var known = LookCases.All["app_down.remote_unsure"];
        var look = known.Look with { Path = known.Look.Path! with { RefusedAtHops = 2, HostAtHops = 2 } };
        var diagnosis = Explainer.Explain(ExampleFailures.All[known.Failure], known.Observed, new FailureContext { Now = LookCase.FailedAt }, look);
        Assert.All(diagnosis.Hints, h => Assert.Equal(Confidence.Possible, h.Confidence));
    }
}
