using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages;

public partial class HostileContentTests
{
    private const string Payload = "</pre></code><script>alert(1)</script><img src=x onerror=alert(1)>\"'`&\r\nSet-Cookie: x\u0000\u202e](javascript:x) ```` | **b**";

    /// <summary>Planted where a value of that kind belongs; none may reach the public.</summary>
    private static readonly string[] Secrets =
    [
        "192.0.2.77", "31337", "secret-host", "/secret-path", "secret-subject", "secret-issuer", "SecretServer/9.8.7", "secret-banner", "secret-detail",
        "secret-message", "secret-cluster", "secret-route", "secret-destination", "secret-debug", "secret-fault", "secret-sni",
    ];

    public static TheoryData<string> Samples => PageHarness.Samples;

    [Theory, MemberData(nameof(Samples))]
    public async Task The_public_learns_no_secret_in_any_form(string sample)
    {
        var failure = Event(With(ExampleFailures.All[sample], "/secret-path", "secret-host", "secret-"));
        if (failure.Status == 499) return;
        foreach (var accept in new[] { null, "text/html", "application/json", "text/markdown" })
        {
            var answer = await AnswerAsync(failure, near: false, accept);
            AssertNoSecret(answer.Body + string.Join('\n', answer.Headers.Select(h => $"{h.Key}: {h.Value}")));
        }

        var grpc = await AnswerAsync(failure, near: false, method: "POST", contentType: "application/grpc");
        AssertNoSecret(string.Join('\n', grpc.Headers.Select(h => $"{h.Key}: {h.Value}")));
    }

    [Fact]
    public async Task The_operator_does_see_what_the_public_does_not()
    {
        var failure = Event(With(ExampleFailures.All[CauseId.TlsCertExpired], "/secret-path", "secret-host", "secret-"));
        var answer = await AnswerAsync(failure, near: true, "text/html");
        foreach (var seen in new[] { "192.0.2.77", "31337", "secret-subject", "/secret-path" }) Assert.Contains(seen, answer.Body);
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Markup_in_values_stays_text_in_html(string sample)
    {
        var failure = Event(With(ExampleFailures.All[sample], "/" + Payload, Payload, Payload));
        if (failure.Status == 499) return;
        var clean = Event(sample);
        foreach (var near in new[] { true, false })
        {
            var hostile = (await AnswerAsync(failure, near, "text/html")).Body;
            Assert.DoesNotContain("<script>alert", hostile);
            Assert.DoesNotContain("<img", hostile);
            Assert.DoesNotContain('\0', hostile);
            Assert.DoesNotContain('\u202e', hostile);
            Assert.DoesNotContain('\r', hostile);

            // Whatever the values, the elements are those of a page without them, apart from how many.
            var known = Tags((await AnswerAsync(clean, near, "text/html")).Body).Union(Tags((await AnswerAsync(FullFailure.Of(sample), near, "text/html")).Body)).Union(["<h3>", "</h3>", "<code>", "</code>", "<span class=\"tag sure\">", "<span class=\"tag likely\">", "<span class=\"tag maybe\">"]).ToHashSet();
            Assert.All(Tags(hostile), tag => Assert.Contains(tag, known));
        }
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Values_cannot_break_out_of_json_fields_or_lines(string sample)
    {
        var failure = Event(With(ExampleFailures.All[sample], "/" + Payload, Payload, Payload));
        if (failure.Status == 499) return;
        var json = await AnswerAsync(failure, near: true, "application/json");
        using var problem = JsonDocument.Parse(json.Body);
        Assert.DoesNotContain("<script", json.Body);
        foreach (var accept in new[] { null, "text/markdown" })
        {
            var text = (await AnswerAsync(failure, near: true, accept)).Body;
            Assert.DoesNotContain("\nSet-Cookie", text);
            Assert.DoesNotContain('\0', text);
            Assert.DoesNotContain('\u202e', text);
        }

        Assert.All(json.Headers, h => Assert.Matches("^[ -~]*$", h.Value.ToString()));
        Assert.All((await AnswerAsync(failure, near: true, method: "POST", contentType: "application/grpc")).Headers, h => Assert.Matches("^[ -~]*$", h.Value.ToString()));
    }

    [Theory, MemberData(nameof(Samples))]
    public async Task Values_are_no_markup_in_markdown(string sample)
    {
        var failure = Event(With(ExampleFailures.All[sample], "/" + Payload, Payload, Payload));
        if (failure.Status == 499) return;
        var fence = "";
        foreach (var line in (await AnswerAsync(failure, near: true, "text/markdown")).Body.Split('\n'))
        {
            var run = Regex.Match(line, "^`{3,}").Value;
            if (fence.Length > 0)
            {
                if (run.Length >= fence.Length && line.Length == run.Length) fence = "";
                continue;
            }

            if (run.Length > 0)
            {
                fence = run;
                continue;
            }

            Assert.DoesNotContain("<script", line);
            Assert.DoesNotContain("<img", line);
            Assert.DoesNotContain("](", line.Replace("\\](", "", StringComparison.Ordinal));
        }

        Assert.Equal("", fence);
    }

    [Fact]
    public async Task Long_values_are_cut()
    {
        var endless = new string('x', 100_000);
        var answer = await AnswerAsync(Event(With(ExampleFailures.All[CauseId.ResponseHeadMalformed], "/" + endless, endless, endless)), near: true, "text/html");
        Assert.InRange(answer.Body.Length, 1, 64_000);
    }

    private static void AssertNoSecret(string text) => Assert.All(Secrets, s => Assert.DoesNotContain(s, text, StringComparison.OrdinalIgnoreCase));

    private static List<string> Tags(string html)
    {
        var start = html.IndexOf("</style>", StringComparison.Ordinal);
        var script = html.IndexOf("<script>", StringComparison.Ordinal);
        return [.. TagPattern().Matches(script < 0 ? html[start..] : html[start..script]).Select(m => m.Value)];
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex TagPattern();

    private static FailureFacts With(FailureFacts facts, string path, string host, string prefix) => new(
        facts.Request with
        {
            Path = path,
            Host = host + ":31337",
            Route = facts.Request.Route is null ? null : prefix + "route",
            Cluster = facts.Request.Cluster is null ? null : prefix + "cluster",
            DecisionDetail = prefix + "detail",
            Unhealthy = [.. facts.Request.Unhealthy.Select(u => u with { Destination = prefix + "out", Url = $"http://{host}:31337/", Words = prefix + "words" })],
            GatewayFault = facts.Request.GatewayFault is null ? null : prefix + "fault",
        },
        [.. facts.Attempts.Select(a => With(a, host, prefix))]);

    private static AttemptFacts With(AttemptFacts a, string host, string prefix) => a with
    {
        Destination = prefix + "destination",
        DestinationUrl = $"{(a.UsesTls ? "https" : "http")}://{host}:31337/",
        IsUnixSocket = false,
        Address = a.Address is null ? null : "192.0.2.77:31337",
        Dns = a.Dns is null ? null : a.Dns with { Host = host, Addresses = ["192.0.2.77"] },
        AddressesTried = [.. a.AddressesTried.Select(t => t with { Address = "192.0.2.77:31337" })],
        FirstBytes = a.FirstBytes.Length == 0 ? [] : [.. a.FirstBytes, .. Encoding.UTF8.GetBytes(prefix + "banner")],
        DefectDetail = prefix + "detail",
        Message = prefix + "message",
        Tls = a.Tls is null ? null : a.Tls with
        {
            ServerName = prefix + "sni",
            Certificate = a.Tls.Certificate is null ? null : a.Tls.Certificate with { Subject = "CN=" + prefix + "subject", Issuer = "CN=" + prefix + "issuer", Names = [host] },
        },
        Http2 = a.Http2 is null ? null : a.Http2 with { GoAwayDebug = prefix + "debug" },
        UpstreamIdentity = a.UpstreamIdentity is null ? null : new UpstreamIdentity { Server = "SecretServer/9.8.7" },
    };
}
