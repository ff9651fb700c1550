using System.Net;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Tests.Names;

public sealed class PinnedDestinationsTests
{
    [Theory]
    [InlineData("http://app:5000", "10.0.0.5", "app:5000")]
    [InlineData("https://app.example.com/base", "2001:db8::5", "app.example.com")]
    [InlineData("http://app", "127.0.0.1", "app")]
    public void A_name_and_its_address_travel_together_and_come_apart_again(string written, string address, string host)
    {
        var (id, config) = PinnedDestinations.Of("one", new DestinationConfig { Address = written, Health = written + "/health" }, IPAddress.Parse(address))!.Value;
        Assert.Equal($"one@{address}", id);
        Assert.Equal(host, config.Host);
        Assert.Equal(written, UnixDestinations.Display(config.Address));
        var uri = new Uri(config.Address);
        Assert.True(PinnedDestinations.TryGet(uri.IdnHost, out var name, out var pinned));
        Assert.Equal((new Uri(written).IdnHost, IPAddress.Parse(address)), (name, pinned));
        Assert.True(PinnedDestinations.TryGet(new Uri(config.Health!).IdnHost, out _, out _));
    }

    [Fact]
    public void Another_name_for_checks_and_a_host_of_ones_own_stay()
    {
        var (_, config) = PinnedDestinations.Of("one", new DestinationConfig { Address = "http://app", Health = "http://monitor/app", Host = "shop" }, IPAddress.Loopback)!.Value;
        Assert.Equal(("shop", "http://monitor/app"), (config.Host, config.Health));
    }

    [Theory]
    [InlineData("app")]
    [InlineData("pin.proxygate.invalid")]
    [InlineData("7f000001.pin.proxygate.invalid")]
    [InlineData("app.7f0001.pin.proxygate.invalid")]
    [InlineData("app.zzzzzzzz.pin.proxygate.invalid")]
    public void Other_hosts_are_no_pinned_ones(string host) => Assert.False(PinnedDestinations.TryGet(host, out _, out _));
}
