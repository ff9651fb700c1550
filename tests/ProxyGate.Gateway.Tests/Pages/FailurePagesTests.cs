using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages;

public class FailurePagesTests
{
    private const string Browser = "text/html,application/xhtml+xml,*/*;q=0.8";

    public static TheoryData<string> Samples => PageHarness.Samples;

    [Theory, MemberData(nameof(Samples))]
    public async Task Every_answer_names_its_failure_and_may_not_be_stored(string sample)
    {
        var failure = Event(sample);
        if (failure.Status == 499) return;
        foreach (var accept in new[] { null, "text/html", "application/json", "text/markdown" })
        {
            var answer = await AnswerAsync(failure, near: false, accept);
            Assert.Equal(failure.Status, answer.Status);
            Assert.Equal("k7mq-3f9x", answer.Headers["ProxyGate-Failure"]);
            Assert.StartsWith("proxygate", answer.Headers["Proxy-Status"].ToString());
            Assert.Equal("no-store", answer.Headers.CacheControl);
            Assert.Equal("Accept, Accept-Language", answer.Headers.Vary);
            Assert.Equal("nosniff", answer.Headers.XContentTypeOptions);
            Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
            Assert.Equal(Encoding.UTF8.GetByteCount(answer.Body), answer.Headers.ContentLength);
            Assert.False(answer.Headers.ContainsKey("X-From-Upstream"));
            Assert.Contains("k7mq-3f9x", answer.Body);
        }
    }

    [Fact]
    public async Task Retry_after_is_given_where_waiting_can_help_and_only_there()
    {
        var refused = await AnswerAsync(Event(CauseId.ConnectRefused), near: false);
        Assert.Equal("10", refused.Headers.RetryAfter);
        var expired = await AnswerAsync(Event(CauseId.TlsCertExpired), near: false);
        Assert.False(expired.Headers.ContainsKey("Retry-After"));
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(480, "1")]
    [InlineData(1000, "1")]
    [InlineData(1001, "2")]
    [InlineData(29_400, "30")]
    public async Task Who_is_turned_away_by_an_open_circuit_is_told_when_it_is_tried_again(double milliseconds, string seconds)
    {
        var sample = ExampleFailures.All[CauseId.CircuitOpen];
        var failure = Event(sample with { Request = sample.Request with { OpenCircuit = sample.Request.OpenCircuit! with { RetryInMs = milliseconds } } });
        var visitor = await AnswerAsync(failure, near: false);
        Assert.Equal(seconds, visitor.Headers.RetryAfter);
        Assert.Contains($"told to wait {seconds} s", (await AnswerAsync(failure, near: true, "text/markdown")).Body);
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Head_gets_the_fields_of_get_and_no_body(string sample)
    {
        var failure = Event(sample);
        if (failure.Status == 499) return;
        var get = await AnswerAsync(failure, near: true, Browser);
        var head = await AnswerAsync(failure, near: true, Browser, "HEAD");
        Assert.Empty(head.Body);
        Assert.Equal(get.Headers.ContentLength, head.Headers.ContentLength);
        Assert.Equal(get.Headers.ContentType, head.Headers.ContentType);
    }

    [Fact]
    public async Task A_client_that_has_gone_gets_nothing()
    {
        var answer = await AnswerAsync(Event(CauseId.ClientDisconnected), near: true, Browser);
        Assert.Equal(499, answer.Status);
        Assert.Empty(answer.Body);
    }

    [Fact]
    public async Task Problem_details_for_the_public_hold_these_members_and_no_other()
    {
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: false, "application/json");
        Assert.Equal("application/problem+json", answer.Headers.ContentType);
        using var problem = JsonDocument.Parse(answer.Body);
        Assert.Equal(["type", "title", "status", "detail", "id", "retryable"], problem.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal("about:blank", problem.RootElement.GetProperty("type").GetString());
        Assert.Equal(502, problem.RootElement.GetProperty("status").GetInt32());
        Assert.True(problem.RootElement.GetProperty("retryable").GetBoolean());
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Problem_details_for_operators_hold_everything(string sample)
    {
        var failure = Event(sample);
        if (failure.Status == 499) return;
        var answer = await AnswerAsync(failure, near: true, "application/problem+json");
        using var problem = JsonDocument.Parse(answer.Body);
        var root = problem.RootElement;
        Assert.Equal(sample.Split('.')[0], root.GetProperty("cause").GetString());
        Assert.Equal("i4rt-0c2d", root.GetProperty("incident").GetString());
        Assert.Equal(failure.Diagnosis.Sentence, root.GetProperty("detail").GetString());
        Assert.Equal(failure.Attempts.Count, root.GetProperty("attempts").GetArrayLength());
        Assert.Equal(failure.Diagnosis.Hints.Count, root.GetProperty("hints").GetArrayLength());
        Assert.Equal(7, root.GetProperty("chain").GetArrayLength());
    }

    [Theory]
    [InlineData(CauseId.ConnectRefused, "14")]
    [InlineData(CauseId.CircuitOpen, "14")]
    [InlineData(CauseId.ConnectTimeout, "14")]
    [InlineData(CauseId.DnsTimeout, "14")]
    [InlineData(CauseId.ResponseTimeout, "4")]
    [InlineData(CauseId.RouteNotFound, "12")]
    [InlineData(CauseId.RateLimited, "14")]
    [InlineData(CauseId.DeniedByPolicy, "7")]
    [InlineData(CauseId.GatewayInternalError, "13")]
    [InlineData(CauseId.ClientBodyFailed, "13")]
    public async Task A_grpc_call_gets_its_status_in_the_head_and_no_body(string sample, string expected)
    {
        var answer = await AnswerAsync(Event(sample), near: false, method: "POST", contentType: "application/grpc+proto");
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/grpc", answer.Headers.ContentType);
        Assert.Equal(expected, answer.Headers["grpc-status"]);
        Assert.Matches("^[ -~]+$", answer.Headers["grpc-message"].ToString());
        Assert.Empty(answer.Body);
        Assert.Equal("k7mq-3f9x", answer.Headers["ProxyGate-Failure"]);
    }

    [Fact]
    public async Task Grpc_messages_are_percent_encoded()
    {
        var facts = ExampleFailures.All[CauseId.RouteNotFound];
        var failure = Event(facts with { Request = facts.Request with { Path = "/100%é" } });
        var answer = await AnswerAsync(failure, near: true, method: "POST", contentType: "application/grpc");
        Assert.Contains("/100%25%C3%A9", answer.Headers["grpc-message"].ToString());
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Pages_are_small_and_need_nothing_from_elsewhere(string sample)
    {
        var failure = Event(sample);
        if (failure.Status == 499) return;
        foreach (var near in new[] { true, false })
        {
            var answer = await AnswerAsync(failure, near, Browser);
            Assert.Equal("text/html; charset=utf-8", answer.Headers.ContentType);
            Assert.DoesNotMatch("(?i)<(link|img|iframe|object|embed|base|form)\\b|\\bsrc=|@import|url\\(| on[a-z]+=| style=", answer.Body);
            using var compressed = new MemoryStream();
            using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true)) gzip.Write(Encoding.UTF8.GetBytes(answer.Body));
            Assert.InRange(compressed.Length, 1, 14_000);
        }
    }

    [Fact]
    public async Task The_policy_allows_exactly_the_style_and_script_of_the_page()
    {
        var answer = await AnswerAsync(Event(CauseId.ConnectRefused), near: true, Browser);
        var policy = answer.Headers.ContentSecurityPolicy.ToString();
        Assert.StartsWith("default-src 'none'; ", policy);
        Assert.DoesNotContain("unsafe", policy);
        foreach (var tag in new[] { "style", "script" })
        {
            var start = answer.Body.IndexOf($"<{tag}>", StringComparison.Ordinal) + tag.Length + 2;
            var text = answer.Body[start..answer.Body.IndexOf($"</{tag}>", start, StringComparison.Ordinal)];
            var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(text)));
            Assert.Contains($"{tag}-src 'sha256-{hash}'", policy);
        }
    }

    /// <summary>Set PROXYGATE_GALLERY to a folder to look at every page.</summary>
    [Fact]
    public async Task Every_page_can_be_looked_at()
    {
        // PROXYGATE_GALLERY names a folder to keep them in.
        var keep = Environment.GetEnvironmentVariable("PROXYGATE_GALLERY");
        var folder = keep is null ? Directory.CreateTempSubdirectory("pggallery").FullName : Directory.CreateDirectory(keep).FullName;
        foreach (var sample in ExampleFailures.Names)
        {
            var failure = Event(sample) is { Status: 499 } gone ? gone with { Status = 502 } : Event(sample);
            foreach (var (shown, near, name) in new[] { (failure, true, "operator"), (FullFailure.Of(sample) with { Status = failure.Status }, true, "full"), (failure, false, "public") })
            {
                await File.WriteAllTextAsync(Path.Combine(folder, $"{sample}.{name}.html"), (await AnswerAsync(shown, near, Browser)).Body, TestContext.Current.CancellationToken);
                await File.WriteAllTextAsync(Path.Combine(folder, $"{sample}.{name}.md"), (await AnswerAsync(shown, near, "text/markdown")).Body, TestContext.Current.CancellationToken);
                await File.WriteAllTextAsync(Path.Combine(folder, $"{sample}.{name}.txt"), (await AnswerAsync(shown, near)).Body, TestContext.Current.CancellationToken);
                await File.WriteAllTextAsync(Path.Combine(folder, $"{sample}.{name}.json"), (await AnswerAsync(shown, near, "application/json")).Body, TestContext.Current.CancellationToken);
            }
        }

        Assert.All(Directory.GetFiles(folder), file => Assert.NotEqual(0, new FileInfo(file).Length));
        if (keep is null) Directory.Delete(folder, recursive: true);
    }
}
