using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Tests.Forwarding;

namespace ProxyGate.Gateway.Tests.Resilience;

public class RetryTests
{
    private static readonly GatewaySettings Settings = ForwardingHarness.Short() with { CircuitBreaker = new CircuitBreakerSettings { Enabled = false } };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("GET")]
    [InlineData("POST")]
    public async Task What_was_never_sent_goes_to_another_destination_whatever_its_method(string method)
    {
        await using var dead = new RefusingPort();
        await using var alive = Echo();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, dead.Url, alive.Url);

        using var request = new HttpRequestMessage(new HttpMethod(method), "/x") { Content = method == "POST" ? new StringContent("hello") : null };
        using var response = await gateway.Client.SendAsync(request, Ct);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(method == "POST" ? "POST hello" : "GET ", await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal("d1 ConnectFailed, d2 Answered", await gateway.NextAttemptsAsync());
    }

    [Fact]
    public async Task A_large_upload_of_which_nothing_was_read_goes_to_another_destination_whole()
    {
        await using var dead = new RefusingPort();
        await using var alive = Counting();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, dead.Url, alive.Url);

        using var response = await gateway.Client.PostAsync("/", new ByteArrayContent(new byte[1 << 20]), Ct);

        Assert.Equal("1048576", await response.Content.ReadAsStringAsync(Ct));
        Assert.Equal("d1 ConnectFailed, d2 Answered", await gateway.NextAttemptsAsync());
    }

    [Fact]
    public async Task A_request_that_waits_for_100_continue_goes_to_another_destination()
    {
        await using var dead = new RefusingPort();
        await using var alive = Echo();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, dead.Url, alive.Url);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/") { Content = new StringContent("waiting"), Headers = { ExpectContinue = true } };
        using var response = await gateway.Client.SendAsync(request, Ct);

        Assert.Equal("POST waiting", await response.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task What_may_have_been_processed_is_tried_again_only_when_it_is_idempotent()
    {
        await using var broken = new ScriptedUpstream(async c =>
        {
            var head = await c.ReadHeadAsync();
            if (head!.StartsWith("POST", StringComparison.Ordinal) || head.StartsWith("PUT", StringComparison.Ordinal)) await c.ReadBodyAsync(5);
        });
        await using var alive = Echo();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, broken.Url, alive.Url);

        Assert.Equal("GET ", await gateway.Client.GetStringAsync("/", Ct));
        Assert.Equal("d1 PeerClosed, d2 Answered", await gateway.NextAttemptsAsync());

        using var put = await gateway.Client.PutAsync("/", new StringContent("again"), Ct);
        Assert.Equal("PUT again", await put.Content.ReadAsStringAsync(Ct));
        Assert.Equal("d1 PeerClosed, d2 Answered", await gateway.NextAttemptsAsync());

        using var post = await gateway.Client.PostAsync("/", new StringContent("twice"), Ct);
        Assert.Equal(HttpStatusCode.BadGateway, post.StatusCode);
        var record = (await gateway.NextAsync()).Record;
        Assert.Single(record.Attempts);
        Assert.Equal(TriedNoMore.MayHaveBeenProcessed, record.TriedNoMore);
        Assert.Equal(0, ReplayBuffer.InUse);
    }

    [Fact]
    public async Task A_body_larger_than_the_buffer_is_not_sent_again()
    {
        await using var broken = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.ReadBodyAsync(100_000);
        });
        await using var alive = Echo();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, broken.Url, alive.Url);

        using var put = await gateway.Client.PutAsync("/", new ByteArrayContent(new byte[100_000]), Ct);

        Assert.Equal(HttpStatusCode.BadGateway, put.StatusCode);
        Assert.Equal(TriedNoMore.BodyNotKept, (await gateway.NextAsync()).Record.TriedNoMore);
    }

    [Fact]
    public async Task A_request_is_tried_as_often_as_allowed_and_the_only_destination_once()
    {
        await using var a = new RefusingPort();
        await using var b = new RefusingPort();
        await using var c = new RefusingPort();
        await using var alive = Echo();
        await using var gateway = await ResilienceHarness.StartAsync(Settings, a.Url, b.Url, c.Url, alive.Url);
        using var response = await gateway.Client.GetAsync("/", Ct);
        var record = (await gateway.NextAsync()).Record;
        Assert.Equal((HttpStatusCode.BadGateway, 3, TriedNoMore.AttemptsUsed), (response.StatusCode, record.Attempts.Count, record.TriedNoMore));

        await using var single = await ResilienceHarness.StartAsync(Settings, a.Url);
        using var refused = await single.Client.GetAsync("/", Ct);
        record = (await single.NextAsync()).Record;
        Assert.Equal((HttpStatusCode.BadGateway, 1, TriedNoMore.NoOtherDestination), (refused.StatusCode, record.Attempts.Count, record.TriedNoMore));
    }

    [Fact]
    public async Task The_only_destination_is_tried_again_after_a_wait_where_that_is_wanted()
    {
        await using var dead = new RefusingPort();
        var settings = Settings with { Retries = new RetrySettings { SameDestination = true, Backoff = TimeSpan.FromMilliseconds(5) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, dead.Url);

        using var response = await gateway.Client.GetAsync("/", Ct);

        Assert.Equal("d1 ConnectFailed, d1 ConnectFailed, d1 ConnectFailed", await gateway.NextAttemptsAsync());
    }

    [Fact]
    public async Task The_budget_bounds_the_retries_of_a_cluster()
    {
        await using var dead = new RefusingPort();
        await using var alive = Echo();
        var settings = Settings with { Retries = new RetrySettings { BudgetPercent = 20, BudgetPerSecond = 0 } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, dead.Url, alive.Url);

        var saved = 0;
        for (var i = 0; i < 50; i++)
        {
            using var response = await gateway.Client.GetAsync("/", Ct);
            if (response.IsSuccessStatusCode) saved++;
            var record = (await gateway.NextAsync()).Record;
            Assert.Equal(response.IsSuccessStatusCode ? TriedNoMore.None : TriedNoMore.BudgetUsed, record.TriedNoMore);
        }

        Assert.Equal(10, saved);
    }

    [Fact]
    public async Task The_apps_own_status_is_tried_elsewhere_only_where_that_is_wanted()
    {
        await using var busy = ScriptedUpstream.Answering("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nX-From: busy\r\n\r\nbusy", close: false);
        await using var alive = Echo();
        await using var plain = await ResilienceHarness.StartAsync(Settings, busy.Url, alive.Url);
        using var passed = await plain.Client.GetAsync("/", Ct);
        Assert.Equal("busy", await passed.Content.ReadAsStringAsync(Ct));

        await using var gateway = await ResilienceHarness.StartAsync(Settings with { Retries = new RetrySettings { OnStatus = [503] } }, busy.Url, alive.Url);
        using var get = await gateway.Client.GetAsync("/", Ct);
        Assert.Equal("GET ", await get.Content.ReadAsStringAsync(Ct));
        Assert.False(get.Headers.Contains("X-From"));
        Assert.True((await gateway.NextAsync()).Record.AnyEarlierFailed);
        using var post = await gateway.Client.PostAsync("/", new StringContent("x"), Ct);
        Assert.Equal("busy", await post.Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task The_total_limit_holds_over_all_attempts()
    {
        await using var slow = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await Task.Delay(600, c.Stop);
        });
        var settings = Settings with { Timeouts = Settings.Timeouts with { Total = TimeSpan.FromSeconds(1), FirstByte = TimeSpan.FromSeconds(5) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, slow.Url, slow.Url, slow.Url);

        using var response = await gateway.Client.GetAsync("/", Ct);

        var facts = (await gateway.NextAsync()).Facts;
        Assert.Equal(2, facts.Length);
        Assert.Equal((AttemptEnd.PeerClosed, AttemptEnd.TimedOut, TimeoutPhase.Total), (facts[0].End, facts[1].End, facts[1].TimedOut));
    }

    [Fact]
    public async Task A_client_that_is_slow_to_send_is_what_used_up_the_time()
    {
        await using var upstream = Echo();
        var settings = Settings with { Timeouts = Settings.Timeouts with { Total = TimeSpan.FromMilliseconds(500) }, Limits = new LimitSettings() };
        await using var gateway = await ResilienceHarness.StartAsync(settings, upstream.Url);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, Ct);
        await client.GetStream().WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"u8.ToArray(), Ct);

        var record = (await gateway.NextAsync()).Record;

        Assert.Equal((ClientFault.BodyTimedOut, 408), (record.ClientFault, record.ClientFaultStatus));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_is_slow_to_take_the_answer_is_what_used_up_the_time(bool reads)
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
            var part = new string('x', 100_000);
            for (var i = 0; i < 1000; i++) await c.SendAsync(part);
        });
        var settings = Settings with { Timeouts = Settings.Timeouts with { Total = TimeSpan.FromMilliseconds(1500) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, upstream.Url);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, Ct);
        await client.GetStream().WriteAsync("GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8.ToArray(), Ct);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var reading = reads ? ReadSlowlyAsync(client, enough.Token) : Task.CompletedTask;

        var (record, facts) = await gateway.NextAsync();
        await enough.CancelAsync();
        await reading;

        Assert.Equal((ClientFault.ReadTooSlowly, AttemptEnd.TimedOut, TimeoutPhase.Total), (record.ClientFault, facts[0].End, facts[0].TimedOut));
    }

    [Fact]
    public async Task An_upstream_that_is_slow_to_send_the_answer_is_what_used_up_the_time()
    {
        await using var upstream = new ScriptedUpstream(async c =>
        {
            await c.ReadHeadAsync();
            await c.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
            for (var i = 0; i < 1000; i++)
            {
                await c.SendAsync("slow");
                await Task.Delay(50, c.Stop); // the upstream's slowness itself
            }
        });
        var settings = Settings with { Timeouts = Settings.Timeouts with { Total = TimeSpan.FromMilliseconds(1500) } };
        await using var gateway = await ResilienceHarness.StartAsync(settings, upstream.Url);
        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/", Ct));

        var (record, facts) = await gateway.NextAsync();

        Assert.Equal((ClientFault.None, AttemptEnd.TimedOut, TimeoutPhase.Total), (record.ClientFault, facts[0].End, facts[0].TimedOut));
    }

    private static async Task ReadSlowlyAsync(TcpClient client, CancellationToken enough)
    {
        try
        {
            var buffer = new byte[2000];
            while (await client.GetStream().ReadAsync(buffer, enough) > 0) await Task.Delay(20, enough);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The test has seen enough, or the gateway has cut the answer.
        }
    }

    [Fact]
    public async Task A_slow_upload_and_a_slow_download_pass_all_limits_of_the_upstream()
    {
        await using var upstream = Echo();
        var limits = ForwardingHarness.Short().Timeouts with { Send = TimeSpan.FromMilliseconds(200), FirstByte = TimeSpan.FromMilliseconds(200), Idle = TimeSpan.FromMilliseconds(200) };
        await using var gateway = await ResilienceHarness.StartAsync(Settings with { Timeouts = limits, Limits = new LimitSettings() }, upstream.Url);
        using var client = new TcpClient { ReceiveBufferSize = 1024 };
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, Ct);
        var stream = client.GetStream();
        await stream.WriteAsync("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 12\r\n\r\n"u8.ToArray(), Ct);
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(300, Ct); // the client's slowness itself
            await stream.WriteAsync("slow"u8.ToArray(), Ct);
        }

        await Task.Delay(300, Ct);
        using var reader = new StreamReader(stream, Encoding.Latin1);
        Assert.EndsWith("POST slowslowslow", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    private static ScriptedUpstream Echo() => new(async c =>
    {
        while (await c.ReadHeadAsync() is { } head)
        {
            var length = LengthOf(head);
            if (head.Contains("100-continue", StringComparison.OrdinalIgnoreCase)) await c.SendAsync("HTTP/1.1 100 Continue\r\n\r\n");
            var body = length > 0 ? await c.ReadBodyAsync(length) : "";
            var text = $"{head[..head.IndexOf(' ', StringComparison.Ordinal)]} {body}";
            await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
        }
    });

    private static ScriptedUpstream Counting() => new(async c =>
    {
        var head = await c.ReadHeadAsync();
        var body = await c.ReadBodyAsync(LengthOf(head!));
        var text = body.Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await c.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {text.Length}\r\n\r\n{text}");
    });

    private static int LengthOf(string head)
    {
        var line = head.Split("\r\n").FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return line is null ? 0 : int.Parse(line["Content-Length:".Length..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
