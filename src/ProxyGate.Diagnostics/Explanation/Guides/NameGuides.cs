using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>From the destination's name to its address.</summary>
internal static class NameGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.DnsNotFound] = new(
            "The destination's name does not exist: the name service (DNS), which turns names into addresses, answered clearly that it knows no address for it.",
            new("not_same_network", "The name is a short one, such as a container's or service's, and exists only inside its own Docker network or Kubernetes namespace. The name resolves from a container next to the app."),
            new("name_misspelled", "The name does not resolve from anywhere, and a slightly different one does."),
            new("app_down", "The name is a container's, and the container is stopped: Docker forgets the names of containers that do not run."),
            new("stale_dns", "It resolved until recently: the record was removed, or the service was renamed or moved.")),
        [CauseId.DnsFailed] = new(
            "The name service (DNS) answered, but only to say that it could not find out (SERVFAIL or REFUSED). The name may well be right.",
            new("dns_server_failing", "Other names fail at the same server too, and another server knows the name."),
            new("config_mistake", "The server answers REFUSED: it is not meant to serve this machine; /etc/resolv.conf names the wrong one."),
            new("dns_zone_broken", "Only names of one domain fail, at every server: that domain's own servers are down or its signatures (DNSSEC) are wrong.")),
        [CauseId.DnsTimeout] = new(
            "The name service (DNS) did not answer within the time limit, so there was no address to contact. Nothing is known about the app.",
            new("dns_server_failing", "No name at all resolves, and the name server's machine does not answer other questions either."),
            new("firewall_drop", "Another machine gets answers from the same server; from here port 53 (UDP and TCP) is silent."),
            new("dns_search_list", "The name resolves at once when written with a dot at the end: the machine first tries a long list of endings (search and ndots in /etc/resolv.conf), and one of them is slow.")),
        [CauseId.DnsNoUsableAddress] = new(
            "The name has addresses, but only of a kind (IPv4 or IPv6) that this machine cannot use.",
            new("no_ipv6", "The name has only IPv6 addresses (AAAA), and this machine or container has no IPv6 route: \"ip -6 route\" shows no default."),
            new("localhost_ipv6", "The name is localhost or a container's, and only its IPv6 or only its IPv4 entry is there."),
            new("no_route", "This machine has addresses of that kind, but no route to that network.")),
    };
}
