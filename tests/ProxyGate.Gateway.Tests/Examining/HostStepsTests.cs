using System.Net;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Examining;
using ProxyGate.Investigation;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Host.Services;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Gateway.Tests.Examining;

/// <summary>What the app's machine shows, as steps with what a person would type.</summary>
public sealed class HostStepsTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 7, 0, 0, TimeSpan.Zero);

    private static readonly ProcessFacts s_node = new() { Pid = 4711, Name = "node", StartedAt = s_now.AddHours(-3), State = 'S', Unit = "shop.service" };

    [Fact]
    public void A_listener_that_works_is_told_with_its_process_age_and_queue()
    {
        var steps = Of(healthy: true, new HostFindings { Where = Whereabouts.Here, Listener = Listening(3, 128), Process = s_node });

        Assert.Equal(["node (process 4711, shop.service) listens there, started 3 h ago", "3 connections wait to be accepted, and there is room for 128"], steps.Select(s => s.Seen[0]));
        Assert.All(steps, s => Assert.Equal(StepResult.Passed, s.Result));
        Assert.Equal(["ss -ltnp 'sport = :5000'"], steps[0].Commands);
    }

    [Theory]
    [InlineData(0, StepResult.Passed, "no connection waits")]
    [InlineData(1, StepResult.Passed, "1 connection waits")]
    [InlineData(103, StepResult.Warned, "103 connections wait")]
    [InlineData(128, StepResult.Warned, "128 connections wait")]
    [InlineData(129, StepResult.Failed, "it is FULL")]
    public void The_queue_warns_before_it_is_full(int waiting, StepResult result, string says)
    {
        var queue = Of(healthy: true, new HostFindings { Where = Whereabouts.Here, Listener = Listening(waiting, 128), Process = s_node })[1];

        Assert.Equal((Rung.Queue, result), (queue.Rung, queue.Result));
        Assert.Contains(says, queue.Seen[0], StringComparison.Ordinal);
        Assert.Equal(result != StepResult.Passed, queue.Fix is not null);
    }

    [Fact]
    public void A_stopped_process_fails_an_unhealthy_destination()
    {
        var step = Of(healthy: false, new HostFindings { Where = Whereabouts.Here, Listener = Listening(0, 128), Process = s_node with { State = 'T' } })[0];

        Assert.Equal(StepResult.Failed, step.Result);
        Assert.EndsWith(", but it is stopped (state T)", step.Seen[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_listening_tells_who_does_elsewhere_and_what_became_of_the_app()
    {
        var steps = Of(healthy: false, new HostFindings
        {
            Where = Whereabouts.Here,
            Listener = new ListenerFacts { Listening = false, SamePort = [new ListenerSeen("[::1]:5000", null)], Others = [new ListenerSeen("127.0.0.1:5001", s_node)] },
            ProcessBefore = s_node,
            Services = [new ServiceState("systemd", "shop.service", Running: false, "shop.service: failed (failed), Result=oom-kill") { LogLines = ["out of memory"] }],
            Death = new DeathFacts { At = s_now.AddMinutes(-2), Pid = 4711, ProcessName = "node", OomKilled = true, Source = "kernel log", Detail = "Killed process 4711 (node)" },
        });

        Assert.Equal([Rung.Listener, Rung.Service, Rung.End], steps.Select(s => s.Rung));
        Assert.Equal(
            ["nothing listens there; node (process 4711, shop.service) did before", "a program listens on the same port, but at [::1]:5000", "node (process 4711, shop.service) listens at 127.0.0.1:5001"],
            steps[0].Seen);
        Assert.Equal(["shop.service: failed (failed), Result=oom-kill", "log: out of memory"], steps[1].Seen);
        Assert.Equal(["systemctl status --no-pager -- shop.service", "journalctl --no-pager -n 20 -u shop.service"], steps[1].Commands);
        Assert.Equal(["node (process 4711) was ended by the system because memory ran out, 2 min ago", "Killed process 4711 (node)"], steps[2].Seen);
        Assert.StartsWith("journalctl -k ", Assert.Single(steps[2].Commands), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docker", "docker logs --tail 20 'web; rm -rf ~'")]
    [InlineData("kubernetes", "kubectl logs --previous --tail 20 'web; rm -rf ~'")]
    [InlineData("systemd", "journalctl --no-pager -n 20 -u 'web; rm -rf ~'")]
    public void Names_stay_one_word_of_their_command(string manager, string command)
    {
        var step = Of(healthy: true, new HostFindings { Where = Whereabouts.Elsewhere, Services = [new ServiceState(manager, "web; rm -rf ~", Running: true, "running")] })[^1];

        Assert.Equal((StepResult.Passed, command), (step.Result, step.Commands[^1]));
    }

    [Fact]
    public void What_could_not_be_seen_is_said_and_another_machine_is_no_blind_spot()
    {
        var blind = Of(healthy: true, new HostFindings { Where = Whereabouts.Here, NotSeen = [new BlindSpot("the owner of port 5000", "it needs root")] })[0];
        var elsewhere = Of(healthy: true, new HostFindings { Where = Whereabouts.Elsewhere })[0];

        Assert.Equal((StepResult.LeftOut, "the owner of port 5000 could not be seen: it needs root"), (blind.Result, blind.Seen[0]));
        Assert.Equal((StepResult.LeftOut, "it is on another machine; there, this shows who listens"), (elsewhere.Result, elsewhere.Seen[0]));
    }

    private static List<LadderStep> Of(bool healthy, HostFindings seen) => [.. HostSteps.Of(
        new Question { Destination = "app", ConfiguredUrl = "http://127.0.0.1:5000", Address = IPEndPoint.Parse("127.0.0.1:5000"), Cause = "", FailedAt = s_now }, seen, healthy, s_now)];

    private static ListenerFacts Listening(int waiting, int limit) =>
        new() { Listening = true, SamePort = [new ListenerSeen("127.0.0.1:5000", s_node)], AcceptQueue = waiting, AcceptQueueLimit = limit };
}
