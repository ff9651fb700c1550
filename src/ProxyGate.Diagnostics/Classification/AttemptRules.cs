using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>Which rules judge an attempt: by how it ended.</summary>
internal static class AttemptRules
{
    /// <summary><c>null</c>: it was answered well.</summary>
    public static Verdict? Of(AttemptFacts attempt, RequestFacts request) => attempt.End switch
    {
        AttemptEnd.Answered => AnswerRules.Of(attempt),
        AttemptEnd.DnsFailed => ConnectRules.Dns(attempt),
        AttemptEnd.ConnectFailed => ConnectRules.Connect(attempt),
        AttemptEnd.TlsFailed => TlsRules.Handshake(attempt),
        AttemptEnd.VersionNotNegotiated => new Verdict(CauseId.HttpVersionNotNegotiated),
        AttemptEnd.AddressForbidden => new Verdict(CauseId.DestinationForbidden),
        AttemptEnd.DestinationInvalid => new Verdict(CauseId.GatewayConfigInvalid),
        AttemptEnd.PeerClosed or AttemptEnd.PeerReset => Ended(attempt),
        // Time ran out while the client was waited for: the attempt only ended with it.
        AttemptEnd.TimedOut when attempt.TimedOut == TimeoutPhase.Total && request.ClientFault is ClientFault.ReadTooSlowly or ClientFault.BodyTimedOut => RequestRules.Client(request, attempt),
        AttemptEnd.TimedOut => TimeoutRules.Of(attempt),
        AttemptEnd.HeadRefused => HeadRules.Refused(attempt),
        AttemptEnd.ChunkInvalid => new Verdict(CauseId.ResponseChunkInvalid),
        AttemptEnd.BodyTooLarge => new Verdict(CauseId.ResponseTooLarge),
        AttemptEnd.Http2Error => Http2Rules.Error(attempt),
        AttemptEnd.ClientGone => RequestRules.Client(request, attempt) ?? new Verdict(CauseId.ClientDisconnected, Stage: StageOf(attempt)),
        AttemptEnd.GatewayStopped => new Verdict(CauseId.GatewayDraining, Stage: StageOf(attempt)),
        AttemptEnd.GatewayFault => new Verdict(CauseId.GatewayInternalError, Stage: StageOf(attempt)),
        _ => Unknown(attempt),
    };

    /// <summary>How far an attempt had come.</summary>
    public static Stage StageOf(AttemptFacts attempt)
    {
        if (attempt.UpstreamStatus == 101) return Stage.Upgrade;
        if (attempt.Body is not null) return Stage.Body;
        if (attempt.RequestNumber == 0)
        {
            if (attempt.Tls is not null) return Stage.Tls;
            return attempt.AddressesTried.Count == 0 && attempt.Dns is not null ? Stage.Dns : Stage.Connect;
        }

        return attempt.RequestComplete || (attempt.BytesReceived > 0 && !Http2Rules.Spoken(attempt)) ? Stage.Head : Stage.Send;
    }

    /// <summary>Whether the upstream had switched protocols: what follows is no HTTP body.</summary>
    public static bool IsTunnel(AttemptFacts attempt) => attempt is { UpstreamStatus: 101, Body: not null };

    /// <summary>An established connection ended, by FIN, RST, or because the path to the peer is gone.</summary>
    private static Verdict Ended(AttemptFacts attempt)
    {
        if (IsTunnel(attempt)) return new Verdict(CauseId.UpgradeBroken);
        if (LostPath(attempt) is { } lost) return lost;
        return attempt.Body is null ? HeadRules.Ended(attempt) : BodyRules.Ended(attempt);
    }

    /// <summary>The kernel gave the connection up: nobody reset it, nothing came back any more.</summary>
    private static Verdict? LostPath(AttemptFacts attempt)
    {
        var stage = StageOf(attempt);
        return attempt.SocketError switch
        {
            SocketError.TimedOut => new Verdict(
                stage switch { Stage.Body => CauseId.ResponseBodyStalled, Stage.Send => CauseId.RequestSendTimeout, _ => CauseId.ResponseTimeout },
                Stage: stage,
                Party: Party.Network),
            SocketError.HostUnreachable or SocketError.HostDown => new Verdict(CauseId.HostUnreachable, Stage: stage),
            SocketError.NetworkUnreachable or SocketError.NetworkDown => new Verdict(CauseId.NetworkUnreachable, Stage: stage),
            _ => null,
        };
    }

    /// <summary>Nothing of ours named the end: what the platform's own numbers say, or plainly nothing.</summary>
    private static Verdict Unknown(AttemptFacts attempt)
    {
        var stage = StageOf(attempt);
        var unknown = new Verdict(CauseId.Unclassified, Confidence.Possible, stage);
        var verdict = attempt.HttpError switch
        {
            HttpRequestError.NameResolutionError => ConnectRules.Dns(attempt),
            HttpRequestError.ConnectionError when attempt.RequestNumber == 0 => ConnectRules.Connect(attempt),
            HttpRequestError.SecureConnectionError => TlsRules.Handshake(attempt),
            HttpRequestError.VersionNegotiationError => new Verdict(CauseId.HttpVersionNotNegotiated),
            HttpRequestError.HttpProtocolError => Http2Rules.Error(attempt),
            HttpRequestError.ExtendedConnectNotSupported => new Verdict(CauseId.UpgradeFailed),
            HttpRequestError.InvalidResponse => new Verdict(attempt.Body is null ? CauseId.ResponseHeadMalformed : CauseId.ResponseChunkInvalid),
            HttpRequestError.ConfigurationLimitExceeded => new Verdict(CauseId.ResponseHeadTooLarge),
            HttpRequestError.ResponseEnded => Ended(attempt with { End = AttemptEnd.PeerClosed }),
            _ => attempt.SocketError switch
            {
                null or SocketError.Success or SocketError.OperationAborted => unknown,
                _ when attempt.RequestNumber == 0 => attempt.Tls is null ? ConnectRules.Connect(attempt) : TlsRules.Handshake(attempt),
                SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown or SocketError.TimedOut
                    or SocketError.HostUnreachable or SocketError.HostDown or SocketError.NetworkUnreachable or SocketError.NetworkDown
                    => Ended(attempt with { End = AttemptEnd.PeerReset }),
                _ => unknown,
            },
        };
        // Second-hand numbers are never more than likely.
        return verdict.Confidence == Confidence.Proved ? verdict with { Confidence = Confidence.Likely } : verdict;
    }
}
