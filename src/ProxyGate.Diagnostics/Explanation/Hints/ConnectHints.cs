using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>Root causes that show in the connection.</summary>
internal static class ConnectHints
{
    /// <summary>A rejecting firewall answers at once; a host that is off is reported only after the address resolution gave up (about 3 s).</summary>
    private const double RejectedWithinMs = 5;
    private const double ResolutionGivesUpMs = 900;

    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is null) yield break;
        if (LocalhostIpv6(s) is { } localhost) yield return localhost;
        switch (s.Failure.Cause.Id)
        {
            case CauseId.HostUnreachable when s.TellingTry is { } tried && Unreachable(s, tried) is { } hint:
                yield return hint;
                break;
            case CauseId.NetworkUnreachable or CauseId.DnsNoUsableAddress when s.TellingTry is { Error: not null } tried:
                yield return Family(tried) == AddressFamily.InterNetworkV6
                    ? Hint(s, "no_ipv6", Confidence.Likely, $"{s.Ip} is an IPv6 address, and this machine has no way out over IPv6.", Tried(tried))
                    : Hint(s, "no_route", Confidence.Proved, $"This machine has no route to {s.Ip}.", Tried(tried));
                break;
            case CauseId.GatewayConnectDenied when s.TellingTry is { Errno: 13 } tried:
                yield return Hint(
                    s,
                    "selinux",
                    Confidence.Possible,
                    "A security module such as SELinux or AppArmor does not let ProxyGate make this connection.",
                    $"{Tried(tried)}: on a TCP connection \"permission denied\" comes from a security module or from a rule of this machine");
                break;
            case CauseId.GatewayConnectDenied when s.TellingTry is { Errno: 1 } tried:
                yield return Hint(
                    s,
                    "unit_sandbox",
                    Confidence.Possible,
                    "The settings of ProxyGate's own service or container do not let it make this connection.",
                    $"{Tried(tried)}: on a TCP connection \"operation not permitted\" comes from a sandbox or from a rule of this machine");
                break;
            case CauseId.GatewayPortsExhausted when s.TellingTry is { } tried:
                yield return Hint(
                    s,
                    "ephemeral_ports",
                    Confidence.Likely,
                    $"All local ports for connections to {s.Where} are in use, most of them probably by connections that have just been closed.",
                    Tried(tried));
                break;
            case CauseId.GatewayFdsExhausted when s.TellingTry?.Errno is 23 or 24 || s.Attempt.Errno is 23 or 24:
                yield return Hint(
                    s,
                    "fd_limit",
                    Confidence.Proved,
                    s.TellingTry?.Errno == 23 || s.Attempt.Errno == 23 ? "The whole machine is out of open files." : "ProxyGate's limit of open files is reached.",
                    s.TellingTry is { } t ? Tried(t) : $"{Errnos.Symbol(s.Attempt.Errno ?? 24)} on opening a connection");
                break;
            case CauseId.ListenBacklogFull when s.TellingTry is { Errno: 11 } tried:
                yield return Hint(s, "worker_pool_full", Confidence.Likely, "All workers of the app are busy, and the line of connections waiting for them is full.", Tried(tried));
                break;
            case CauseId.SocketPermissionDenied when s.TellingTry is { Errno: 13 } tried:
                yield return Hint(s, "socket_permissions", Confidence.Likely, "The rights of the socket file, or of a folder above it, keep ProxyGate's user out.", Tried(tried));
                break;
            case CauseId.ProxyLoop:
                yield return Hint(
                    s,
                    "loop",
                    Confidence.Proved,
                    "The destination's address leads back to ProxyGate itself.",
                    "The request carries the mark this ProxyGate put on it when it forwarded it");
                break;
        }
    }

    private static Hint? Unreachable(Seen s, AddressTry tried) => tried switch
    {
        { DurationMs: <= RejectedWithinMs } => Hint(
            s,
            "firewall_reject",
            Confidence.Likely,
            $"A firewall rejects connections to {s.Where}: the answer came far too fast for a machine that is off.",
            $"{Tried(tried)}; a machine that is off is reported only after about 3 s"),
        { DurationMs: >= ResolutionGivesUpMs } => Hint(
            s,
            "host_down",
            Confidence.Likely,
            $"No machine has the address {s.Ip} on its network now: it is off, or has another address.",
            $"{Tried(tried)}: nobody answered to the question who has this address"),
        _ => null,
    };

    /// <summary>
    /// The name gave addresses of both families, and they did not end alike. It can be the reason only where the connection itself went
    /// wrong, or where another program than the app accepted it.
    /// </summary>
    private static Hint? LocalhostIpv6(Seen s)
    {
        if (s.Failure.Stage is not (Stage.Connect or Stage.Tls) && s.Failure.Cause.Id is not (CauseId.ResponseNotHttp or CauseId.PlainHttpToTlsPort)) return null;
        var tries = s.Attempt!.AddressesTried.Where(t => !t.Abandoned).ToArray();
        var v4 = tries.FirstOrDefault(t => Family(t) == AddressFamily.InterNetwork);
        var v6 = tries.FirstOrDefault(t => Family(t) == AddressFamily.InterNetworkV6);
        if (v4 is null || v6 is null || v4.Connected == v6.Connected) return null;
        var (good, bad) = v4.Connected ? (v4, v6) : (v6, v4);
        return Hint(
            s,
            "localhost_ipv6",
            s.Failure.Stage == Stage.Connect ? Confidence.Proved : Confidence.Possible,
            $"\"{s.Name}\" stands for an IPv4 and an IPv6 address, and they are not the same: {Seen.Short(good.Address)} accepts connections, {Seen.Short(bad.Address)} does not.",
            Tried(v4),
            Tried(v6));
    }

    private static AddressFamily Family(AddressTry tried) => IPEndPoint.TryParse(tried.Address, out var e) ? e.AddressFamily : AddressFamily.Unknown;

    private static string Tried(AddressTry tried)
    {
        var result = tried.Connected ? "connected" : tried.TimedOut ? "no answer"
            : tried.Errno is { } errno ? $"{Errnos.Words(errno)} ({Errnos.Symbol(errno)})" : tried.Error?.ToString() ?? "failed";
        return $"{Seen.Short(tried.Address)}: {result} after {Amounts.Time(tried.DurationMs)}";
    }
}
