using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>What a connect and the way to its address showed, in sentences.</summary>
internal static class PathWords
{
    public static IReadOnlyList<string> Of(AddressTry connect, PathFacts? path)
    {
        if (connect.Connected) return path is { Local: false, Route: { } way } ? [$"it accepts connections ({way})"] : ["it accepts connections"];
        var seen = new List<string> { Outcome(connect) };
        if (path is null) return seen;
        if (path.NoRoute) seen.Add(Route(path.RouteErrno));
        if (path.Icmp is { } icmp) seen.Add($"the reason came by ICMP: {icmp.Name}, from {icmp.Sender}{Whose(icmp.From)}");
        if (path.RefusedAtHops < path.HostAtHops)
            seen.Add(string.Create(CultureInfo.InvariantCulture, $"the refusal does not come from the host: it comes from hop {path.RefusedAtHops}, and the host is {path.HostAtHops} hops away"));
        if (path.OwnFilterDrops == true) seen.Add($"this machine itself keeps the packets from leaving: {path.OwnFilterEvidence}");
        if (path.Neighbour is "FAILED" or "INCOMPLETE") seen.Add($"nobody on the local network answers for this address (neighbour entry {path.Neighbour})");
        if (path.NextHopNeighbour is "FAILED" or "INCOMPLETE") seen.Add($"the router {path.NextHop} does not answer (neighbour entry {path.NextHopNeighbour})");
        if (path.Pinged == true) seen.Add("the host answers a ping");
        else if (path.HostAlive == true && !path.Local) seen.Add("the host itself is alive: it answered other packets");
        if (path.OtherPortAnswers is { } other) seen.Add(other ? "another configured port on it accepts connections" : "no other configured port on it accepts connections either");
        if (path.LastHop is { } hop) seen.Add($"packets get at least as far as the router {hop}");
        if (path is { Local: false, Route: { } route }) seen.Add($"the route is {route}");
        return seen;
    }

    private static string Outcome(AddressTry connect) => connect switch
    {
        { TimedOut: true } => "no answer to the connection request",
        { Errno: 2 } => "there is no such socket file",
        { Errno: 11 } => "the queue of waiting connections is full",
        { Errno: 13 } => "this machine does not allow the connection (EACCES)",
        { Errno: 1 } => "this machine does not allow the connection (EPERM)",
        { Errno: 22 } => "the kernel refuses to send there (EINVAL)",
        { Errno: 101 } => "there is no way to this network (ENETUNREACH)",
        { Errno: 104 } => "the connection was reset",
        { Errno: 111 } => "the connection was refused",
        { Errno: 113 } => "the host cannot be reached (EHOSTUNREACH)",
        { Errno: { } errno } => string.Create(CultureInfo.InvariantCulture, $"connecting failed with errno {errno}"),
        _ => "connecting failed",
    };

    private static string Route(int? errno) => errno switch
    {
        13 => "this machine has a route that prohibits it (ip route: prohibit)",
        22 => "this machine has a route that throws packets away (ip route: blackhole)",
        113 => "this machine has a route that says unreachable (ip route: unreachable)",
        _ => "this machine has no route to this address",
    };

    private static string Whose(IcmpSender from) => from switch
    {
        IcmpSender.Own => ", which is this machine",
        IcmpSender.Host => ", the host itself",
        _ => ", a router on the way",
    };
}
