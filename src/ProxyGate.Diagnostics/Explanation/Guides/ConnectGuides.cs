using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>From the address to a connection.</summary>
internal static class ConnectGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.ConnectRefused] = new(
            "The machine is there and answered, but it refused the connection: on that address and port nobody takes connections.",
            new("app_down", "Nothing listens on that port on the app's machine, and the app's process, service or container is not running."),
            new("wrong_port", "The app runs, and listens on another port than the configured one. With containers, the port inside counts, not the published one."),
            new("localhost_in_container", "The destination is localhost or 127.0.0.1, and ProxyGate runs in a container: there, localhost is the container itself."),
            new("app_bound_to_loopback", "The app listens, but only on 127.0.0.1 of its own machine or container: it answers there and refuses from outside."),
            new("localhost_ipv6", "The name stands for an IPv4 and an IPv6 address, and the app listens on one of them only: one address refuses, the other accepts."),
            new("app_starting", "The process is only seconds old and has not opened its port yet; shortly after, it works."),
            new("stale_dns", "The name now means another address than the one that refused: the app has moved."),
            new("deploy_without_drain", "It lasts for seconds around a deploy, and other copies of the app are fine."),
            new("firewall_reject", "The app listens on that very address and port and answers locally: a firewall refuses in its name.")),
        [CauseId.ConnectTimeout] = new(
            "ProxyGate asked for a connection and heard nothing at all within the time limit: no yes, no refusal, no error.",
            new("firewall_drop", "The machine answers on other ports or to a ping, and the app answers when asked on its own machine: something on the way throws the packets away."),
            new("host_down", "Nothing of that machine answers, on any port: it is off, or the address is no longer its own."),
            new("not_same_network", "The address belongs to a container network that ProxyGate's container has not joined."),
            new("worker_pool_full", "On the app's machine the waiting line of the port is full (ss -ltn: Recv-Q above Send-Q): the app does not take connections any more."),
            new("conntrack_full", "It hits connections at random, and the kernel log says \"nf_conntrack: table full, dropping packet\"."),
            new("stale_dns", "The name now means another address than the one that stayed silent.")),
        [CauseId.HostUnreachable] = new(
            "The network said that this machine cannot be reached: no machine has the address now, or something on the way forbids it.",
            new("host_down", "The error came after one to three seconds, and \"ip neigh\" shows FAILED or INCOMPLETE: nobody on the local network has the address."),
            new("firewall_reject", "The error came within milliseconds, and the machine answers to a ping or on other ports: a firewall rejects with a message."),
            new("stale_dns", "The name now means another address: the app, or its container, got a new one."),
            new("no_route", "A router far away reports it, for every address of that network.")),
        [CauseId.NetworkUnreachable] = new(
            "This machine or container has no route to the network of that address, so nothing was sent.",
            new("no_route", "\"ip route get\" with the address says \"Network is unreachable\": a route or the default gateway is missing, or an interface is down."),
            new("not_same_network", "ProxyGate runs in a container on an internal network without a way out, or on another network than the app."),
            new("no_ipv6", "The address is an IPv6 one, and this machine has no IPv6.")),
        [CauseId.ConnectReset] = new(
            "The connection was accepted and then cut at once, before any data was exchanged.",
            new("app_refuses_gateway", "It happens each time, at once: the program behind the port turns ProxyGate's address away (an allow list), or does not expect this kind of client."),
            new("wrong_port", "A container's published port is asked (docker ps shows it): Docker accepts the connection itself and cuts it, because inside the container nobody listens on the port it leads to."),
            new("app_bound_to_loopback", "As before, and inside the container the app listens on that port, but on 127.0.0.1 only."),
            new("worker_pool_full", "It happens only under load: the app's waiting line overflows and the system cuts the connections (net.ipv4.tcp_abort_on_overflow)."),
            new("restarted", "It happens in a short burst, and the app's process is younger than the burst."),
            new("middlebox_cut", "The app's own machine sees no such connection, or sees it cut from the other side: a load balancer or firewall in between ends it.")),
        [CauseId.SocketMissing] = new(
            "The destination is a unix socket, which is a file through which programs on one machine talk, and that file does not exist.",
            new("app_down", "The app that makes the file does not run: it removed the file when it ended, or has not made it since the machine started."),
            new("wrong_socket_path", "The app runs, and \"ss -lx\" shows its socket at another path; versions stand in such names (php8.1-fpm.sock, php8.3-fpm.sock)."),
            new("socket_not_shared", "The file exists, but not for ProxyGate: it runs in a container without that folder, or the app's unit has PrivateTmp and the socket is under /tmp."),
            new("app_starting", "The app was started a moment ago, and the file appears shortly after.")),
        [CauseId.SocketPermissionDenied] = new(
            "The destination is a unix socket (a file through which programs on one machine talk), and ProxyGate's user may not open it.",
            new("socket_permissions", "\"ls -l\" shows that the socket belongs to another user or group and gives others no write permission, or a folder above it is closed (namei -l)."),
            new("selinux", "Owner and permissions allow it, and the audit log has a denial (AVC) at that moment."),
            new("restarted", "It worked until the app was restarted: the app makes the file anew with its own default permissions (php-fpm: listen.owner, listen.group, listen.mode).")),
        [CauseId.ListenBacklogFull] = new(
            "The app's waiting line for new connections is full: its program runs, but does not take connections as fast as they come.",
            new("worker_pool_full", "All workers are busy: the number of requests under way equals the number of workers (php-fpm: \"server reached pm.max_children\" in its log)."),
            new("slow_request", "One path has become slow and holds all workers; requests under way are nearly all for it."),
            new("app_hung", "Nothing gets through any more, also without load: the process is stopped or stuck (state T or D)."),
            new("too_much_traffic", "Workers answer as fast as always, and more requests come than they can take."),
            new("limit_too_low", "It happens in short bursts with workers free: the line itself is short (net.core.somaxconn, or the app's backlog setting).")),
    };
}
