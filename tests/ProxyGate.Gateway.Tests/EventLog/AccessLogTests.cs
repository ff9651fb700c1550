using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.EventLog;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class AccessLogTests
{
    private static readonly AccessRecord Good = new()
    {
        Time = new DateTimeOffset(2026, 3, 1, 7, 3, 12, TimeSpan.Zero),
        Client = IPAddress.Parse("192.0.2.7"),
        Method = "GET",
        Target = "/cart?item=5&flag",
        Protocol = "HTTP/1.1",
        Status = 200,
        BytesSent = 612,
        UserAgent = "curl/8.5.0",
        DurationMs = 1.23456,
        Route = "shop",
        Cluster = "app",
        Destination = "app1",
        UpstreamStatus = 200,
    };

    private static readonly AccessRecord Failed = Good with { Status = 502, UpstreamStatus = null, Cause = "connect_refused", FailureId = "k7mq-3f9x" };

    [Fact]
    public void Combined_is_nginxs_line_to_the_letter()
    {
        var time = Good.Time.ToLocalTime();
        var stamp = time.ToString("dd/MMM/yyyy:HH:mm:ss", CultureInfo.InvariantCulture) + time.ToString(" zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal);
        Assert.Equal($"192.0.2.7 - - [{stamp}] \"GET /cart?item=...&flag HTTP/1.1\" 200 612 \"-\" \"curl/8.5.0\"", Combined(Good));
        Assert.EndsWith("\"curl/8.5.0\" \"connect_refused\" \"k7mq-3f9x\"", Combined(Failed), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\"b\\c", "a\\x22b\\x5Cc")]
    [InlineData("a\r\nb\0\u001b[31m\u007f", "a\\x0D\\x0Ab\\x00\\x1B[31m\\x7F")]
    [InlineData("é\u2028", "\\xC3\\xA9\\xE2\\x80\\xA8")]
    [InlineData("", "-")]
    public void Combined_is_escaped_as_nginx_does(string agent, string escaped) =>
        Assert.EndsWith($" \"{escaped}\"", Combined(Good with { UserAgent = agent }), StringComparison.Ordinal);

    [Fact]
    public void No_hostile_text_makes_a_second_line()
    {
        const string Text = "x\n\r\u2028\u0085 \"forged\"";
        var record = Good with { Method = Text, Target = "/" + Text, Protocol = Text, User = Text, Referrer = Text, UserAgent = Text, Host = Text };

        Assert.DoesNotContain(Combined(record), c => c is < ' ' or > '~');
        var json = Json(record);
        Assert.DoesNotContain(json, c => char.IsControl(c) || c == '\u2028');
        using var parsed = JsonDocument.Parse(json);
    }

    [Fact]
    public void Json_names_things_as_the_event_does()
    {
        using var json = JsonDocument.Parse(Json(Failed));
        var root = json.RootElement;
        Assert.Equal("/cart?item=…&flag", root.GetProperty("target").GetString());
        Assert.Equal("connect_refused", root.GetProperty("cause").GetString());
        Assert.Equal("k7mq-3f9x", root.GetProperty("failure").GetString());
        Assert.Equal(1.235, root.GetProperty("duration_ms").GetDouble());
        Assert.False(root.TryGetProperty("upstream_status", out _));
    }

    [Theory]
    [InlineData("/a", "/a")]
    [InlineData("/a?", "/a?")]
    [InlineData("/a?x=1&y=&z", "/a?x=…&y=…&z")]
    [InlineData("/a?x=a=b;c=d", "/a?x=…;c=…")]
    [InlineData("/a?eyJhbGciOiJIUzI1NiJ9.e30", "/a?…")]
    public void A_querys_values_do_not_reach_the_log(string target, string redacted) => Assert.Equal(redacted, QueryValues.Redact(target));

    [Fact]
    public void A_referrers_secrets_do_not_reach_the_log() =>
        Assert.Equal("https://a.example/b?t=…", QueryValues.RedactUrl("https://u:p@a.example/b?t=1#access_token=2"));

    [Theory]
    [InlineData("json")]
    [InlineData("combined")]
    public async Task Records_are_written_in_batches_off_the_request_path(string format)
    {
        var target = new TestTarget();
        await using (var log = new AccessLog(new AccessLogSettings { Format = format }, target, NullLogger.Instance, TimeProvider.System))
        {
            for (var i = 0; i < 5000; i++) log.Write(Good with { Status = 200 + (i % 5) });
        }

        Assert.Equal(5000, target.Lines.Length);
        Assert.True(target.Writes < 100, $"{target.Writes} writes");
    }

    [Fact]
    public async Task Without_a_file_nothing_is_wanted()
    {
        await using var log = new AccessLog(new AccessLogSettings(), null, NullLogger.Instance, TimeProvider.System);
        Assert.False(log.IsEnabled);
        log.Write(Good);
    }

    private static string Combined(AccessRecord record)
    {
        var line = new StringBuilder();
        CombinedFormat.Append(line, record);
        return line.ToString();
    }

    private static string Json(AccessRecord record)
    {
        var line = new System.Buffers.ArrayBufferWriter<byte>();
        JsonAccessFormat.Append(line, record);
        return Encoding.UTF8.GetString(line.WrittenSpan);
    }
}
