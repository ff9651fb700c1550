using System.Net;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>What must not be sent twice gets no connection that may be closing; and that must not cost a connection each for ever.</summary>
public class KeptConnectionTests
{
    private const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Connections_made_for_POSTs_take_the_place_of_idle_ones()
    {
        var (made, open) = (0, 0);
        await using var app = new ScriptedUpstream(async c =>
        {
            Interlocked.Increment(ref open);
            try
            {
                // The first is closed as soon as it is idle: others may be, too.
                await AnswerAsync(c, most: Interlocked.Increment(ref made) == 1 ? 1 : int.MaxValue);
            }
            finally
            {
                Interlocked.Decrement(ref open);
            }
        });
        await using var gateway = await ForwardingHarness.StartAsync(app.Url, ForwardingHarness.Short());
        await gateway.Client.GetStringAsync("/", Ct);
        await UntilAsync(() => Volatile.Read(ref open) == 0);
        await gateway.Client.GetStringAsync("/", Ct);
        for (var i = 0; i < 20; i++)
        {
            using var response = await gateway.Client.PostAsync("/", new StringContent("order"), Ct);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(22, app.Accepted);
        await UntilAsync(() => Volatile.Read(ref open) <= 2);
    }

    [Fact]
    public async Task An_app_that_was_down_gets_POSTs_on_kept_connections_when_it_is_back()
    {
        using var port = new HeldPort();
        ForwardingHarness gateway;
        await using (var app = new ScriptedUpstream(c => AnswerAsync(c, int.MaxValue), port))
        {
            gateway = await ForwardingHarness.StartAsync(app.Url, ForwardingHarness.Short());
            await gateway.Client.GetStringAsync("/", Ct);
            Assert.Equal(AttemptEnd.Answered, (await gateway.NextFactsAsync()).End);
        }

        await using var owned = gateway;
        await UntilAsync(async () =>
        {
            using var response = await gateway.Client.GetAsync("/", Ct);
            return (await gateway.NextFactsAsync()).End == AttemptEnd.ConnectFailed;
        });
        await using var next = new ScriptedUpstream(c => AnswerAsync(c, int.MaxValue), port);
        for (var i = 0; i < 10; i++)
        {
            using var response = await gateway.Client.PostAsync("/", new StringContent("order"), Ct);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(1, next.Accepted);
    }

    private static async Task AnswerAsync(Conversation c, int most)
    {
        for (var n = 0; n < most && await c.ReadHeadAsync() is { } head; n++)
        {
            if (head.StartsWith("POST", StringComparison.Ordinal)) await c.ReadBodyAsync(5);
            await c.SendAsync(Answer);
        }
    }

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        for (var i = 0; i < 500; i++)
        {
            if (await condition()) return;
            await Task.Delay(10, Ct);
        }

        throw new TimeoutException("It did not come about within 5 s.");
    }
}
