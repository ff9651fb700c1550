using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>The way to the destination: no route, a machine that is off, a firewall that refuses aloud or in silence.</summary>
internal static class PathFound
{
    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Path is not { } path || look.EndPoint is null || !Fits(look)) yield break;
        if (path.OwnFilterDrops == true || path.Icmp is { From: IcmpSender.Own } own && IsOwnRule(path, own)) yield return OwnRule(look, path);
        else if (path.NoRoute || BadRoute(path) is not null) yield return NoRoute(look, path);
        else if (path.NextHopNeighbour is "FAILED" or "INCOMPLETE" && path.NextHop is { } hop) yield return RouterDown(look, hop, path);
        else if (path.Icmp is { } icmp && Told(look, path, icmp) is { } told) yield return told;
        else if (path.Neighbour is "FAILED" or "INCOMPLETE") yield return HostDown(look, Confidence.Proved, $"Nobody on the local network answers for the address {look.Ip} (the neighbour table says {path.Neighbour})");
        else if (WaitFound.IsFull(look.Listener)) yield break;
        else if (Silent(look)) yield return Dropped(look, path);
        else if (look.Cause == CauseId.ConnectRefused && look.Listener is null && path is { RefusedAtHops: { } refused, HostAtHops: { } host } && refused < host) yield return RefusedOnTheWay(look, refused, host);
        else if (look.Cause == CauseId.ConnectRefused && look.Listener is null && path is { HostAlive: true, Local: false }) yield return RefusedByLivingHost(look, path);
    }

    private static bool Fits(Look look) => look.Cause is CauseId.ConnectRefused or CauseId.ConnectTimeout or CauseId.HostUnreachable or CauseId.NetworkUnreachable
        or CauseId.GatewayConnectDenied or CauseId.ConnectReset || CutAfterConnect(look);

    /// <summary>Our bytes were sent again and again, and the other machine confirmed none or not all of them.</summary>
    public static bool CutAfterConnect(Look look) => look.Attempt?.Tcp is { Retransmits: > 0 } tcp && tcp.RequestBytesAcked < tcp.RequestBytesOnWire
        && look.Cause is CauseId.ResponseTimeout or CauseId.RequestSendTimeout or CauseId.TlsHandshakeTimeout or CauseId.ResponseBodyStalled;

    private static bool Silent(Look look) => look.Cause == CauseId.ConnectTimeout || CutAfterConnect(look);

    private static string? BadRoute(PathFacts path) => path.Route?.Split(' ')[0] is "unreachable" or "prohibit" or "blackhole" ? path.Route.Split(' ')[0] : null;

    private static Hint NoRoute(Look look, PathFacts path) => Found(
        "no_route",
        Confidence.Proved,
        BadRoute(path) is { } kind ? $"This machine has a route that forbids the way to {look.Ip} (\"{kind}\")." : $"This machine has no route to {look.Ip}.",
        [path.Route is { } route ? $"The kernel's route to {look.Ip}: {Seen.Short(route)}" : $"Asked for the way to {look.Ip}, the kernel has none"],
        [$"ip route get {Shell.Word(look.Ip)}", "ip -br addr"],
        [Step("Add the missing route, or put ProxyGate on a network that reaches the app (in Docker: both containers in one network).")]);

    private static Hint OwnRule(Look look, PathFacts path) => Found(
        "egress_rule",
        Confidence.Proved,
        $"A rule on this machine itself forbids the connection to {look.Where}: the packets do not leave it.",
        [path is { OwnFilterDrops: true, OwnFilterEvidence: { } seen } ? Seen.Short(seen) : path.Icmp is { } icmp ? $"ICMP message \"{Seen.Short(icmp.Name)}\" from this machine's own address {Seen.Short(icmp.Sender)}" : $"Sending to {look.Ip} is not permitted here"],
        ["nft list ruleset", "iptables -S OUTPUT"],
        [Step($"Allow outgoing TCP to {look.Ip} port {look.PortText} in this machine's firewall (the output chain).")]);

    /// <summary>
    /// This machine says so itself: by a rule, or because nobody answered its questions for a neighbour. Only where the neighbour is known
    /// to answer, or the words are those of a filter, is it a rule.
    /// </summary>
    private static bool IsOwnRule(PathFacts path, IcmpSeen icmp) =>
        IsFiltered(icmp) || ((path.Neighbour ?? path.NextHopNeighbour) is { } state && state is not ("FAILED" or "INCOMPLETE" or "NONE")) || path is { HostAlive: true };

    private static Hint? Told(Look look, PathFacts path, IcmpSeen icmp)
    {
        var sender = icmp.From switch
        {
            IcmpSender.Own => "this machine itself",
            IcmpSender.Host => $"the app's machine {Seen.Short(icmp.Sender)}",
            _ => $"a router or firewall on the way, {Seen.Short(icmp.Sender)},",
        };
        string[] evidence = [$"ICMP message \"{Seen.Short(icmp.Name)}\" from {sender.TrimEnd(',')}, about our packets to {look.Where}"];

        // A machine that calls itself unreachable has a rule that says so; of a router that calls a living machine so, it is likely.
        var contradicted = icmp.From == IcmpSender.Router && path.HostAlive == true;
        if (IsFiltered(icmp) || contradicted || (icmp.From == IcmpSender.Host && !path.Local))
        {
            return Found(
                "firewall_reject",
                IsFiltered(icmp) || icmp.From == IcmpSender.Host ? Confidence.Proved : Confidence.Likely,
                $"A firewall refuses the connection: {sender} rejects packets to {look.Where}.",
                contradicted ? [.. evidence, $"And yet {look.Ip} {(path.Pinged == true ? "answers ping" : "itself answered another packet")}"] : evidence,
                [Step($"The rules of {Seen.Short(icmp.Sender)} (run it there):"), "nft list ruleset", "iptables -S"],
                [Step($"Allow TCP port {look.PortText} from ProxyGate's address there. With firewalld on the app's machine (it changes the rules):"), Step($"firewall-cmd --permanent --add-port={look.PortText}/tcp && firewall-cmd --reload")]);
        }

        return icmp.Name switch
        {
            "host-unreachable" or "address-unreachable" => HostDown(look, icmp.From == IcmpSender.Own ? Confidence.Proved : Confidence.Likely, evidence[0]),
            "net-unreachable" or "no-route" => Found(
                "no_route",
                Confidence.Proved,
                $"There is no way to {look.Ip}: {sender} has no route to it.",
                evidence,
                [$"ip route get {Shell.Word(look.Ip)}", $"tracepath -n {Shell.Word(look.Ip)}"],
                [Step($"The route to {look.Ip} is missing on {sender.TrimEnd(',')}: add it there, or correct the address.")]),
            _ => null,
        };
    }

    /// <summary>A host without a listener answers TCP with a reset; "port-unreachable" to TCP is what reject rules send.</summary>
    private static bool IsFiltered(IcmpSeen icmp) => icmp.Name.Contains("prohibited", StringComparison.Ordinal)
        || icmp.Name is "port-unreachable" or "protocol-unreachable" or "policy-fail" or "reject-route";

    private static Hint HostDown(Look look, Confidence confidence, string evidence) => Found(
        "host_down",
        confidence,
        $"No machine is at {look.Ip}: it is off or not connected, or it has another address now.",
        [evidence],
        [$"ping -c 3 {Shell.Word(look.Ip)}", $"ip neigh show {Shell.Word(look.Ip)}"],
        [Step($"Start the machine, or correct the address of destination \"{look.DestinationName}\".")]);

    private static Hint RouterDown(Look look, string hop, PathFacts path) => Found(
        "no_route",
        path.Icmp is { From: IcmpSender.Own } ? Confidence.Proved : Confidence.Likely,
        $"The router {Seen.Short(hop)}, over which the way to {look.Ip} leads, does not answer.",
        [
            $"Nobody on the local network answers for the router's address {Seen.Short(hop)} (the neighbour table says {path.NextHopNeighbour})",
            .. path.Icmp is { From: IcmpSender.Own } icmp ? [$"This machine itself says \"{Seen.Short(icmp.Name)}\" of packets to {look.Ip}"] : Array.Empty<string>(),
        ],
        [$"ip route get {Shell.Word(look.Ip)}", $"ping -c 3 {Shell.Word(hop)}"],
        [Step($"Is {Seen.Short(hop)} on? Is it still the right router for {look.Ip}?")]);

    private static Hint Dropped(Look look, PathFacts path)
    {
        var alive = path.Local || path.HostAlive == true || path.Pinged == true || path.OtherPortAnswers == true;
        var silence = look.Cause == CauseId.ConnectTimeout
            ? $"No answer to the opening of a connection to {look.Where}"
            : $"The connection to {look.Where} was opened, then the bytes sent were not confirmed and were sent again {look.Attempt?.Tcp?.Retransmits ?? 0} times";
        var signs = new List<string> { silence };
        if (path.Pinged == true) signs.Add($"{look.Ip} answers ping");
        if (path.OtherPortAnswers == true) signs.Add($"Another port of {look.Ip} answers");
        else if (path.HostAlive == true && path.Pinged != true) signs.Add($"{look.Ip} itself answered a packet");
        if (!alive && path.LastHop is { } hop) signs.Add($"The last that answers on the way is {Seen.Short(hop)}");
        return alive
            ? Found(
                look.Cause == CauseId.ConnectTimeout ? "firewall_drop" : "packets_lost",
                Confidence.Likely,
                look.Cause == CauseId.ConnectTimeout
                    ? $"The machine {look.Ip} is up, but nothing answers at port {look.PortText}: most often a firewall that drops packets in silence, more rarely an app whose waiting line is full."
                    : $"The machine {look.Ip} is up, but the packets of this connection no longer arrive: most often a firewall or a network device on the way drops them.",
                signs,
                [Step($"On {look.Ip}: is the app listening, and which rules are there?"), Listeners(look), "nft list ruleset"],
                [Step($"Allow TCP port {look.PortText} from ProxyGate's address: on the machine (ufw, firewalld, nft) and in the cloud's security group.")])
            : Found(
                path.HostAlive == false || path.Pinged == false ? "host_down" : look.Cause == CauseId.ConnectTimeout ? "firewall_drop" : "packets_lost",
                Confidence.Possible,
                $"{look.Ip} does not answer at all: the machine is off, or something on the way drops the packets. From here the two look alike.",
                signs,
                [$"ping -c 3 {Shell.Word(look.Ip)}", $"tracepath -n {Shell.Word(look.Ip)}"],
                [Step($"Is the machine on? Is its address still {look.Ip}? Is port {look.PortText} allowed on the way?")]);
    }

    /// <summary>
    /// A refusal that comes back from fewer hops than the machine is away is not the machine's. At one hop it is this machine's own rule or
    /// the first router's, which look alike.
    /// </summary>
    private static Hint RefusedOnTheWay(Look look, int refused, int host) => Found(
        "firewall_reject",
        Confidence.Likely,
        $"A firewall refuses in the name of {look.Ip}: the refusal comes from {(refused == 1 ? "this machine itself or its first router" : "before the machine")}, not from {look.Ip}.",
        [Amounts.Invariant($"A connect that may travel {refused} {(refused == 1 ? "hop" : "hops")} is refused already, and {look.Ip} itself is {host} hops away, as its answer to a datagram shows")],
        [Step("The rules of this machine, and of the routers on the way:"), "nft list ruleset", "iptables -S OUTPUT", $"tracepath -n {Shell.Word(look.Ip)}"],
        [Step($"Allow TCP to {look.Ip} port {look.PortText} in that firewall.")]);

    /// <summary>A reset may come from the machine or from a firewall that pretends to be it; the two cannot be told apart from here.</summary>
    private static Hint RefusedByLivingHost(Look look, PathFacts path) => Found(
        path.OtherPortAnswers == true ? "app_bound_to_loopback" : "app_down",
        Confidence.Possible,
        $"{look.Ip} is up and refuses port {look.PortText}: the app is not running, listens only on 127.0.0.1 or on another port there, or a firewall refuses in its name.",
        [path.OtherPortAnswers == true ? $"Another port of {look.Ip} answers; port {look.PortText} refuses at once" : $"{look.Ip} is up; port {look.PortText} refuses at once"],
        [Step($"On {look.Ip}:"), Listeners(look)],
        [Step($"If nothing is listed, start the app. If it is listed with 127.0.0.1, let it listen on {look.Ip} or 0.0.0.0. If it is listed with *, look at the firewall.")]);
}
