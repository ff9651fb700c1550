using System.Net;
using System.Security.Authentication;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Tests.Forwarding;

public sealed class UpstreamHandlerTests : IDisposable
{
    private readonly FakeTimeProvider _clock = new();
    private readonly UpstreamHandler _handler;

    public UpstreamHandlerTests() => _handler = new UpstreamHandler(new UpstreamTlsPolicy(new UpstreamTlsSettings(), SslProtocols.None), null, _clock);

    public void Dispose() => _handler.Dispose();

    private UpstreamConnections Of(string address) => _handler.Http1For(address, HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower, out _)!;

    private void Pass(int minutes)
    {
        for (var i = 0; i < minutes * 2; i++) _clock.Advance(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void An_address_keeps_its_connections_whichever_was_asked_for_in_between()
    {
        var (one, two) = (Of("http://127.0.0.1:8001/"), Of("http://127.0.0.1:8002/"));

        Assert.NotSame(one, two);
        Assert.Equal(8001, one.Target.Port);
        Assert.Same(one, Of("http://127.0.0.1:8001/"));
        Assert.Same(two, Of("http://127.0.0.1:8002/"));
        Assert.Same(one, Of(new string("http://127.0.0.1:8001/".AsSpan())));
    }

    [Fact]
    public void Addresses_that_lead_to_the_same_place_share_its_connections_and_keep_their_own_paths()
    {
        var version1 = _handler.Http1For("http://app:8001/v1/", HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower, out var prefix1);
        var version2 = _handler.Http1For("http://app:8001/v2", HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower, out var prefix2);

        Assert.Same(version1, version2);
        Assert.Equal(("/v1", "/v2"), (prefix1, prefix2));
        Assert.NotSame(version1, Of("https://app:8001/"));
    }

    [Fact]
    public void Connections_that_nobody_wanted_for_minutes_make_way_for_new_ones()
    {
        var first = Of("http://127.0.0.1:8001/");
        Pass(minutes: 4);
        Assert.Same(first, Of("http://127.0.0.1:8001/"));

        Pass(minutes: 4);
        Assert.Same(first, Of("http://127.0.0.1:8001/"));
        Assert.False(first.IsGone);

        Pass(minutes: 6);
        Assert.True(first.IsGone);
        var second = Of("http://127.0.0.1:8001/");
        Assert.NotSame(first, second);
        Assert.False(second.IsGone);
        Assert.Same(second, Of("http://127.0.0.1:8001/"));
    }

    [Fact]
    public void An_address_that_is_none_is_said_to_be_none() => Assert.Throws<UriFormatException>(() => Of("http://app:port/"));
}
