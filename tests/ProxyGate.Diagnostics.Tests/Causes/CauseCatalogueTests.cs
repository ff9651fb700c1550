using System.Reflection;
using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Tests.Causes;

public sealed partial class CauseCatalogueTests
{
    /// <summary>The registry of RFC 9209 section 2.3.</summary>
    private static readonly string[] s_proxyErrors =
    [
        "dns_timeout", "dns_error", "destination_not_found", "destination_unavailable", "destination_ip_prohibited", "destination_ip_unroutable",
        "connection_refused", "connection_terminated", "connection_timeout", "connection_read_timeout", "connection_write_timeout",
        "connection_limit_reached", "tls_protocol_error", "tls_certificate_error", "tls_alert_received", "http_request_error",
        "http_request_denied", "http_response_incomplete", "http_response_header_section_size", "http_response_header_size",
        "http_response_body_size", "http_response_trailer_section_size", "http_response_trailer_size", "http_response_transfer_coding",
        "http_response_content_coding", "http_response_timeout", "http_upgrade_failed", "http_protocol_error", "proxy_internal_response",
        "proxy_internal_error", "proxy_configuration_error", "proxy_loop_detected",
    ];

    /// <summary>No answer of the gateway's own is sent: the app's passes, or nobody is there to get one.</summary>
    private static readonly string[] s_withoutProxyError = [CauseId.UpstreamErrorPassedThrough, CauseId.UpstreamIsAGateway, CauseId.ClientDisconnected];

    /// <summary>The app's own status is sent.</summary>
    private static readonly string[] s_statusAsReceived = [CauseId.UpstreamErrorPassedThrough, CauseId.UpstreamIsAGateway, CauseId.UploadRejectedEarly];

    [Fact]
    public void Ids_are_those_that_were_approved()
    {
        // Ids are API. A new one is added to the file; one that is there is never taken out, renamed or given another meaning.
        var approved = File.ReadAllLines(Repository.TestFile("Causes", "ApprovedIds.txt")).Where(l => l.Length > 0);
        Assert.Equal(approved.Order(StringComparer.Ordinal), CauseCatalogue.All.Select(c => c.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_named_id_has_one_cause_and_every_cause_a_named_id()
    {
        var named = typeof(CauseId).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(named.Order(StringComparer.Ordinal), CauseCatalogue.All.Select(c => c.Id).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ids_are_snake_case() => Assert.All(CauseCatalogue.All, c => Assert.Matches(SnakeCase(), c.Id));

    [Fact]
    public void Proxy_errors_are_registered_types()
    {
        Assert.Equal(32, s_proxyErrors.Length);
        Assert.All(CauseCatalogue.All, c => Assert.True(
            s_withoutProxyError.Contains(c.Id) ? c.ProxyError.Length == 0 : s_proxyErrors.Contains(c.ProxyError), $"{c.Id}: '{c.ProxyError}'"));
    }

    [Fact]
    public void Statuses_are_errors_or_the_apps_own() => Assert.All(CauseCatalogue.All, c => Assert.True(
        s_statusAsReceived.Contains(c.Id) ? c.Status == 0 : c.Status is (>= 400 and <= 431) or 499 or (>= 500 and <= 504), $"{c.Id}: {c.Status}"));

    [Fact]
    public void The_clients_doing_is_answered_with_a_client_error_and_an_upstreams_never() => Assert.All(CauseCatalogue.All, c =>
    {
        if (c.Party == Party.Client) Assert.InRange(c.Status, 400, 499);
        // Not found is what people expect where nothing is served, whoever forgot the route.
        else Assert.True(c.Status is 0 or >= 500 || c.Id == CauseId.RouteNotFound, c.Id);
    });

    [Fact]
    public void Gateway_timeout_is_said_of_waiting_only() => Assert.All(CauseCatalogue.All.Where(c => c.Status == 504), c =>
        Assert.Contains("timeout", c.ProxyError, StringComparison.Ordinal));

    [Fact]
    public void Who_may_try_again_is_told_when_only_where_trying_again_can_help() => Assert.All(CauseCatalogue.All, c =>
    {
        if (c.RetryAfterSeconds is not { } seconds) return;
        Assert.True(c.Retryable, c.Id);
        Assert.InRange(seconds, 1, 60);
    });

    [Fact]
    public void Titles_are_plain_words_that_give_nothing_away() => Assert.All(CauseCatalogue.All, c =>
    {
        Assert.Matches(PlainWords(), c.Title);
        Assert.InRange(c.Title.Length, 10, 60);
    });

    [Fact]
    public void A_cause_is_found_by_its_id_and_by_no_other()
    {
        Assert.All(CauseCatalogue.All, c => Assert.Same(c, CauseCatalogue.Get(c.Id)));
        Assert.False(CauseCatalogue.TryGet("connect_refused ", out _));
        Assert.Throws<KeyNotFoundException>(() => CauseCatalogue.Get("no_such_cause"));
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$")]
    private static partial Regex SnakeCase();

    /// <summary>No digit, colon, slash or dot: nothing that could be an address, a port, a path, a version or a file name.</summary>
    [GeneratedRegex("^[A-Z][a-z]*([ -][a-z]+)*$")]
    private static partial Regex PlainWords();
}
