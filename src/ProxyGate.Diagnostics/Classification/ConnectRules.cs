using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>No connection: the name, or every address of it, failed.</summary>
internal static class ConnectRules
{
    public static Verdict Dns(AttemptFacts attempt) => (attempt.Dns?.Error ?? attempt.SocketError) switch
    {
        _ when attempt.Dns?.TimedOut == true => new Verdict(CauseId.DnsTimeout),
        SocketError.HostNotFound or SocketError.NoData => new Verdict(CauseId.DnsNotFound),
        SocketError.AddressFamilyNotSupported => new Verdict(CauseId.DnsNoUsableAddress),
        _ => new Verdict(CauseId.DnsFailed),
    };

    public static Verdict Connect(AttemptFacts attempt)
    {
        if (attempt.IsUnixSocket) return Unix(attempt.AddressesTried.Count > 0 ? attempt.AddressesTried[0] : null, attempt.SocketError);
        var tries = attempt.AddressesTried.Where(t => !t.Connected && !t.Abandoned).ToArray();
        if (tries.Length == 0) return Tcp(attempt.SocketError, attempt.TimedOut == TimeoutPhase.Connect);
        if (attempt.Dns is { Error: null } && tries.All(IsUnroutable) && OneFamily(tries)) return new Verdict(CauseId.DnsNoUsableAddress);

        // With several addresses, the one that says most about what to do: a host that is there and refuses, over one
        // that is silent (likely the name's other family or a dead twin), over one that no route leads to.
        var telling = tries.MinBy(Rank)!;
        var verdict = Tcp(telling.Error, telling.TimedOut);
        return tries.Select(t => Tcp(t.Error, t.TimedOut).Cause).Distinct().Count() > 1 ? verdict with { Confidence = Confidence.Likely } : verdict;
    }

    private static bool IsUnroutable(AddressTry t) => t.Error is SocketError.NetworkUnreachable or SocketError.AddressFamilyNotSupported;

    private static bool OneFamily(AddressTry[] tries) =>
        tries.Select(t => IPEndPoint.TryParse(t.Address, out var e) ? e.AddressFamily : AddressFamily.Unknown).Distinct().Count() == 1
        && tries.All(t => IPEndPoint.TryParse(t.Address, out var e) && e.AddressFamily == AddressFamily.InterNetworkV6);

    private static int Rank(AddressTry t) => Tcp(t.Error, t.TimedOut).Cause switch
    {
        CauseId.GatewayFdsExhausted or CauseId.GatewayPortsExhausted or CauseId.GatewayConnectDenied => 0,
        CauseId.ConnectRefused or CauseId.ConnectReset => 1,
        CauseId.ConnectTimeout => 2,
        CauseId.HostUnreachable => 3,
        CauseId.NetworkUnreachable or CauseId.DnsNoUsableAddress => 4,
        _ => 5,
    };

    private static Verdict Tcp(SocketError? error, bool timedOut) => error switch
    {
        _ when timedOut => new Verdict(CauseId.ConnectTimeout),
        SocketError.ConnectionRefused => new Verdict(CauseId.ConnectRefused),
        SocketError.TimedOut => new Verdict(CauseId.ConnectTimeout),
        SocketError.HostUnreachable or SocketError.HostDown or SocketError.HostNotFound => new Verdict(CauseId.HostUnreachable),
        SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.InvalidArgument => new Verdict(CauseId.NetworkUnreachable),
        SocketError.ConnectionReset or SocketError.ConnectionAborted => new Verdict(CauseId.ConnectReset),
        SocketError.AddressNotAvailable or SocketError.AddressAlreadyInUse => new Verdict(CauseId.GatewayPortsExhausted),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit => new Verdict(CauseId.GatewayFdsExhausted),
        SocketError.AccessDenied or SocketError.OperationNotSupported => new Verdict(CauseId.GatewayConnectDenied),
        SocketError.AddressFamilyNotSupported => new Verdict(CauseId.DnsNoUsableAddress),
        _ => new Verdict(CauseId.Unclassified, Confidence.Possible, Stage.Connect, Party.Unknown),
    };

    private static Verdict Unix(AddressTry? tried, SocketError? error) => (tried?.Error ?? error) switch
    {
        _ when tried?.TimedOut == true => new Verdict(CauseId.ListenBacklogFull),
        // A missing path arrives from .NET as "address not available", which on TCP means something else altogether.
        SocketError.AddressNotAvailable => new Verdict(CauseId.SocketMissing),
        SocketError.AccessDenied => new Verdict(CauseId.SocketPermissionDenied),
        SocketError.WouldBlock or SocketError.TryAgain => new Verdict(CauseId.ListenBacklogFull),
        SocketError.ConnectionRefused => new Verdict(CauseId.ConnectRefused),
        SocketError.ConnectionReset => new Verdict(CauseId.ConnectReset),
        SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable or SocketError.ProcessLimit => new Verdict(CauseId.GatewayFdsExhausted),
        _ => new Verdict(CauseId.Unclassified, Confidence.Possible, Stage.Connect, Party.Unknown),
    };
}
