using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in the address: what was configured is not where the app is.</summary>
internal static class AddressMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "wrong_port",
            "The port is not the app's",
            "The address leads to the right machine, but to another port: nothing listens there, or another program does.",
            "Proved by another program's greeting on that port, or by the app listening on another one. An HTTP answer of the app itself speaks against it."),
        Guide(
            "app_bound_to_loopback",
            "The app listens on 127.0.0.1 only",
            "An app that listens on 127.0.0.1 (or ::1) can be reached from its own machine or container only.",
            "Proved by a listener on 127.0.0.1 with this port on the app's machine. A listener on 0.0.0.0, * or [::] speaks against it."),
        Guide(
            "app_bound_elsewhere",
            "The app listens on another address of its machine",
            "A machine has several addresses, and an app can listen on just one of them. The configured address is another one.",
            "Proved by a listener on the same port at another address. A listener on 0.0.0.0, * or [::] speaks against it."),
        Guide(
            "localhost_in_container",
            "localhost means ProxyGate's own container",
            "Inside a container, localhost and 127.0.0.1 are the container itself, not the machine it runs on.",
            "ProxyGate runs in a container, the address is localhost, and nothing in that container listens there. A listener in it speaks against it."),
        Guide(
            "localhost_ipv6",
            "localhost means both ::1 and 127.0.0.1, and the app listens on one",
            "A name such as localhost stands for an IPv6 and an IPv4 address. The app accepts connections on one of them.",
            "Proved when one address refuses and the other accepts. Both refusing speaks against it."),
        Guide(
            "no_ipv6",
            "The address is IPv6, and this machine has no IPv6",
            "The name has an IPv6 address only, or one is configured, but this machine or container has no way out over IPv6.",
            "Proved by an empty \"ip -6 route show default\". Another IPv6 address that answers speaks against it."),
        Guide(
            "wrong_socket_path",
            "The app's socket has another path",
            "The app listens on a socket file, but under another name or in another folder than configured.",
            "Proved by the app's socket in \"ss -lx\" under another path. No socket of the app at all speaks against it."),
        Guide(
            "socket_permissions",
            "ProxyGate may not use the socket file",
            "The socket belongs to another user or group, and its rights, or those of a folder above it, keep ProxyGate out.",
            "Proved by the owners and rights that \"namei -l\" shows. Write permission for ProxyGate's user on the file and all folders speaks against it."),
        Guide(
            "socket_not_shared",
            "The socket exists, but not where ProxyGate can see it",
            "Containers, and services with a private /tmp, have folders of their own: the same path is another place there.",
            "The file exists for the app and not for ProxyGate. The same file seen from both speaks against it."),
        Guide(
            "loop",
            "The address leads back to ProxyGate",
            "The destination is ProxyGate itself, directly or through another proxy, so a request would run in circles.",
            "Proved by ProxyGate's own mark on a request that arrives. Without the mark nothing speaks for it."),
        Guide(
            "address_not_allowed",
            "The address is right, but not on the list of allowed ones",
            "The configuration lists the networks ProxyGate may connect to, and the app's address is outside of them.",
            "The name's answer is the app's true address, for instance after a move. An address that nobody knows speaks against it."),
    ];
}
