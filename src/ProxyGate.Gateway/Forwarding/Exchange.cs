using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding.Direct;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>One attempt to be made.</summary>
/// <param name="Record">The client's request.</param>
/// <param name="State">Where it goes; absent where YARP's forwarder was given a plain address.</param>
/// <param name="Destination">Its id, or the address.</param>
/// <param name="Address">Its address.</param>
/// <param name="Client">The cluster's upstream client.</param>
/// <param name="Config">How requests are sent there.</param>
/// <param name="Plan">What its route does to its requests.</param>
/// <param name="Timeouts">Its limits.</param>
/// <param name="HeadLimit">The largest head of an answer, in bytes.</param>
internal readonly record struct Exchange(
    RequestRecord Record, DestinationState? State, string Destination, string Address, UpstreamClient Client, ForwarderRequestConfig Config, RoutePlan Plan, TimeoutSettings Timeouts, int HeadLimit);
