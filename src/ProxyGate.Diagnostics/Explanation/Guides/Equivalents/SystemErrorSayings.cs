using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

/// <summary>The operating system's own errors, by name and number.</summary>
internal static class SystemErrorSayings
{
    public static readonly SystemSayings Errno = new(
        "errno",
        new("ECONNREFUSED (111)", "", ConnectRefused, UpstreamStarting, UpstreamRestarting),
        new("Connection refused", "ECONNREFUSED in words", ConnectRefused, UpstreamStarting, UpstreamRestarting),
        new("ETIMEDOUT (110)", "", ConnectTimeout),
        new("Connection timed out", "ETIMEDOUT in words", ConnectTimeout),
        new("EHOSTUNREACH (113)", "", HostUnreachable),
        new("No route to host", "EHOSTUNREACH in words", HostUnreachable),
        new("EHOSTDOWN (112) Host is down", "", HostUnreachable),
        new("ENETUNREACH (101)", "", NetworkUnreachable, DnsNoUsableAddress),
        new("Network is unreachable", "ENETUNREACH in words", NetworkUnreachable, DnsNoUsableAddress),
        new("ECONNRESET (104)", "at any moment of a connection", UpstreamResetWithoutResponse, StaleConnection, ConnectReset, ResponseBodyReset, TlsHandshakeClosed, RequestSendFailed, UpgradeBroken),
        new("Connection reset by peer", "ECONNRESET in words", UpstreamResetWithoutResponse, StaleConnection, ConnectReset, ResponseBodyReset, TlsHandshakeClosed, RequestSendFailed, UpgradeBroken),
        new("EPIPE (32)", "", RequestSendFailed, UploadRejectedEarly),
        new("Broken pipe", "EPIPE in words", RequestSendFailed, UploadRejectedEarly),
        new("EADDRNOTAVAIL (99)", "", GatewayPortsExhausted),
        new("Cannot assign requested address", "EADDRNOTAVAIL in words", GatewayPortsExhausted),
        new("EMFILE (24)", "", GatewayFdsExhausted),
        new("Too many open files", "EMFILE in words", GatewayFdsExhausted),
        new("ENFILE (23) Too many open files in system", "", GatewayFdsExhausted),
        new("EACCES (13) Permission denied", "on a unix socket, or on a TCP connection", SocketPermissionDenied, GatewayConnectDenied),
        new("EPERM (1) Operation not permitted", "from connect(): an outgoing firewall rule", GatewayConnectDenied),
        new("ENOENT (2) No such file or directory", "", SocketMissing),
        new("EAGAIN (11) Resource temporarily unavailable", "from connect() to a unix socket", ListenBacklogFull),
        new("EAFNOSUPPORT (97) Address family not supported by protocol", "", DnsNoUsableAddress));

    public static readonly SystemSayings Windows = new(
        "Windows",
        new("WSAECONNREFUSED (10061) No connection could be made because the target machine actively refused it", "", ConnectRefused),
        new("WSAETIMEDOUT (10060)", "", ConnectTimeout),
        new("WSAEHOSTUNREACH (10065)", "", HostUnreachable),
        new("WSAENETUNREACH (10051)", "", NetworkUnreachable),
        new("WSAECONNRESET (10054) An existing connection was forcibly closed by the remote host", "", UpstreamResetWithoutResponse, StaleConnection, ConnectReset),
        new("WSAHOST_NOT_FOUND (11001) No such host is known", "", DnsNotFound),
        new("WSATRY_AGAIN (11002)", "", DnsFailed),
        new("WSAEACCES (10013)", "", GatewayConnectDenied),
        new("WSAEADDRNOTAVAIL (10049)", "", GatewayPortsExhausted),
        new("WSAEADDRINUSE (10048) Only one usage of each socket address is normally permitted", "", GatewayPortsExhausted));

    public static readonly SystemSayings Kernel = new(
        "Linux kernel log",
        new("Out of memory: Killed process …", "", UpstreamOomKilled),
        new("Memory cgroup out of memory: Killed process …", "the limit of the container or unit", UpstreamOomKilled),
        new("… segfault at … ip … sp … error … in …", "", UpstreamProcessExited),
        new("nf_conntrack: table full, dropping packet", "", ConnectTimeout),
        new("request_sock_TCP: Possible SYN flooding on port …", "the waiting line of that port is full", ListenBacklogFull, ConnectTimeout));
}
