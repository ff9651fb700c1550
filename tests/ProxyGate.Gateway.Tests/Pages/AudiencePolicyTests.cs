using System.Net;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Pages;
using static ProxyGate.Gateway.Tests.Pages.PageHarness;

namespace ProxyGate.Gateway.Tests.Pages;

public class AudiencePolicyTests
{
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("127.8.9.10", true)]
    [InlineData("::1", true)]
    [InlineData("::ffff:127.0.0.1", true)]
    [InlineData("10.1.2.3", true)]
    [InlineData("::ffff:10.1.2.3", true)]
    [InlineData("fd00::7", true)]
    [InlineData("10.2.2.3", false)]
    [InlineData("203.0.113.9", false)]
    [InlineData("2001:db8::1", false)]
    public void Operators_are_on_this_machine_or_in_a_configured_network(string peer, bool isOperator)
    {
        var policy = new AudiencePolicy(new Settings(new GatewaySettings { OperatorNetworks = ["10.1.0.0/16", "fd00::/8"] }));
        Assert.Equal(isOperator ? Audience.Operator : Audience.Public, policy.Of(Context(IPAddress.Parse(peer))));
    }

    [Theory]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("x-forwarded-host", "a")]
    [InlineData("X-Forwarded-Something-New", "a")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Via", "1.1 x")]
    [InlineData("CF-Connecting-IP", "127.0.0.1")]
    [InlineData("True-Client-IP", "127.0.0.1")]
    [InlineData("X-Original-For", "127.0.0.1")]
    [InlineData("CDN-Loop", "x")]
    public void A_sign_of_forwarding_takes_the_operator_view_away(string field, string value)
    {
        var context = Context(IPAddress.Loopback);
        context.Request.Headers[field] = value;
        Assert.Equal(Audience.Public, new AudiencePolicy(new Settings(new GatewaySettings())).Of(context));
    }

    [Theory]
    [InlineData("X-Forwarded-For", "127.0.0.1")]
    [InlineData("Forwarded", "for=127.0.0.1")]
    [InlineData("X-Real-IP", "127.0.0.1")]
    [InlineData("Cookie", "operator=1; debug=true")]
    [InlineData("ProxyGate-Operator", "1")]
    [InlineData("Host", "localhost")]
    public void Nothing_a_stranger_sends_gives_it(string field, string value)
    {
        var context = Context(Stranger);
        context.Request.Headers[field] = value;
        context.Request.QueryString = new("?operator=1&debug=1");
        Assert.Equal(Audience.Public, new AudiencePolicy(new Settings(new GatewaySettings())).Of(context));
    }

    [Fact]
    public void The_real_peer_counts_whatever_a_trusted_proxy_said_of_the_client()
    {
        var context = Context(Stranger);
        context.Connection.RemoteIpAddress = IPAddress.Loopback;
        Assert.Equal(Audience.Public, new AudiencePolicy(new Settings(new GatewaySettings())).Of(context));
    }

    [Fact]
    public void A_unix_socket_is_this_machine_and_no_address_is_nobody()
    {
        var policy = new AudiencePolicy(new Settings(new GatewaySettings()));
        Assert.Equal(Audience.Operator, policy.Of(Context(null, unixSocket: true)));
        var unknown = Context(null);
        unknown.Features.Set<RealPeer>(null);
        Assert.Equal(Audience.Public, policy.Of(unknown));
    }

    [Fact]
    public void A_change_of_the_networks_is_followed()
    {
        var settings = new Settings(new GatewaySettings());
        var policy = new AudiencePolicy(settings);
        Assert.Equal(Audience.Public, policy.Of(Context(Stranger)));
        settings.Change(new GatewaySettings { OperatorNetworks = ["203.0.113.0/24"] });
        Assert.Equal(Audience.Operator, policy.Of(Context(Stranger)));
    }
}
