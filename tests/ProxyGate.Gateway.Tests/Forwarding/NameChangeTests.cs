using System.Net;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Tests.Resilience;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>Connections to an address that a name no longer leads to carry no new request.</summary>
public class NameChangeTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static readonly IPAddress[] s_here = [IPAddress.Loopback, IPAddress.IPv6Loopback];
    private static readonly IPAddress[] s_elsewhere = [IPAddress.Parse("192.0.2.1")];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_idle_connection_to_an_address_that_is_gone_is_closed_in_order_and_one_to_an_address_that_stays_is_kept()
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            try
            {
                while (await c.ReadHeadAsync() is not null) await c.SendAsync(Answer);
                closed.TrySetResult();
            }
            catch (Exception e)
            {
                closed.TrySetException(e);
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync($"http://localhost:{upstream.Port}");
        await GetAsync(gateway);
        Tell(gateway, s_here);
        await GetAsync(gateway);
        Assert.Equal(1, upstream.Accepted);

        Tell(gateway, s_elsewhere);

        await closed.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);
        await GetAsync(gateway);
        Assert.Equal(2, upstream.Accepted);
    }

    [Fact]
    public async Task A_request_under_way_is_not_disturbed_and_its_connection_carries_no_other()
    {
        using var release = new SemaphoreSlim(0);
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var upstream = new ScriptedUpstream(async c =>
        {
            while (await c.ReadHeadAsync() is not null)
            {
                asked.TrySetResult();
                await release.WaitAsync(c.Stop);
                await c.SendAsync(Answer);
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync($"http://localhost:{upstream.Port}");
        var underWay = gateway.Client.GetStringAsync("/", Ct);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(10), Ct);

        Tell(gateway, s_elsewhere);
        release.Release(2);

        Assert.Equal("ok", await underWay);
        await gateway.NextRecordAsync();
        await GetAsync(gateway);
        Assert.Equal(2, upstream.Accepted);
    }

    [Fact]
    public async Task Names_are_told_apart()
    {
        await using var upstream = ScriptedUpstream.Answering(Answer, close: false);
        await using var gateway = await ForwardingHarness.StartAsync($"http://localhost:{upstream.Port}");
        await GetAsync(gateway);
        gateway.Services.GetRequiredService<NameChanges>().Tell("app.internal", s_elsewhere);
        await GetAsync(gateway);
        Assert.Equal(1, upstream.Accepted);
    }

    [Fact]
    public async Task An_http2_connection_to_an_address_that_is_gone_takes_no_new_stream()
    {
        await using var upstream = new Http2Upstream(Http2Deed.Answer);
        var http2 = new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        await using var gateway = await ForwardingHarness.StartAsync($"http://localhost:{upstream.Port}", request: http2);
        await GetAsync(gateway);
        await GetAsync(gateway);
        Assert.Equal(1, upstream.Accepted);

        Tell(gateway, s_elsewhere);

        await GetAsync(gateway);
        Assert.Equal(2, upstream.Accepted);
    }

    private static void Tell(ForwardingHarness gateway, IPAddress[] addresses) => gateway.Services.GetRequiredService<NameChanges>().Tell("localhost", addresses);

    /// <summary>A good request, and the end of its pipeline: its connection is back by then.</summary>
    private static async Task GetAsync(ForwardingHarness gateway)
    {
        await gateway.Client.GetStringAsync("/", Ct);
        Assert.False((await gateway.NextRecordAsync()).Record.Last!.Failed);
    }
}
