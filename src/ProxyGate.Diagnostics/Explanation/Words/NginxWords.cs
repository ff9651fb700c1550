using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>
/// What nginx writes to its error log in the same case: message, "while" action, and the fields that follow. Empty where nginx logs no error.
/// </summary>
internal static class NginxWords
{
    private const string Connecting = "connecting to upstream";
    private const string Handshaking = "SSL handshaking to upstream";
    private const string Sending = "sending request to upstream";
    private const string ReadingHead = "reading response header from upstream";
    private const string ReadingBody = "reading upstream";
    private const string Tunnel = "proxying upgraded connection";
    private const string ReadingClient = "reading client request body";
    private const string ReadingClientHead = "reading client request headers";

    public static string Of(Seen s)
    {
        var (message, action) = Line(s);
        return message.Length == 0 ? "" : action is null ? message + Fields(s) : $"{message} while {action}{Fields(s)}";
    }

    private static (string Message, string? Action) Line(Seen s) => s.Failure.Cause.Id switch
    {
        CauseId.NoDestinationsConfigured => ("no upstream configuration", Connecting),
        CauseId.NoHealthyDestination or CauseId.CircuitOpen or CauseId.DestinationLimitReached => ("no live upstreams", Connecting),
        CauseId.GatewayOverloaded or CauseId.ProxyLoop => ("1024 worker_connections are not enough", Connecting),
        CauseId.GatewayConfigInvalid => ($"invalid URL prefix in \"{Seen.Short(s.Attempt?.DestinationUrl ?? "")}\"", null),
        CauseId.DnsNotFound => ($"{s.Name} could not be resolved (3: Host not found)", null),
        CauseId.DnsFailed => ($"{s.Name} could not be resolved (2: Server failure)", null),
        CauseId.DnsTimeout => ($"{s.Name} could not be resolved (110: Operation timed out)", null),
        CauseId.DnsNoUsableAddress => (Connect(s, 101), Connecting),
        CauseId.GatewayPortsExhausted => (Connect(s, 99), Connecting),
        CauseId.GatewayFdsExhausted => ($"socket() failed ({Errno(s, 24)})", Connecting),
        CauseId.GatewayConnectDenied or CauseId.SocketPermissionDenied => (Connect(s, 13), Connecting),
        CauseId.ConnectRefused => (Connect(s, 111), Connecting),
        CauseId.ConnectTimeout => (TimedOut, Connecting),
        CauseId.HostUnreachable => (Connect(s, 113), Connecting),
        CauseId.NetworkUnreachable => (Connect(s, 101), Connecting),
        CauseId.SocketMissing => (Connect(s, 2), Connecting),
        CauseId.ListenBacklogFull => s.Destination.IsUnixSocket ? (Connect(s, 11), Connecting) : (TimedOut, Connecting),
        CauseId.ConnectReset => (Reset, ReadingHead),
        CauseId.TlsToPlainHttpPort => (Handshake("error:0A00010B:SSL routines::wrong version number"), Handshaking),
        CauseId.PlainHttpToTlsPort => s.Attempt?.HeadDefect == HeadDefect.PlainHttpToTlsPage ? ("", null) : (NoValidHeader, ReadingHead),
        CauseId.TlsHandshakeTimeout => (TimedOut, Handshaking),
        CauseId.TlsHandshakeClosed => s.Attempt?.Errno == 104 ? (Handshake(Errnos.NginxForm(104)), Handshaking) : ("peer closed connection in SSL handshake", Handshaking),
        CauseId.TlsVersionOrCipherMismatch or CauseId.TlsSniRejected or CauseId.TlsAlertReceived => (Handshake(AlertText(s)), Handshaking),
        CauseId.TlsCertExpired => (Verify("10:certificate has expired"), Handshaking),
        CauseId.TlsCertNotYetValid => (Verify("9:certificate is not yet valid"), Handshaking),
        CauseId.TlsCertNameMismatch => ($"upstream SSL certificate does not match \"{Seen.Short(s.Tls?.ServerName ?? s.Destination.Host)}\"", Handshaking),
        CauseId.TlsCertUntrusted => (Verify(Untrusted(s)), Handshaking),
        CauseId.TlsCertRevoked => (Verify("23:certificate revoked"), Handshaking),
        CauseId.TlsClientCertRequired => s.Attempt?.HeadDefect == HeadDefect.ClientCertificatePage ? ("", null)
            : s.Tls?.AlertReceived is not null ? (Handshake(AlertText(s)), s.Tls.Completed ? ReadingHead : Handshaking) : (Closed, ReadingHead),
        CauseId.RequestSendTimeout => (TimedOut, Sending),
        CauseId.RequestSendFailed => ($"writev() failed ({Errno(s, 32)})", Sending),
        CauseId.UpstreamClosedWithoutResponse or CauseId.ResponseHeadIncomplete when s.Attempt?.End == AttemptEnd.PeerReset => (Reset, ReadingHead),
        CauseId.UpstreamClosedWithoutResponse or CauseId.ResponseHeadIncomplete or CauseId.UpstreamProcessExited or CauseId.UpstreamOomKilled => (Closed, ReadingHead),
        CauseId.UpstreamResetWithoutResponse => (Reset, ReadingHead),
        CauseId.StaleConnection => (s.Attempt?.End == AttemptEnd.PeerReset ? Reset : Closed, ReadingHead),
        CauseId.UpstreamRestarting or CauseId.UpstreamStarting => s.Attempt?.RequestNumber > 0 ? (Closed, ReadingHead) : (Connect(s, 111), Connecting),
        CauseId.ResponseTimeout => (TimedOut, ReadingHead),
        CauseId.ResponseNotHttp => (NoValidHeader, ReadingHead),
        CauseId.ResponseHeadMalformed => (Malformed(s), ReadingHead),
        CauseId.ResponseHeadTooLarge => ("upstream sent too big header", ReadingHead),
        CauseId.ResponseFramingConflict => (s.Attempt?.HeadDefect == HeadDefect.ContentLengthInvalid
            ? "upstream sent invalid \"Content-Length\" header"
            : "upstream sent \"Content-Length\" and \"Transfer-Encoding\" headers at the same time", ReadingHead),
        CauseId.ResponseCodingUnknown => ($"upstream sent unknown \"Transfer-Encoding\": \"{Seen.Short(s.Attempt?.DefectDetail ?? "")}\"", ReadingHead),
        CauseId.Http2ProtocolError => s.Http2 is { FromPeer: true } ? (Rejected(s), ReadingHead) : ("upstream sent invalid http2 frame", ReadingHead),
        CauseId.Http2GoawayOrRefused => s.Http2 is { GoAway: true } ? (Amounts.Invariant($"upstream sent goaway with error {s.Http2.GoAwayCode ?? 0}"), ReadingHead) : (Rejected(s), ReadingHead),
        CauseId.Http2StreamReset => (Rejected(s), s.Body is null ? ReadingHead : ReadingBody),
        CauseId.HttpVersionMismatch => s.Attempt?.HeadDefect == HeadDefect.Http2OnlyPage ? ("", null)
            : s.Attempt?.Protocol is "h2" or "h2c" ? ("upstream sent too large http2 frame: 4740180", ReadingHead) : (NoValidHeader, ReadingHead),
        CauseId.ResponseBodyTruncated => (Closed, ReadingBody),
        CauseId.ResponseBodyReset => (Reset, ReadingBody),
        CauseId.ResponseBodyStalled => (TimedOut, ReadingBody),
        CauseId.ResponseChunkInvalid => ("upstream sent invalid chunked response", ReadingBody),
        CauseId.ResponseEncodingInvalid => ("inflate() failed: -3", ReadingBody),
        CauseId.UpgradeIdleTimeout => (TimedOut, Tunnel),
        CauseId.UpgradeBroken => (Reset, Tunnel),
        CauseId.ClientDisconnected => ("client prematurely closed connection, so upstream connection is closed too", Waiting(s)),
        CauseId.ClientBodyFailed => ("client prematurely closed connection", ReadingClient),
        CauseId.ClientBodyTimeout => ("client timed out (110: Connection timed out)", ReadingClient),
        CauseId.ClientReadTimeout => ("client timed out (110: Connection timed out)", "sending to client"),
        CauseId.ClientHeadTimeout => ("client timed out (110: Connection timed out)", ReadingClientHead),
        CauseId.ClientRequestMalformed => ("client sent invalid request", ReadingClientHead),
        CauseId.ClientRequestTooLarge => s.Request.ClientFaultStatus switch
        {
            414 => ("client sent too long URI", ReadingClientHead),
            431 => ("client sent too large request", ReadingClientHead),
            _ => ("client intended to send too large body", null),
        },
        CauseId.AuthServiceFailed => ("auth request unexpected status", null),
        CauseId.DeniedByPolicy => ("access forbidden by rule", null),
        CauseId.RateLimited => ("limiting requests", null),
        _ => ("", null),
    };

    private const string TimedOut = "upstream timed out (110: Connection timed out)";
    private const string Reset = "recv() failed (104: Connection reset by peer)";
    private const string Closed = "upstream prematurely closed connection";
    private const string NoValidHeader = "upstream sent no valid HTTP/1.0 header";

    private static string Connect(Seen s, int usual) => s.Destination.SocketPath is { } path
        ? $"connect() to unix:{Seen.Short(path)} failed ({Errno(s, usual)})"
        : $"connect() failed ({Errno(s, usual)})";

    private static string Errno(Seen s, int usual) => Errnos.NginxForm(s.TellingTry is { Connected: false, Errno: { } tried } ? tried : s.Attempt?.Errno ?? usual);

    private static string Handshake(string text) => $"SSL_do_handshake() failed (SSL: {text})";

    private static string Verify(string text) => $"upstream SSL certificate verify error: ({text})";

    private static string AlertText(Seen s) => s.Tls?.AlertReceived is { } alert
        ? Amounts.Invariant($"tlsv1 alert {ProtocolNames.Alert(alert).Replace('_', ' ')}:SSL alert number {alert}")
        : "tlsv1 alert";

    private static string Untrusted(Seen s) => s.Tls?.Problems.Contains(CertificateProblem.SelfSigned) == true ? "18:self-signed certificate"
        : s.Tls?.Problems.Contains(CertificateProblem.MissingIntermediate) == true ? "21:unable to verify the first certificate"
        : "20:unable to get local issuer certificate";

    private static string Malformed(Seen s) => s.Attempt?.HeadDefect switch
    {
        HeadDefect.StatusLineMalformed or HeadDefect.VersionUnsupported => NoValidHeader,
        HeadDefect.StatusOutOfRange => $"upstream sent invalid status \"{Seen.Short(s.Attempt.DefectDetail ?? "")}\"",
        _ => $"upstream sent invalid header: \"{Seen.Short(s.Attempt?.DefectDetail ?? "")}\"",
    };

    private static string Rejected(Seen s) => Amounts.Invariant($"upstream rejected request with error {s.Http2?.ErrorCode ?? 0}");

    private static string Waiting(Seen s) => s.Attempt switch
    {
        null or { RequestNumber: 0 } => Connecting,
        { Body: not null } => ReadingBody,
        { RequestComplete: false } => Sending,
        _ => ReadingHead,
    };

    private static string Fields(Seen s)
    {
        var protocol = s.Request.Protocol.Length > 0 ? " " + HostileText.Line(s.Request.Protocol, 16) : "";
        var upstream = s.Attempt is null ? "" : $", upstream: \"{Upstream(s)}\"";
        var host = s.Request.Host.Length > 0 ? $", host: \"{Seen.Short(s.Request.Host)}\"" : "";
        return $", request: \"{s.RequestLine}{protocol}\"{upstream}{host}";
    }

    private static string Upstream(Seen s)
    {
        var scheme = s.Attempt!.UsesTls ? "https" : "http";
        var path = Seen.Short(s.Request.Path);
        return s.Destination.SocketPath is { } socket
            ? $"{scheme}://unix:{Seen.Short(socket)}:{path}"
            : $"{scheme}://{Seen.Short(s.Attempt.Address ?? s.TellingTry?.Address ?? s.Destination.HostPort)}{path}";
    }
}
