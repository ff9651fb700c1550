using ProxyGate.Gateway.Forwarding.Direct;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Tests.Forwarding;

/// <summary>Balancing by load counts on the counter of YARP's own, which is not public: this is where another version of YARP is found out.</summary>
public sealed class DestinationLoadTests
{
    [Fact]
    public void A_request_counts_at_its_destination_while_it_is_under_way()
    {
        var destination = new DestinationState("one");
        var first = new DestinationLoad(destination);
        var second = new DestinationLoad(destination);
        Assert.Equal(2, destination.ConcurrentRequestCount);
        first.Leave();
        Assert.Equal(1, destination.ConcurrentRequestCount);
        second.Leave();
        Assert.Equal(0, destination.ConcurrentRequestCount);
    }

    [Fact]
    public void One_that_counts_nowhere_leaves_nothing() => default(DestinationLoad).Leave();
}
