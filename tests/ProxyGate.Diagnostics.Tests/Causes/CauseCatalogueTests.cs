using System.Reflection;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Tests.Causes;

public sealed class CauseCatalogueTests
{
    /// <summary>RFC 9209 section 2.3, and "" where nothing of ours is sent.</summary>
    private static readonly HashSet<string> ProxyErrors =
    [
        "", "dns_timeout", "dns_error", "destination_not_found", "destination_unavailable", "destination_ip_prohibited", "destination_ip_unroutable",
        "connection_refused", "connection_terminated", "connection_timeout", "connection_read_timeout", "connection_write_timeout",
        "connection_limit_reached", "tls_protocol_error", "tls_certificate_error", "tls_alert_received", "http_request_error", "http_request_denied",
        "http_response_incomplete", "http_response_header_section_size", "http_response_header_size", "http_response_body_size",
        "http_response_trailer_section_size", "http_response_trailer_size", "http_response_transfer_coding", "http_response_content_coding",
        "http_response_timeout", "http_upgrade_failed", "http_protocol_error", "proxy_internal_response", "proxy_internal_error",
        "proxy_configuration_error", "proxy_loop_detected",
    ];

    [Fact]
    public void The_ids_are_those_once_approved_as_people_rely_on_them()
    {
        var approved = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Causes", "approved-cause-ids.txt"));
        Assert.Equal(approved.Order(StringComparer.Ordinal), CauseCatalogue.All.Select(c => c.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_constant_has_its_row_and_every_row_its_constant()
    {
        var constants = typeof(CauseId).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).ToDictionary(f => f.Name, f => (string)f.GetRawConstantValue()!);
        Assert.Equal(constants.Values.Order(StringComparer.Ordinal), CauseCatalogue.All.Select(c => c.Id).Order(StringComparer.Ordinal));
        foreach (var (name, id) in constants) Assert.Equal(name.ToLowerInvariant(), id.Replace("_", "", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_row_leads_to_a_standard_error_type_and_a_fitting_status()
    {
        foreach (var cause in CauseCatalogue.All)
        {
            Assert.Matches("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", cause.Id);
            Assert.Contains(cause.ProxyError, ProxyErrors);
            Assert.True(Enum.IsDefined(cause.Stage) && Enum.IsDefined(cause.Party), cause.Id);
            Assert.True(cause.Status is 0 or 499 or (>= 400 and < 500) or 500 or 502 or 503 or 504, cause.Id);
            // A limit in time is a 504, whoever was slow upstream.
            if (cause.ProxyError.EndsWith("_timeout", StringComparison.Ordinal)) Assert.Equal(504, cause.Status);
            if (cause.Party == Party.Client) Assert.InRange(cause.Status, 400, 499);
            else Assert.True(cause.Status is 0 or >= 500 || cause.Id == CauseId.RouteNotFound, cause.Id);
        }
    }

    [Fact]
    public void Retry_after_is_offered_only_where_waiting_can_help()
    {
        foreach (var cause in CauseCatalogue.All.Where(c => c.RetryAfterSeconds is not null))
        {
            Assert.True(cause.Retryable, cause.Id);
            Assert.InRange(cause.RetryAfterSeconds!.Value, 1, 60);
        }
    }

    [Fact]
    public void The_titles_are_plain_words_that_reveal_nothing()
    {
        foreach (var cause in CauseCatalogue.All)
        {
            Assert.Matches("^[A-Z][A-Za-z ,'-]{5,60}$", cause.Title);
            Assert.DoesNotMatch(@"(?i)\b(tcp|tls|dns|http|port|socket|upstream|certificate|ip|errno|kernel|host)\b", cause.Title);
        }
    }

    [Fact]
    public void An_id_finds_its_cause_and_an_unknown_one_none()
    {
        Assert.Equal("connect_refused", CauseCatalogue.Get("connect_refused").Id);
        Assert.True(CauseCatalogue.TryGet("stale_connection", out var stale));
        Assert.Equal(CauseId.StaleConnection, stale.Id);
        Assert.False(CauseCatalogue.TryGet("no_such_cause", out _));
        Assert.Throws<KeyNotFoundException>(() => CauseCatalogue.Get("no_such_cause"));
    }
}
