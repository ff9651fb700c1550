using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>The recorded facts as lines of the form <c>what: value</c>, in the order of the request's life. Only what was seen.</summary>
internal static class EvidenceLines
{
    private const int MaxAddresses = 8;

    public static IReadOnlyList<string> Of(Seen s)
    {
        var lines = new List<string>();
        AddRequest(lines, s);
        if (s.Attempt is { } a)
        {
            AddConnection(lines, s, a);
            if (a.Tls is { } tls) AddTls(lines, tls);
            AddExchange(lines, s, a);
            if (a.Http2 is { } http2) AddHttp2(lines, http2);
            if (a.Tcp is { } tcp) AddTcp(lines, tcp);
            if (a.Message is { Length: > 0 } message) lines.Add($"Error text: {HostileText.Line(message, 400)}");
        }

        if (s.Request.GatewayFault is { Length: > 0 } fault) lines.Add($"Exception: {HostileText.Line(fault, 600)}");
        return lines;
    }

    private static void AddRequest(List<string> lines, Seen s)
    {
        var r = s.Request;
        lines.Add($"Request: {s.RequestLine}, host {Seen.Short(r.Host)}, {Seen.Short(r.Protocol)}");
        lines.Add($"Route: {(r.Route is null ? "none" : Seen.Short(r.Route))}, cluster {(r.Cluster is null ? "none" : Seen.Short(r.Cluster))}");
        if (r.Decision != GatewayDecision.None) lines.Add($"Gateway's decision: {r.Decision}{(r.DecisionDetail is null ? "" : $" ({Seen.Short(r.DecisionDetail)})")}");
        foreach (var d in r.Unhealthy.Take(MaxAddresses))
            lines.Add($"Out of use: {Seen.Short(d.Destination)} at {Seen.Short(d.Url)} for {Amounts.Time(d.ForMs)}, by its {(d.ByRequests ? "requests" : "health checks")}, {Seen.Short(d.Cause)}: {HostileText.Line(d.Words, 400)}");
        if (r.Unhealthy.Count > MaxAddresses) lines.Add($"Out of use: {r.Unhealthy.Count - MaxAddresses} more");
        if (r.ClientFault != ClientFault.None) lines.Add($"Client: {r.ClientFault}{(r.ClientFaultStatus is { } status ? Amounts.Invariant($", status {status}") : "")}");
        if (r.RequestBytes > 0) lines.Add($"Request body read from the client: {Amounts.Bytes(r.RequestBytes)}");
        if (r.TunnelEnd != TunnelEnd.None) lines.Add($"Live connection ended by: {r.TunnelEnd}");
        if (r.OpenCircuit is { } circuit) lines.Add(Circuit(circuit));
        if (r.OpenCircuit is not null && s.Context is { Before: [var before, ..] } c) lines.Add($"What that met, at {Amounts.Clock(before.At, c.Now)}: {HostileText.Line(before.Sentence, 500)}");
        if (Words.RetryWords.NotTriedAgain(s) is { } why) lines.Add(why);
        if (s.Attempts.Count > 1) lines.Add($"Attempts: {s.Attempts.Count}; what follows is attempt {s.Attempt?.Number ?? 0}");
    }

    private static string Circuit(OpenCircuitFacts c) =>
        $"What came before: {c.Cause ?? "failures"} at destination {Seen.Short(c.Destination)}, left alone since {Amounts.Moment(c.Since)}"
        + (c.Incident is null ? "" : $", incident {Seen.Short(c.Incident)}") + (c.FailureId is null ? "" : $", failure {Seen.Short(c.FailureId)}");

    private static void AddConnection(List<string> lines, Seen s, AttemptFacts a)
    {
        lines.Add($"Destination: {Seen.Short(a.Destination)} at {Url(s)}");
        if (a.Dns is { } dns)
        {
            var answer = dns.TimedOut ? "no answer" : dns.Error is { } error ? $"failed ({error})" : string.Join(", ", dns.Addresses.Take(MaxAddresses).Select(Seen.Short));
            lines.Add($"Name look-up: {Seen.Short(dns.Host)} → {answer}, {Amounts.Time(dns.DurationMs)}");
        }

        foreach (var tried in a.AddressesTried.Take(MaxAddresses))
        {
            lines.Add($"Address tried: {Seen.Short(tried.Address)} → {Result(tried)}, {Amounts.Time(tried.DurationMs)}");
        }

        if (a.AddressesTried.Count > MaxAddresses) lines.Add($"Addresses tried: {a.AddressesTried.Count - MaxAddresses} more");
        if (a.RequestNumber > 0)
        {
            lines.Add(a.RequestNumber == 1
                ? "Connection: fresh, this was its first request"
                : $"Connection: reused, this was request number {a.RequestNumber} on it{(a.IdleMs is { } idle ? $", idle for {Amounts.Time(idle)} before" : "")}");
        }
    }

    private static string Result(AddressTry tried) => tried switch
    {
        { Connected: true } => "connected",
        { TimedOut: true } => "no answer",
        { Errno: { } errno } => $"{Errnos.Words(errno)} ({Errnos.Symbol(errno)}, errno {errno})",
        { Error: { } error } => error.ToString(),
        { Abandoned: true } => "given up, another address was faster",
        _ => "failed",
    };

    private static void AddTls(List<string> lines, TlsFacts tls)
    {
        var name = tls.ServerName is { } sent ? $"name asked for {Seen.Short(sent)}" : "no name asked for";
        var agreed = tls.Version is null ? "" : $", {ProtocolNames.Tls(tls.Version)}{(tls.Cipher is null ? "" : $", {tls.Cipher}")}{(tls.Alpn is { Length: > 0 } alpn ? $", ALPN {Seen.Short(alpn)}" : "")}";
        lines.Add($"TLS: {(tls.Completed ? "handshake complete" : "handshake not complete")}, {name}{agreed}{(tls.HandshakeMs is { } ms ? $", {Amounts.Time(ms)}" : "")}");
        if (tls.AlertReceived is { } alert) lines.Add($"TLS alert received: {alert} ({ProtocolNames.Alert(alert)})");
        if (tls.ClientCertificateRequested) lines.Add($"Client certificate: asked for, {(tls.ClientCertificateSent ? "sent" : "none configured, none sent")}");
        if (tls.Certificate is { } c)
        {
            lines.Add($"Certificate: subject {Seen.Short(c.Subject)}, issuer {Seen.Short(c.Issuer)}");
            lines.Add($"Certificate names: {(c.Names.Count == 0 ? "none" : string.Join(", ", c.Names.Take(MaxAddresses).Select(Seen.Short)))}");
            lines.Add($"Certificate valid: {Amounts.Moment(c.NotBefore)} to {Amounts.Moment(c.NotAfter)}; {Amounts.Count(c.ChainLength, "certificate", "certificates")} sent");
        }

        if (tls.Problems.Count > 0) lines.Add($"Certificate problems: {string.Join(", ", tls.Problems.Select(ContractNames.Of))}");
    }

    private static void AddExchange(List<string> lines, Seen s, AttemptFacts a)
    {
        if (a.BytesSent > 0 || a.RequestNumber > 0)
        {
            lines.Add($"Sent: {Amounts.Bytes(a.BytesSent)}{(a.BodyBytesSent > 0 ? $", {Amounts.Bytes(a.BodyBytesSent)} of them body" : "")}; request {(a.RequestComplete ? "complete" : "not complete")}");
            lines.Add($"Received: {Amounts.Bytes(a.BytesReceived)}{(a.FirstByteMs is { } first ? $", the first after {Amounts.Time(first)}" : "")}");
        }

        if (a.FirstBytes.Length > 0)
        {
            lines.Add($"First bytes: \"{RawBytes.Text(a.FirstBytes)}\" ({s.FirstBytesAre})");
            lines.Add($"First bytes in hex: {RawBytes.Hex(a.FirstBytes)}");
        }

        if (a.UpstreamStatus is { } status) lines.Add(Amounts.Invariant($"Upstream's status: {status}"));
        if (a.UpstreamIdentity is { } who)
        {
            var named = string.Join(", ", new[] { ("Server", who.Server), ("Via", who.Via), ("Proxy-Status", who.ProxyStatus) }
                .Where(f => !string.IsNullOrEmpty(f.Item2)).Select(f => $"{f.Item1} \"{Seen.Short(f.Item2!)}\""));
            if (named.Length > 0) lines.Add($"Upstream names itself: {named}");
        }

        if (a.Body is { } body)
        {
            var framing = body.ContentLength is { } length ? $"Content-Length {length}" : body.Chunked ? "chunked" : "until the connection closes";
            lines.Add($"Answer's body: {Amounts.Bytes(body.BytesReceived)} received, framed by {framing}");
        }

        if (a.HeadDefect != HeadDefect.None) lines.Add($"Answer's head: {ContractNames.Of(a.HeadDefect)}{(string.IsNullOrEmpty(a.DefectDetail) ? "" : $" ({Seen.Short(a.DefectDetail)})")}");
        if (a.TimedOut != TimeoutPhase.None) lines.Add($"Limit passed: {ContractNames.Of(a.TimedOut)}{(a.TimeoutMs is { } limit ? $", {Amounts.Time(limit)}" : "")}");
        var numbers = string.Join(", ", new[]
        {
            a.Errno is { } errno ? Amounts.Invariant($"{Errnos.Symbol(errno)} (errno {errno})") : null,
            a.SocketError?.ToString(),
            a.HttpError is { } http ? $"HttpRequestError.{http}" : null,
        }.Where(n => n is not null));
        lines.Add($"Ended: {ContractNames.Of(a.End)} after {Amounts.Time(a.DurationMs)}{(numbers.Length > 0 ? $", {numbers}" : "")}");
    }

    private static void AddHttp2(List<string> lines, Http2Facts http2)
    {
        var code = http2.ErrorCode is { } error ? $", {ProtocolNames.Http2Error(error)} {(http2.FromPeer ? "from the upstream" : "from ProxyGate")}" : "";
        lines.Add($"HTTP/2: settings {(http2.SettingsReceived ? "received" : "not received")}{code}{(http2.NotProcessed ? ", not processed" : "")}{(http2.PeerIsNotHttp2 ? ", first bytes are no HTTP/2" : "")}");
        if (http2.GoAway)
        {
            lines.Add(Amounts.Invariant($"HTTP/2 GOAWAY: {(http2.GoAwayCode is { } c ? ProtocolNames.Http2Error(c) : "no code")}, last stream {http2.GoAwayLastStreamId ?? 0}")
                + (string.IsNullOrEmpty(http2.GoAwayDebug) ? "" : $", text \"{Seen.Short(http2.GoAwayDebug)}\""));
        }
    }

    private static void AddTcp(List<string> lines, TcpFacts tcp) =>
        lines.Add(Amounts.Invariant($"TCP at the failure: {Seen.Short(tcp.State)}, {tcp.RequestBytesAcked} of {tcp.RequestBytesOnWire} bytes confirmed by the other machine, {Amounts.Count(tcp.Retransmits, "retransmit", "retransmits")}, {Amounts.Count(tcp.Unacked, "packet", "packets")} unconfirmed, round trip {Amounts.Time(tcp.RttMs)}"));

    private static string Url(Seen s) => Seen.Short(s.Destination.Url(s.Attempt!.UsesTls ? "https" : "http"));
}
