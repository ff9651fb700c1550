using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Pages;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages;

public class ProxyStatusFieldTests
{
    public static TheoryData<string> Samples => PageHarness.Samples;

    [Fact]
    public void The_public_gets_the_type_alone() =>
        Assert.Equal("proxygate; error=connection_refused", ProxyStatusField.Of(Event(CauseId.ConnectRefused), Audience.Public));

    [Fact]
    public void Operators_get_the_next_hop_and_the_details() => Assert.Equal(
        "proxygate; error=connection_refused; next-hop=\"127.0.0.1:5000\"; details=\"127.0.0.1:5000 refused the connection after 0.3 ms: the machine answered, but nothing accepts connections on port 5000.\"",
        ProxyStatusField.Of(Event(CauseId.ConnectRefused), Audience.Operator));

    [Fact]
    public void An_alert_is_given_by_its_number() =>
        Assert.Contains("; error=tls_alert_received; alert-id=112;", ProxyStatusField.Of(Event(CauseId.TlsSniRejected), Audience.Operator));

    [Fact]
    public void An_answer_passed_on_has_its_status_and_no_error() =>
        Assert.Equal("proxygate; received-status=500", ProxyStatusField.Of(Event(CauseId.UpstreamErrorPassedThrough), Audience.Public));

    [Fact]
    public void Strings_are_ascii_and_escaped()
    {
        var facts = ExampleFailures.All[CauseId.RouteNotFound];
        var field = ProxyStatusField.Of(Event(facts with { Request = facts.Request with { Path = "/a\"b\\c\r\nd é" } }), Audience.Operator);
        Assert.Contains("/a\\\"b\\\\c\\\\x0D\\\\x0Ad \\\\u00e9", field);
    }

    /// <summary>RFC 9651 sections 3.3 and 3.1.2: a token, then parameters whose values are tokens, integers or quoted strings.</summary>
    [Theory, MemberData(nameof(Samples))]
    public void Every_field_is_a_structured_field(string sample)
    {
        const string Field = "^proxygate(; [a-z][a-z0-9-]*=([a-z_]+|[0-9]{1,15}|\"([ !#-\\[\\]-~]|\\\\[\"\\\\])*\"))*$";
        Assert.Matches(Field, ProxyStatusField.Of(Event(sample), Audience.Operator));
        Assert.Matches(Field, ProxyStatusField.Of(Event(sample), Audience.Public));
    }
}
