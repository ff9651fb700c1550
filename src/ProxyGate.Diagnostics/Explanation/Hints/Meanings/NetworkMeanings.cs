using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes on the way between ProxyGate and the app.</summary>
internal static class NetworkMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "firewall_drop",
            "A firewall drops the packets silently",
            "A firewall (ufw, nftables, a cloud's security group) throws connection attempts away without an answer.",
            "No answer at all, while the machine is alive and the app answers from its own machine. A refused connection speaks against it."),
        Guide(
            "firewall_reject",
            "A firewall rejects the connection",
            "A firewall answers in the app's place and says no.",
            "An unreachable message within a few milliseconds, from a machine that is alive, best with its reason (admin-prohibited). Seconds of silence first speak against it."),
        Guide(
            "egress_rule",
            "A rule on this machine forbids the outgoing connection",
            "This machine's own firewall stops what ProxyGate sends out.",
            "Proved by a rule in an output chain of \"nft list ruleset\". A connection by hand, as the same user, that works speaks against it."),
        Guide(
            "no_route",
            "This machine has no way to that address",
            "The routing table of this machine or container has no entry for the app's network.",
            "Proved by \"Network is unreachable\" from \"ip route get\". A route there speaks against it."),
        Guide(
            "host_down",
            "The app's machine is off, or has another address now",
            "No machine answers under that address on its network.",
            "The question who has the address stays unanswered (FAILED in \"ip neigh\"), also to ping. Any answer from that address speaks against it."),
        Guide(
            "packets_lost",
            "Packets are lost on the way",
            "The connection stands, but what is sent over it does not arrive: a firewall that forgot it, or a broken link.",
            "Sent bytes that were never confirmed, with retransmits. A request that was confirmed whole speaks against it."),
        Guide(
            "conntrack_full",
            "A firewall's table of connections is full",
            "The kernel notes every connection in a table (conntrack). When it is full, new ones are dropped at random.",
            "Proved by \"nf_conntrack: table full\" in the kernel's log, or a count at its maximum. A count far below speaks against it."),
        Guide(
            "middlebox_cut",
            "Something in between cuts connections",
            "A load balancer, a firewall or a port forwarder between ProxyGate and the app ended the connection.",
            "It fails through the network and works from the app's own machine, and the app never saw the end. A failure on the app's own machine speaks against it."),
        Guide(
            "selinux",
            "SELinux or AppArmor forbids the connection",
            "A security module of this machine does not let ProxyGate make network connections.",
            "Proved by an AVC or apparmor=\"DENIED\" line in the audit log at that moment. A disabled module speaks against it."),
        Guide(
            "unit_sandbox",
            "The settings of ProxyGate's own service forbid the connection",
            "systemd can keep a service from networks, kinds of address or system calls. A network policy can do so with a container.",
            "Proved by IPAddressDeny= or RestrictAddressFamilies= in \"systemctl show\", or by a policy. Empty settings speak against it."),
        Guide(
            "not_same_network",
            "ProxyGate and the app are on different container networks",
            "Names and addresses of containers are known only on the networks those containers share.",
            "The app is listed on a network that ProxyGate's container is not on. One network with both on it speaks against it."),
        Guide(
            "packets_too_large",
            "Packets of full size are lost on the way",
            "A tunnel or VPN on the way carries smaller packets only, and the message that says so gets lost (MTU).",
            "Small requests pass and larger ones never do, on all paths. A large request that passes speaks against it."),
    ];
}
