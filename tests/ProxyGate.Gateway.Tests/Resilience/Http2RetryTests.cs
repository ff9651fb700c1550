using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Tests.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Resilience;

/// <summary>What an HTTP/2 peer says it did not process goes again, whatever its method; what it may have processed goes by the method.</summary>
public class Http2RetryTests
{
    private static readonly GatewaySettings Settings = ForwardingHarness.Short() with { CircuitBreaker = new CircuitBreakerSettings { Enabled = false } };
    private static readonly ForwarderRequestConfig Http2 = new() { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Unprocessed => new()
    {
        { "GET", nameof(Http2Deed.Refuse) }, { "POST", nameof(Http2Deed.Refuse) }, { "GET", nameof(Http2Deed.LeaveBefore) }, { "POST", nameof(Http2Deed.LeaveBefore) },
    };

    [Theory]
    [MemberData(nameof(Unprocessed))]
    public async Task What_was_not_processed_goes_to_another_destination(string method, string deed)
    {
        await using var full = new Http2Upstream(Enum.Parse<Http2Deed>(deed));
        await using var free = new Http2Upstream(Http2Deed.Answer);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, Http2, full.Url, free.Url);

        Assert.Equal((HttpStatusCode.OK, Written(method)), await SendAsync(gateway, method));

        var (record, facts) = await gateway.NextAsync();
        Assert.Equal("d1 Http2Error, d2 Answered", string.Join(", ", facts.Select(f => $"{f.Destination} {f.End}")));
        Assert.True(facts[0].Http2 is { NotProcessed: true });
        Assert.Equal(TriedNoMore.None, record.TriedNoMore);
        Assert.Empty(full.Taken);
        Assert.Equal([Written(method)], free.Taken);
    }

    [Theory]
    [MemberData(nameof(Unprocessed))]
    public async Task What_was_not_processed_goes_again_to_the_only_destination(string method, string deed)
    {
        await using var app = new Http2Upstream(Enum.Parse<Http2Deed>(deed), Http2Deed.Answer);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, Http2, app.Url);

        Assert.Equal((HttpStatusCode.OK, Written(method)), await SendAsync(gateway, method));

        Assert.Equal("d1 Http2Error, d1 Answered", await gateway.NextAttemptsAsync());
        Assert.Equal([Written(method)], app.Taken);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refusal_in_the_middle_of_an_upload_is_no_end_of_it(bool stillSending)
    {
        for (var n = 0; n < 5; n++)
        {
            await using var full = new Http2Upstream(Http2Deed.RefuseAtOnce);
            await using var free = new Http2Upstream(Http2Deed.Answer);
            await using var gateway = await ResilienceHarness.StartAsync(Settings, Http2, full.Url, free.Url);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/x") { Content = stillSending ? new InTwoParts("hel", full.Refused, "lo") : new StringContent("hello") };
            using var response = await gateway.Client.SendAsync(request, Ct);
            var (record, facts) = await gateway.NextAsync();
            var attempts = string.Join(", ", facts.Select(f => $"{f.Destination} {f.End}"));
            Assert.True(attempts == "d1 Http2Error, d2 Answered", $"{attempts}; {record.TriedNoMore}; {facts[0].Http2}; {facts[0].Message}");
            Assert.Equal((HttpStatusCode.OK, "POST hello"), (response.StatusCode, await response.Content.ReadAsStringAsync(Ct)));
        }
    }

    [Fact]
    public async Task A_destination_that_refuses_every_stream_is_asked_as_often_as_allowed()
    {
        await using var app = new Http2Upstream(Http2Deed.Refuse);
        await using var gateway = await ResilienceHarness.StartAsync(Settings with { Retries = new RetrySettings { Backoff = TimeSpan.FromMilliseconds(1) } }, Http2, app.Url);

        Assert.Equal(HttpStatusCode.BadGateway, (await SendAsync(gateway, "POST")).Status);

        var record = (await gateway.NextAsync()).Record;
        Assert.Equal((3, TriedNoMore.AttemptsUsed), (record.Attempts.Count, record.TriedNoMore));
    }

    [Theory]
    [InlineData(nameof(Http2Deed.ResetAfter))]
    [InlineData(nameof(Http2Deed.LeaveAfter))]
    public async Task What_may_have_been_processed_is_sent_again_only_when_it_is_idempotent(string deed)
    {
        await using var broken = new Http2Upstream(Enum.Parse<Http2Deed>(deed));
        await using var alive = new Http2Upstream(Http2Deed.Answer);
        await using var gateway = await ResilienceHarness.StartAsync(Settings, Http2, broken.Url, alive.Url);

        Assert.Equal((HttpStatusCode.OK, Written("GET")), await SendAsync(gateway, "GET"));
        Assert.Equal("d1 Http2Error, d2 Answered", await gateway.NextAttemptsAsync());

        Assert.Equal(HttpStatusCode.BadGateway, (await SendAsync(gateway, "POST")).Status);
        var record = (await gateway.NextAsync()).Record;
        Assert.Equal((1, TriedNoMore.MayHaveBeenProcessed), (record.Attempts.Count, record.TriedNoMore));
        Assert.Equal([Written("GET"), Written("POST")], broken.Taken);
        Assert.Equal([Written("GET")], alive.Taken);
    }

    /// <summary>Sends its second part only when something has happened.</summary>
    private sealed class InTwoParts(string first, Task then, string second) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(first), Ct);
            await stream.FlushAsync(Ct);
            await then.WaitAsync(TimeSpan.FromSeconds(30), Ct);
            await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(second), Ct);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static string Written(string method) => method == "POST" ? "POST hello" : $"{method} ";

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(ResilienceHarness gateway, string method)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "/x") { Content = method == "POST" ? new StringContent("hello") : null };
        using var response = await gateway.Client.SendAsync(request, Ct);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Ct));
    }
}
