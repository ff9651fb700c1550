using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Tests.Events;

namespace ProxyGate.Diagnostics.Tests.Events;

public sealed class FailureEventJsonTests
{
    private static readonly string[] ContractOfEvent =
    [
        "@t", "@l", "@mt", "@tr", "@sp", "schema", "id", "incident", "route", "cluster", "destination", "cause", "stage", "party", "status",
        "upstream_status", "proxy_status", "retryable", "saved", "occurrences", "client", "duration_ms", "attempts", "hints", "nginx_message",
    ];

    private static readonly string[] ContractOfAttempt =
    [
        "n", "destination", "address", "addresses_tried", "reused", "request_no", "idle_ms", "dns_ms", "connect_ms", "tls_ms", "send_ms",
        "first_byte_ms", "bytes_sent", "bytes_received", "first_bytes", "first_bytes_are", "errno", "socket_error", "http_error", "tls", "cause",
    ];

    private static readonly string[] FurtherOfEvent = ["unhealthy", "not_retried", "open_circuit", "context"];

    [Fact]
    public async Task What_stood_around_the_failure_follows_the_contracts_properties()
    {
        var plain = SomeFailure.Event();
        var line = FailureEventJson.ToLine(plain with { Diagnosis = plain.Diagnosis with { Context = SomeFailure.Context("proxygate.json:14") } });

        await EventLineSchema.AssertValidFailureAsync(line);
        using var json = JsonDocument.Parse(line);
        Assert.Equal("context", json.RootElement.EnumerateObject().Last().Name);
        Assert.Equal(
            """{"since":"2026-03-01T06:59:12.345Z","count":213,"saved":3,"recoveries":2,"last_success":"2026-03-01T06:58:12.345Z","gateway_started":"2026-03-01T00:03:12.345Z","""
            + "\"route_source\":\"proxygate.json:14\",\"route_match\":\"proxygate.json:14\",\"destination_source\":\"proxygate.json:14\","
            + "\"paths\":[\"proxygate.json:14\",\"/cart\"],\"other_paths_answer\":true,\"other_failing_routes\":[\"proxygate.json:14\",\"blog\"],"
            + "\"neighbours\":[{\"destination\":\"proxygate.json:14\",\"last_success\":\"2026-03-01T07:03:11.345Z\",\"failing_with\":null},"
            + "{\"destination\":\"app3\",\"last_success\":null,\"failing_with\":\"connect_timeout\"}]}",
            json.RootElement.GetProperty("context").GetRawText());
    }

    [Fact]
    public async Task A_failure_of_which_nothing_else_is_known_says_null_and_one_that_was_only_counted_is_valid_too()
    {
        var plain = SomeFailure.Event();
        using var unknown = JsonDocument.Parse(FailureEventJson.ToLine(plain));
        Assert.Equal(JsonValueKind.Null, unknown.RootElement.GetProperty("context").ValueKind);

        var counted = plain with { Diagnosis = plain.Diagnosis with { Context = new FailureContext { Now = SomeFailure.Time, Count = 1 } } };
        await EventLineSchema.AssertValidFailureAsync(FailureEventJson.ToLine(counted));
    }

    [Fact]
    public async Task The_line_has_the_contracts_properties_in_the_contracts_order_and_no_others()
    {
        var line = FailureEventJson.ToLine(SomeFailure.WithEveryFact());

        await EventLineSchema.AssertValidFailureAsync(line);
        using var json = JsonDocument.Parse(line);
        Assert.Equal(ContractOfEvent.Concat(FurtherOfEvent), json.RootElement.EnumerateObject().Select(p => p.Name));
        var attempt = json.RootElement.GetProperty("attempts")[0];
        Assert.Equal(ContractOfAttempt, attempt.EnumerateObject().Take(ContractOfAttempt.Length).Select(p => p.Name));
    }

    [Fact]
    public async Task A_refused_connection_reads_as_the_contract_says()
    {
        var line = FailureEventJson.ToLine(SomeFailure.Event());

        await EventLineSchema.AssertValidFailureAsync(line);
        using var json = JsonDocument.Parse(line);
        var root = json.RootElement;
        Assert.Equal("2026-03-01T07:03:12.3450000Z", root.GetProperty("@t").GetString());
        Assert.Equal("Error", root.GetProperty("@l").GetString());
        Assert.False(root.TryGetProperty("@tr", out _));
        Assert.Equal("proxygate.failure/1", root.GetProperty("schema").GetString());
        Assert.Equal("connect_refused", root.GetProperty("cause").GetString());
        Assert.Equal("connect", root.GetProperty("stage").GetString());
        Assert.Equal("upstream_process", root.GetProperty("party").GetString());
        Assert.Equal("connection_refused", root.GetProperty("proxy_status").GetString());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("upstream_status").ValueKind);
        var attempt = root.GetProperty("attempts")[0];
        Assert.Equal(111, attempt.GetProperty("errno").GetInt32());
        Assert.Equal("failed", attempt.GetProperty("addresses_tried")[0].GetProperty("result").GetString());
        Assert.Equal("connect_refused", attempt.GetProperty("cause").GetString());
        Assert.Contains("(111: Connection refused) while connecting to upstream", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_cause_of_the_catalogue_makes_a_valid_line()
    {
        foreach (var cause in CauseCatalogue.All)
        {
            var status = cause.Status == 0 ? 502 : cause.Status;
            await EventLineSchema.AssertValidFailureAsync(FailureEventJson.ToLine(SomeFailure.Event(cause: cause.Id, status: status)));
        }
    }

    [Fact]
    public async Task A_request_that_was_never_forwarded_makes_a_valid_line_without_attempts()
    {
        var e = SomeFailure.Event(cause: CauseId.RouteNotFound);
        var line = FailureEventJson.ToLine(e with
        {
            Attempts = [],
            Request = e.Request with { Route = null, Cluster = null },
            Diagnosis = e.Diagnosis with { Failure = e.Diagnosis.Failure with { Attempt = null, AttemptCauses = [] }, Hints = [] },
        });

        await EventLineSchema.AssertValidFailureAsync(line);
        Assert.Contains("\"destination\":null", line, StringComparison.Ordinal);
        Assert.Contains("\"attempts\":[]", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\r\n{\"schema\":\"forged\"}")]
    [InlineData("a\0b")]
    [InlineData("a\u2028b\u2029c\u0085d")]
    [InlineData("\u001b[2J\u001b]0;owned\u0007 \u009b31m")]
    [InlineData("\u202egnp.exe\u2066\u200b")]
    [InlineData("</script><script>alert(1)</script>\"'")]
    [InlineData("\ud800 lone \udc00")]
    [InlineData("{id} {0} %s \\x22")]
    public async Task Hostile_text_leaves_one_valid_line_and_harmless_values(string text)
    {
        var line = FailureEventJson.ToLine(SomeFailure.Hostile(text));

        await EventLineSchema.AssertValidFailureAsync(line);
        Assert.DoesNotContain(line, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e');
        using var json = JsonDocument.Parse(line);
        var host = json.RootElement.GetProperty("client").GetProperty("host").GetString()!;
        Assert.DoesNotContain(host, c => char.IsControl(c) || c is '\u2028' or '\u2029' or '\u202e' || char.IsSurrogate(c));
    }

    [Fact]
    public async Task No_text_makes_the_line_endless()
    {
        var line = FailureEventJson.ToLine(SomeFailure.Hostile(new string('x', 1_000_000)));

        await EventLineSchema.AssertValidFailureAsync(line);
        Assert.True(line.Length < 32_000, $"{line.Length} characters");
    }

    [Fact]
    public void First_bytes_are_hex_and_at_most_64()
    {
        using var json = JsonDocument.Parse(FailureEventJson.ToLine(SomeFailure.WithEveryFact()));
        var attempt = json.RootElement.GetProperty("attempts")[0];
        Assert.Equal(128, attempt.GetProperty("first_bytes").GetString()!.Length);
        Assert.StartsWith("5353482d322e30", attempt.GetProperty("first_bytes").GetString(), StringComparison.Ordinal);
        Assert.Equal("ssh_banner", attempt.GetProperty("first_bytes_are").GetString());
    }

    [Fact]
    public void Neither_query_nor_password_reaches_the_line()
    {
        var line = FailureEventJson.ToLine(SomeFailure.Event(
            path: "/a?token=s3cret",
            attempt: SomeFailure.Refused with { DestinationUrl = "http://user:s3cret@app:5000/base?key=s3cret" }));

        Assert.DoesNotContain("s3cret", line, StringComparison.Ordinal);
        Assert.Contains("http://app:5000/base", line, StringComparison.Ordinal);
    }

    [Fact]
    public void The_level_tells_a_failed_gateway_from_a_saved_request_and_a_clients_fault()
    {
        Assert.Equal("Error", FailureEventJson.Level(SomeFailure.Event()));
        Assert.Equal("Warning", FailureEventJson.Level(SomeFailure.Event(saved: true, status: 200)));
        Assert.Equal("Warning", FailureEventJson.Level(SomeFailure.Event(cause: CauseId.ClientDisconnected, status: 499)));
        Assert.Equal("Warning", FailureEventJson.Level(SomeFailure.Event(cause: CauseId.RouteNotFound)));
        Assert.Equal("Error", FailureEventJson.Level(SomeFailure.Event(cause: CauseId.ResponseBodyTruncated, status: 200)));
    }

    [Fact]
    public async Task The_schema_refuses_a_property_it_does_not_know()
    {
        var line = FailureEventJson.ToLine(SomeFailure.Event()).Replace("\"schema\":", "\"extra\":1,\"schema\":", StringComparison.Ordinal);

        Assert.NotEmpty(await EventLineSchema.FailureErrorsAsync(line));
    }

    /// <summary>Facts that the event tells under another name, or by the url.</summary>
    private static readonly Dictionary<string, string> Renamed = new()
    {
        ["Number"] = "n",
        ["RequestNumber"] = "request_no",
        ["DestinationUrl"] = "url",
        ["UsesTls"] = "url",
        ["IsUnixSocket"] = "url",
        ["UpstreamIdentity"] = "upstream",
        ["HeadDefect"] = "kind",
        ["DefectDetail"] = "detail",
        ["TimedOut"] = "timeout",
        ["TimeoutMs"] = "limit_ms",
        ["HandshakeMs"] = "tls_ms",
        ["DurationMs"] = "duration_ms",
        ["Connected"] = "result",
        ["Abandoned"] = "result",
        ["Error"] = "socket_error",
        ["GoAway"] = "goaway",
        ["GoAwayLastStreamId"] = "goaway_last_stream_id",
        ["GoAwayCode"] = "goaway_code",
        ["GoAwayDebug"] = "goaway_debug",
    };

    [Fact]
    public void No_fact_of_an_attempt_is_lost_on_its_way_to_the_log()
    {
        using var json = JsonDocument.Parse(FailureEventJson.ToLine(SomeFailure.WithEveryFact()));
        var written = new HashSet<string>();
        Collect(json.RootElement.GetProperty("attempts"), written);
        Type[] facts =
        [
            typeof(AttemptFacts), typeof(DnsFacts), typeof(AddressTry), typeof(TlsFacts), typeof(CertificateFacts), typeof(TcpFacts),
            typeof(Http2Facts), typeof(BodyFacts), typeof(UpstreamIdentity),
        ];
        var lost = facts.SelectMany(f => f.GetProperties().Select(p => (Fact: $"{f.Name}.{p.Name}", Name: Renamed.GetValueOrDefault(p.Name) ?? SnakeCase(p.Name))))
            .Where(f => !written.Contains(f.Name));
        Assert.Empty(lost);
    }

    private static void Collect(JsonElement element, HashSet<string> names)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray()) Collect(item, names);
        }
        else if (element.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in element.EnumerateObject())
            {
                names.Add(property.Name);
                Collect(property.Value, names);
            }
        }
    }

    private static string SnakeCase(string name) =>
        string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    [Fact]
    public void Every_stage_and_party_has_the_contracts_name()
    {
        Assert.Equal(
            ["route", "dns", "connect", "tls", "send", "head", "body", "upgrade", "policy"],
            Enum.GetValues<Stage>().Select(ContractNames.Of));
        Assert.Equal(
            ["client", "gateway", "network", "upstream_process", "upstream_app", "next_gateway", "unknown"],
            Enum.GetValues<Party>().Select(ContractNames.Of));
    }
}
