using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Direct;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Tests.Forwarding;

public sealed class RoutesInForceTests
{
    private readonly ChangingSettings _settings = new();
    private readonly RoutesInForce _routes;

    public RoutesInForceTests() => _routes = new RoutesInForce(_settings, new RoutePlans());

    private static Endpoint EndpointOf(params object[] metadata) => new(null, new EndpointMetadataCollection(metadata), "route");

    private static RouteModel Route(string id) => new(new RouteConfig { RouteId = id }, Cluster(), HttpTransformer.Default);

    private static ClusterState Cluster()
    {
        var config = new ClusterConfig { ClusterId = "app", Destinations = new Dictionary<string, DestinationConfig> { ["one"] = new() { Address = "http://one/" } } };
        return new ClusterState("app", new ClusterModel(config, new HttpMessageInvoker(new SocketsHttpHandler())));
    }

    [Fact]
    public void A_route_is_put_together_once_for_each_configuration()
    {
        var (first, second) = (EndpointOf(Route("first")), EndpointOf(Route("second")));
        var known = _routes.Of(first);
        Assert.Equal("first", known!.Model.Config.RouteId);
        Assert.Equal("second", _routes.Of(second)!.Model.Config.RouteId);
        Assert.Same(known, _routes.Of(first));
        Assert.Equal(TimeSpan.FromSeconds(60), known.Timeouts.FirstByte);

        _settings.Current = new GatewaySettings { Timeouts = new TimeoutSettings { FirstByte = TimeSpan.FromSeconds(7) } };
        var changed = _routes.Of(first);
        Assert.NotSame(known, changed);
        Assert.Equal(TimeSpan.FromSeconds(7), changed!.Timeouts.FirstByte);
        Assert.Equal(TimeSpan.FromSeconds(7), _routes.Of(second)!.Timeouts.FirstByte);
    }

    [Fact]
    public void A_destination_has_the_address_of_its_configuration()
    {
        var route = _routes.Of(EndpointOf(Route("all")))!;
        Assert.Equal("http://one/", route.AddressOf(new DestinationState("one")));
        Assert.Null(route.AddressOf(new DestinationState("gone")));
    }

    [Fact]
    public void What_is_no_route_of_the_proxys_is_none() => Assert.Null(_routes.Of(EndpointOf("405 HTTP Method Not Supported")));

    private sealed class ChangingSettings : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; set; } = new();

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
