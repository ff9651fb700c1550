using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>The way of the request as seven links, up to the one that did not hold. Always all seven, in this order.</summary>
internal static class Chain
{
    private const int Client = 0;
    private const int Gateway = 1;
    private const int Name = 2;
    private const int Tcp = 3;
    private const int Tls = 4;
    private const int Request = 5;
    private const int Answer = 6;

    public static IReadOnlyList<ChainLink> Of(Seen s)
    {
        var failed = Failed(s);
        var reached = s.Failure.Party == Party.Client ? Reached(s) : failed;
        var links = new ChainLink[7];
        for (var i = 0; i < links.Length; i++)
        {
            var (name, ms, detail, skipped) = Describe(s, i);
            var state = i == failed ? ChainState.Failed
                : i > reached ? ChainState.NotReached
                : skipped ? ChainState.Skipped
                : i == reached && failed == Client && i > Gateway ? ChainState.NotReached
                : ChainState.Passed;
            links[i] = new ChainLink(name, state, state == ChainState.NotReached ? null : ms, state == ChainState.NotReached ? "not reached" : detail);
        }

        return links;
    }

    private static int Failed(Seen s) => s.Failure switch
    {
        { Party: Party.Client, Cause.Id: not (CauseId.RouteNotFound or CauseId.DeniedByPolicy or CauseId.RateLimited) } => Client,
        { Cause.Id: CauseId.UpgradeIdleTimeout } => Answer,
        { Cause.Id: CauseId.GatewayInternalError } when s.Attempt is null => Gateway,
        { Stage: Stage.Route or Stage.Policy } => Gateway,
        { Stage: Stage.Dns } => Name,
        { Stage: Stage.Connect } => Tcp,
        { Stage: Stage.Tls } or { Cause.Id: CauseId.PlainHttpToTlsPort } => Tls,
        { Stage: Stage.Send } => Request,
        _ when s.Attempt is null => Gateway,
        _ when s.Attempt is { RequestNumber: 0, End: AttemptEnd.ConnectFailed } => Tcp,
        _ => Answer,
    };

    /// <summary>How far the attempt had come when the client ended it: the first link that was not complete.</summary>
    private static int Reached(Seen s) => s.Attempt switch
    {
        null => s.Request.Decision != GatewayDecision.None || s.Request.Route is null ? Failed(s) : Gateway,
        { RequestNumber: 0, Tls: not null } => Tls,
        { RequestNumber: 0, AddressesTried.Count: > 0 } => Tcp,
        { RequestNumber: 0 } => s.Destination.IsLiteral || s.Destination.IsUnixSocket ? Tcp : Name,
        { RequestComplete: false } => Request,
        _ => Answer,
    };

    private static (string Name, double? Ms, string Detail, bool Skipped) Describe(Seen s, int link)
    {
        var a = s.Attempt;
        return link switch
        {
            Client => ("client", null, ClientDetail(s), false),
            Gateway => ("gateway", null, GatewayDetail(s), false),
            Name => a?.Reused == true ? ("name", null, "connection kept from before", true)
                : s.Destination.IsUnixSocket || s.Destination.IsLiteral || a?.Dns is null ? ("name", null, "nothing to look up", true)
                : ("name", a.Dns.DurationMs, NameDetail(a.Dns), false),
            Tcp => a?.Reused == true ? ("tcp", null, a.IdleMs is { } idle ? $"kept open, idle {Amounts.Time(idle)}" : "kept open", true)
                : ("tcp", TcpMs(s), TcpDetail(s), false),
            Tls => TlsLink(s),
            Request => ("request", a?.SendMs, RequestDetail(s), false),
            _ => ("answer", s.Failure.Stage is Stage.Head or Stage.Upgrade && a?.FirstByteMs is null ? s.AfterRequestMs : a?.FirstByteMs, AnswerDetail(s), false),
        };
    }

    private static string ClientDetail(Seen s) => s.Failure.Cause.Id switch
    {
        CauseId.ClientDisconnected => $"went away after {Amounts.Time(s.Request.DurationMs)}",
        CauseId.ClientBodyFailed => "its request broke off",
        CauseId.ClientBodyTimeout or CauseId.ClientHeadTimeout => "its request did not come in time",
        CauseId.ClientReadTimeout => "took the answer too slowly",
        CauseId.ClientRequestMalformed => "its request breaks the rules",
        CauseId.ClientRequestTooLarge => "its request is too large",
        CauseId.UpgradeBroken when s.Failure.Party == Party.Client => "broke the connection off",
        _ => s.RequestLine,
    };

    private static string GatewayDetail(Seen s) => s.Failure switch
    {
        { Cause.Id: CauseId.RouteNotFound } => "no route matches",
        { Stage: Stage.Route or Stage.Policy } when !string.IsNullOrEmpty(s.Request.DecisionDetail) => Seen.Short(s.Request.DecisionDetail),
        { Cause.Id: CauseId.GatewayInternalError } => "failed",
        { Cause.Id: CauseId.DestinationForbidden } => "the address is not allowed",
        { Cause.Id: CauseId.ProxyLoop } => "the request came back",
        _ => s.Request.Route is { } route ? $"route {Seen.Short(route)}" : "no route",
    };

    private static string NameDetail(DnsFacts dns) => dns switch
    {
        { TimedOut: true } => "no answer",
        { Error: not null } => "no address",
        { Addresses.Count: 1 } => Seen.Short(dns.Addresses[0]),
        { Addresses.Count: var n } => Amounts.Count(n, "address", "addresses"),
    };

    private static double? TcpMs(Seen s) => s.TellingTry?.DurationMs ?? s.Attempt?.ConnectMs;

    private static string TcpDetail(Seen s)
    {
        var tried = s.TellingTry;
        var where = tried?.Address ?? s.Attempt?.Address ?? s.Destination.HostPort;
        var result = tried switch
        {
            { Connected: true } or null => "",
            { TimedOut: true } => ": no answer",
            { Errno: { } errno } => $": {Errnos.Words(errno)}",
            { Error: { } error } => $": {error}",
            _ => "",
        };
        return Seen.Short(where) + result;
    }

    private static (string, double?, string, bool) TlsLink(Seen s)
    {
        var a = s.Attempt;
        if (s.Failure.Cause.Id == CauseId.PlainHttpToTlsPort) return ("tls", null, "needed here, but http is configured", false);
        if (a is { UsesTls: false }) return ("tls", null, "plain http is configured", true);
        if (a?.Reused == true && s.Failure.Stage != Stage.Tls) return ("tls", null, "kept from before", true);
        var tls = a?.Tls;
        var detail = tls switch
        {
            null => "",
            { PeerIsNotTls: true } => "the other side does not speak TLS",
            { Problems.Count: > 0 } => "certificate: " + string.Join(", ", tls.Problems.Select(Events.ContractNames.Of)).Replace('_', ' '),
            { AlertReceived: { } alert } when s.Failure.Stage == Stage.Tls => ProtocolNames.Alert(alert),
            { Version: { } version } => tls.Alpn is { Length: > 0 } alpn ? $"{ProtocolNames.Tls(version)}, {Seen.Short(alpn)}" : ProtocolNames.Tls(version),
            _ => s.Attempt?.TimedOut == TimeoutPhase.Tls ? "did not finish" : "ended by the other side",
        };
        return ("tls", tls?.HandshakeMs, detail, false);
    }

    private static string RequestDetail(Seen s) => s.Attempt is { } a
        ? a.RequestComplete ? $"{Amounts.Bytes(a.BytesSent)} sent" : $"{Amounts.Bytes(a.BytesSent)} sent, not all"
        : "";

    private static string AnswerDetail(Seen s) => s.Attempt switch
    {
        null => "",
        { Body: { ContentLength: { } length } body } when s.Failure.Stage == Stage.Body => $"{Amounts.Bytes(body.BytesReceived)} of {Amounts.Bytes(length)}",
        { Body: { } body } when s.Failure.Stage == Stage.Body => $"{Amounts.Bytes(body.BytesReceived)}, then broken",
        { UpstreamStatus: { } status } => Amounts.Invariant($"status {status}"),
        { BytesReceived: 0, TimedOut: not TimeoutPhase.None } => $"none within {s.Limit}",
        { BytesReceived: 0 } => "none",
        { BytesReceived: var got } => $"{Amounts.Bytes(got)}, unusable",
    };
}
