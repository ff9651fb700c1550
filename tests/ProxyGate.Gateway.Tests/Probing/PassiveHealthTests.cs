using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Health;
using ProxyGate.Gateway.Probing;
using ProxyGate.Gateway.Tests.Health;

namespace ProxyGate.Gateway.Tests.Probing;

public sealed class PassiveHealthTests : IDisposable
{
    private const string Metadata = "TransportFailureRateHealthPolicy.RateLimit";

    private Destinations _app = new(Destinations.Config(requests: true), new HealthSettings(), "one", "two");

    public void Dispose() => _app.Dispose();

    [Fact]
    public void Ten_failures_take_it_out_of_use_for_their_cause_and_for_its_time()
    {
        var policy = new PassiveHealth(_app.Register, _app.Clock);
        for (var i = 0; i < 9; i++) Process(policy, Failed("one"));
        Assert.False(_app.IsDown("one"));
        Process(policy, Failed("one"));

        Assert.True(_app.IsDown("one"));
        var report = _app.Register.Snapshot("app").Single(d => d.Destination == "one");
        Assert.Equal((HealthState.Unhealthy, "connect_refused", true), (report.State, report.Reason?.Cause, report.ByRequests));
        Assert.False(_app.IsDown("two"));
        _app.Clock.Advance(TimeSpan.FromSeconds(29));
        Assert.True(_app.IsDown("one"));
        _app.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_app.IsDown("one"));

        // It begins anew: what was held against it is forgotten.
        for (var i = 0; i < 9; i++) Process(policy, Failed("one"));
        Assert.False(_app.IsDown("one"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("0.2", true)]
    [InlineData("0.5", false)]
    public void The_part_that_may_fail_is_YARPs_setting(string? limit, bool down)
    {
        _app.Dispose();
        _app = new(Destinations.Config(requests: true, metadata: limit is null ? null : new Dictionary<string, string> { [Metadata] = limit }), new HealthSettings(), "one");
        var policy = new PassiveHealth(_app.Register, _app.Clock);
        for (var i = 0; i < 75; i++) Process(policy, Answered("one"));
        for (var i = 0; i < 25; i++) Process(policy, Failed("one"));
        Assert.Equal(down, _app.IsDown("one"));
    }

    [Fact]
    public void What_another_destination_saved_counts_where_it_failed_and_once()
    {
        var policy = new PassiveHealth(_app.Register, _app.Clock);
        for (var i = 0; i < 9; i++)
        {
            var saved = Failed("one");
            Process(policy, saved);
            Begin(saved, "two").Answered();
            Process(policy, saved, "two");
            Process(policy, saved, "two");
        }

        Assert.False(_app.IsDown("one"));
        var last = Failed("one");
        Begin(last, "two").Answered();
        Process(policy, last, "two");
        Assert.True(_app.IsDown("one"));
        Assert.False(_app.IsDown("two"));
    }

    [Fact]
    public void The_clients_doing_and_our_own_are_not_held_against_it()
    {
        var policy = new PassiveHealth(_app.Register, _app.Clock);
        for (var i = 0; i < 20; i++)
        {
            var blamed = Failed("one");
            blamed.Blame(ClientFault.BodyTimedOut);
            Process(policy, blamed);
            var aborted = Failed("one");
            aborted.Context.RequestAborted = new CancellationToken(canceled: true);
            Process(policy, aborted);
            Process(policy, Ended("one", AttemptEnd.ClientGone));
            Process(policy, Ended("one", AttemptEnd.GatewayStopped));
            Process(policy, Ended("one", AttemptEnd.GatewayFault));
        }

        Assert.False(_app.IsDown("one"));
    }

    [Fact]
    public void An_error_of_the_apps_own_is_an_answer()
    {
        var policy = new PassiveHealth(_app.Register, _app.Clock);
        for (var i = 0; i < 20; i++)
        {
            var record = Record();
            var attempt = Begin(record, "one");
            attempt.UpstreamStatus = 500;
            attempt.Answered();
            Process(policy, record);
        }

        Assert.False(_app.IsDown("one"));
    }

    private RequestRecord Record()
    {
        var context = new DefaultHttpContext();
        var record = new RequestRecord(context, _app.Clock);
        context.Features.Set(record);
        return record;
    }

    private static Attempt Begin(RequestRecord record, string destination) => record.Begin(destination, $"http://{destination}", new TimeoutSettings(), 32 * 1024);

    private RequestRecord Ended(string destination, AttemptEnd end)
    {
        var record = Record();
        Begin(record, destination).Fail(end);
        return record;
    }

    private RequestRecord Failed(string destination)
    {
        var record = Record();
        Begin(record, destination).Fail(AttemptEnd.ConnectFailed, SocketError.ConnectionRefused, 111);
        return record;
    }

    private RequestRecord Answered(string destination)
    {
        var record = Record();
        Begin(record, destination).Answered();
        return record;
    }

    private void Process(PassiveHealth policy, RequestRecord record, string destination = "one") => policy.RequestProxied(record.Context, _app.Cluster, _app.Cluster.Destinations[destination]);
}
