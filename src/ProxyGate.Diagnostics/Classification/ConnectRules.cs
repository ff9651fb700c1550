using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>No connection: the name, or every address of it, failed.</summary>
internal static class ConnectRules
{
    public static Verdict Dns(AttemptFacts attempt)
    {
        if (attempt.Dns is { TimedOut: true }) return new Verdict(CauseId.DnsTimeout);
        return (attempt.Dns?.Error ?? attempt.SocketError) switch
        {
            SocketError.HostNotFound or SocketError.NoData => new Verdict(CauseId.DnsNotFound),
            SocketError.TimedOut => new Verdict(CauseId.DnsTimeout),
            SocketError.AddressFamilyNotSupported => new Verdict(CauseId.DnsNoUsableAddress),
            null when attempt.Dns is { Addresses.Count: 0 } => new Verdict(CauseId.DnsNotFound),
            null => new Verdict(CauseId.DnsFailed, Confidence.Possible),
            _ => new Verdict(CauseId.DnsFailed),
        };
    }

    public static Verdict Connect(AttemptFacts attempt)
    {
        var tries = attempt.AddressesTried.Where(t => !t.Connected && !t.Abandoned).ToArray();
        if (tries.Length == 0)
        {
            tries = [new AddressTry { Address = attempt.Address ?? "", Error = attempt.SocketError, Errno = attempt.Errno, TimedOut = attempt.TimedOut == TimeoutPhase.Connect }];
        }

        if (attempt.IsUnixSocket) return Unix(tries[^1]);
        if (attempt.Dns is { Error: null } && Array.TrueForAll(tries, t => IsIPv6(t) && HasNoRoute(t)))
        {
            return new Verdict(CauseId.DnsNoUsableAddress, Array.TrueForAll(tries, t => ErrorOf(t) != SocketError.AddressNotAvailable) ? Confidence.Proved : Confidence.Likely);
        }

        // The last of the most telling ones; what others met besides makes it no longer the only reading.
        var telling = tries.Reverse().MinBy(Rank)!;
        var verdict = Tcp(telling);
        return Array.TrueForAll(tries, t => Tcp(t).Cause == verdict.Cause) || verdict.Confidence != Confidence.Proved
            ? verdict
            : verdict with { Confidence = Confidence.Likely };
    }

    /// <summary>
    /// With several addresses: what is wrong on our own host comes first (no address was really asked), then a host that answers no (the
    /// app is missing there), then the network's definite no, then silence. No route comes last: a host without IPv6 says so of every
    /// IPv6 address, whatever the trouble is.
    /// </summary>
    private static int Rank(AddressTry t) => Tcp(t).Cause switch
    {
        _ when HasNoRoute(t) => 4,
        CauseId.GatewayPortsExhausted or CauseId.GatewayFdsExhausted or CauseId.GatewayConnectDenied => 0,
        CauseId.ConnectRefused or CauseId.ConnectReset => 1,
        CauseId.HostUnreachable => 2,
        CauseId.ConnectTimeout => 3,
        _ => 5,
    };

    private static Verdict Tcp(AddressTry t) => ErrorOf(t) switch
    {
        _ when t.TimedOut => new Verdict(CauseId.ConnectTimeout),
        SocketError.ConnectionRefused => new Verdict(CauseId.ConnectRefused),
        SocketError.TimedOut => new Verdict(CauseId.ConnectTimeout),
        SocketError.HostUnreachable or SocketError.HostDown => new Verdict(CauseId.HostUnreachable),
        // A blackhole route answers EINVAL.
        SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.InvalidArgument => new Verdict(CauseId.NetworkUnreachable),
        SocketError.ConnectionReset or SocketError.ConnectionAborted => new Verdict(CauseId.ConnectReset),
        // Where IPv6 is switched off, connecting to an IPv6 address says "cannot assign requested address", just as a lack of ports does.
        SocketError.AddressNotAvailable when IsIPv6(t) => new Verdict(CauseId.NetworkUnreachable, Confidence.Likely),
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => new Verdict(CauseId.GatewayPortsExhausted),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit => new Verdict(CauseId.GatewayFdsExhausted),
        SocketError.AccessDenied => new Verdict(CauseId.GatewayConnectDenied),
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported => new Verdict(CauseId.DnsNoUsableAddress),
        _ => new Verdict(CauseId.Unclassified, Confidence.Possible, Stage.Connect),
    };

    private static Verdict Unix(AddressTry t) => ErrorOf(t) switch
    {
        // Connecting to a unix socket waits for nothing but a place in its queue.
        _ when t.TimedOut => new Verdict(CauseId.ListenBacklogFull),
        SocketError.WouldBlock or SocketError.TryAgain or SocketError.TimedOut => new Verdict(CauseId.ListenBacklogFull),
        // ENOENT arrives from .NET as "address not available", which on TCP means something else altogether.
        SocketError.AddressNotAvailable => new Verdict(CauseId.SocketMissing),
        SocketError.AccessDenied => new Verdict(CauseId.SocketPermissionDenied),
        SocketError.ConnectionRefused => new Verdict(CauseId.ConnectRefused),
        SocketError.ConnectionReset or SocketError.ConnectionAborted => new Verdict(CauseId.ConnectReset),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit => new Verdict(CauseId.GatewayFdsExhausted),
        // A socket, but not one of streams.
        SocketError.ProtocolType => new Verdict(CauseId.GatewayConfigInvalid, Stage: Stage.Connect),
        _ => new Verdict(CauseId.Unclassified, Confidence.Possible, Stage.Connect),
    };

    private static bool HasNoRoute(AddressTry t) => ErrorOf(t) switch
    {
        _ when t.TimedOut => false,
        SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported or SocketError.ProtocolFamilyNotSupported => true,
        SocketError.AddressNotAvailable => IsIPv6(t),
        _ => false,
    };

    private static bool IsIPv6(AddressTry t) =>
        IPEndPoint.TryParse(t.Address, out var endPoint) && endPoint.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>.NET's name; what the number says where .NET has none for it.</summary>
    private static SocketError? ErrorOf(AddressTry t) => t.Error is not (null or SocketError.Success or SocketError.SocketError) ? t.Error : t.Errno switch
    {
        // ENOTDIR: a part of the path is no folder, so there is no such socket. Only files have paths.
        20 => SocketError.AddressNotAvailable,
        { } errno when Errno.Named(errno) is not (SocketError.Success or SocketError.SocketError) and var named => named,
        _ => null,
    };
}
