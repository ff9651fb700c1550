using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Events;

/// <summary>
/// One attempt of the event: the contract's properties, always present; after them the further facts, present only when they were seen,
/// because no evidence of a failure may be lost on its way to the log.
/// </summary>
internal static class AttemptJson
{
    private const int MaxWord = 256;
    private const int MaxText = 1024;
    private const int MaxAddresses = 32;
    private const int MaxFirstBytes = 64;

    public static void Write(Utf8JsonWriter writer, AttemptFacts attempt, string? cause)
    {
        writer.WriteStartObject();
        writer.WriteNumber("n", attempt.Number);
        writer.WriteString("destination", HostileText.Line(attempt.Destination, MaxWord));
        writer.WriteString("address", HostileText.Line(attempt.Address, MaxWord));
        WriteAddressesTried(writer, attempt);
        writer.WriteBoolean("reused", attempt.Reused);
        writer.WriteNumber("request_no", attempt.RequestNumber);
        Milliseconds(writer, "idle_ms", attempt.IdleMs);
        Milliseconds(writer, "dns_ms", attempt.Dns?.DurationMs);
        Milliseconds(writer, "connect_ms", attempt.ConnectMs);
        // The facts of the handshake stay with the connection; its time belongs to the attempt that paid for it.
        Milliseconds(writer, "tls_ms", attempt.Reused ? null : attempt.Tls?.HandshakeMs);
        Milliseconds(writer, "send_ms", attempt.SendMs);
        Milliseconds(writer, "first_byte_ms", attempt.FirstByteMs);
        writer.WriteNumber("bytes_sent", attempt.BytesSent);
        writer.WriteNumber("bytes_received", attempt.BytesReceived);
        var first = attempt.FirstBytes.AsSpan(0, Math.Min(attempt.FirstBytes.Length, MaxFirstBytes));
        writer.WriteString("first_bytes", first.IsEmpty ? null : Convert.ToHexStringLower(first));
        writer.WriteString("first_bytes_are", FirstBytesAre(attempt));
        Number(writer, "errno", attempt.Errno);
        writer.WriteString("socket_error", attempt.SocketError?.ToString());
        writer.WriteString("http_error", attempt.HttpError?.ToString());
        WriteTls(writer, attempt.Tls);
        writer.WriteString("cause", cause);
        WriteFurtherFacts(writer, attempt);
        writer.WriteEndObject();
    }

    private static string? FirstBytesAre(AttemptFacts attempt) => attempt.FirstBytes.Length == 0 ? null : FirstBytes.Name(attempt.FirstBytes);

    /// <summary>Milliseconds with three decimals: the clock gives no more, and the lines stay short.</summary>
    public static void Milliseconds(Utf8JsonWriter writer, string name, double? value)
    {
        if (value is { } ms && double.IsFinite(ms)) writer.WriteNumber(name, Math.Round(ms, 3));
        else writer.WriteNull(name);
    }

    public static void Number(Utf8JsonWriter writer, string name, int? value)
    {
        if (value is { } number) writer.WriteNumber(name, number);
        else writer.WriteNull(name);
    }

    private static void WriteAddressesTried(Utf8JsonWriter writer, AttemptFacts attempt)
    {
        writer.WriteStartArray("addresses_tried");
        foreach (var tried in attempt.AddressesTried.Take(MaxAddresses))
        {
            writer.WriteStartObject();
            writer.WriteString("address", HostileText.Line(tried.Address, MaxWord));
            writer.WriteString("result", tried.Connected ? "connected" : tried.TimedOut ? "timed_out" : tried.Abandoned ? "abandoned" : "failed");
            Milliseconds(writer, "start_ms", tried.StartMs);
            Milliseconds(writer, "ms", tried.DurationMs);
            Number(writer, "errno", tried.Errno);
            writer.WriteString("socket_error", tried.Error?.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteTls(Utf8JsonWriter writer, TlsFacts? tls)
    {
        if (tls is null)
        {
            writer.WriteNull("tls");
            return;
        }

        writer.WriteStartObject("tls");
        writer.WriteString("server_name", HostileText.Line(tls.ServerName, MaxWord));
        writer.WriteBoolean("completed", tls.Completed);
        writer.WriteString("version", tls.Version);
        writer.WriteString("cipher", tls.Cipher);
        writer.WriteString("alpn", HostileText.Line(tls.Alpn, 64));
        Number(writer, "alert_received", tls.AlertReceived);
        Number(writer, "own_refusal", tls.OwnRefusal);
        writer.WriteBoolean("client_certificate_requested", tls.ClientCertificateRequested);
        writer.WriteBoolean("client_certificate_sent", tls.ClientCertificateSent);
        writer.WriteBoolean("peer_is_not_tls", tls.PeerIsNotTls);
        Words(writer, "problems", tls.Problems.Select(ContractNames.Of));
        if (tls.Certificate is { } certificate) WriteCertificate(writer, certificate);
        writer.WriteEndObject();
    }

    private static void WriteCertificate(Utf8JsonWriter writer, CertificateFacts certificate)
    {
        writer.WriteStartObject("certificate");
        writer.WriteString("subject", HostileText.Line(certificate.Subject, MaxText));
        writer.WriteString("issuer", HostileText.Line(certificate.Issuer, MaxText));
        Words(writer, "names", certificate.Names);
        writer.WriteString("not_before", certificate.NotBefore.UtcDateTime);
        writer.WriteString("not_after", certificate.NotAfter.UtcDateTime);
        writer.WriteNumber("chain_length", certificate.ChainLength);
        writer.WriteEndObject();
    }

    private static void WriteFurtherFacts(Utf8JsonWriter writer, AttemptFacts attempt)
    {
        writer.WriteString("url", HostileText.Line(WithoutSecrets(attempt.DestinationUrl), MaxText));
        if (attempt.LocalAddress is not null) writer.WriteString("local_address", HostileText.Line(attempt.LocalAddress, MaxWord));
        writer.WriteString("protocol", HostileText.Line(attempt.Protocol, 32));
        writer.WriteString("end", ContractNames.Of(attempt.End));
        Milliseconds(writer, "duration_ms", attempt.DurationMs);
        Number(writer, "upstream_status", attempt.UpstreamStatus);
        writer.WriteBoolean("request_complete", attempt.RequestComplete);
        writer.WriteNumber("body_bytes_sent", attempt.BodyBytesSent);
        if (attempt.TimedOut != TimeoutPhase.None)
        {
            writer.WriteStartObject("timeout");
            writer.WriteString("phase", ContractNames.Of(attempt.TimedOut));
            Milliseconds(writer, "limit_ms", attempt.TimeoutMs);
            writer.WriteEndObject();
        }

        if (attempt.HeadDefect != HeadDefect.None)
        {
            writer.WriteStartObject("head_defect");
            writer.WriteString("kind", ContractNames.Of(attempt.HeadDefect));
            writer.WriteString("detail", HostileText.Line(attempt.DefectDetail, MaxWord));
            writer.WriteEndObject();
        }

        if (attempt.Dns is { } dns) WriteDns(writer, dns);
        if (attempt.Body is { } body) WriteBody(writer, body);
        if (attempt.Http2 is { } http2) WriteHttp2(writer, http2);
        if (attempt.Tcp is { } tcp) WriteTcp(writer, tcp);
        if (attempt.UpstreamIdentity is { } upstream)
        {
            writer.WriteStartObject("upstream");
            writer.WriteString("server", HostileText.Line(upstream.Server, MaxWord));
            writer.WriteString("via", HostileText.Line(upstream.Via, MaxWord));
            writer.WriteString("proxy_status", HostileText.Line(upstream.ProxyStatus, MaxWord));
            writer.WriteEndObject();
        }

        if (attempt.Message is not null) writer.WriteString("message", HostileText.Line(attempt.Message, MaxText));
    }

    private static void WriteDns(Utf8JsonWriter writer, DnsFacts dns)
    {
        writer.WriteStartObject("dns");
        writer.WriteString("host", HostileText.Line(dns.Host, MaxWord));
        Words(writer, "addresses", dns.Addresses);
        writer.WriteString("error", dns.Error?.ToString());
        writer.WriteBoolean("timed_out", dns.TimedOut);
        writer.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter writer, BodyFacts body)
    {
        writer.WriteStartObject("body");
        if (body.ContentLength is { } length) writer.WriteNumber("content_length", length);
        else writer.WriteNull("content_length");
        writer.WriteBoolean("chunked", body.Chunked);
        if (body.ContentEncoding is not null) writer.WriteString("content_encoding", HostileText.Line(body.ContentEncoding, MaxWord));
        writer.WriteNumber("bytes_received", body.BytesReceived);
        writer.WriteBoolean("response_started", body.ResponseStarted);
        writer.WriteEndObject();
    }

    private static void WriteHttp2(Utf8JsonWriter writer, Http2Facts http2)
    {
        writer.WriteStartObject("http2");
        writer.WriteBoolean("settings_received", http2.SettingsReceived);
        if (http2.ErrorCode is { } code) writer.WriteNumber("error_code", code);
        else writer.WriteNull("error_code");
        writer.WriteBoolean("from_peer", http2.FromPeer);
        writer.WriteBoolean("goaway", http2.GoAway);
        Number(writer, "goaway_last_stream_id", http2.GoAwayLastStreamId);
        if (http2.GoAwayCode is { } goAway) writer.WriteNumber("goaway_code", goAway);
        else writer.WriteNull("goaway_code");
        writer.WriteString("goaway_debug", HostileText.Line(http2.GoAwayDebug, MaxWord));
        writer.WriteBoolean("not_processed", http2.NotProcessed);
        writer.WriteBoolean("peer_is_not_http2", http2.PeerIsNotHttp2);
        writer.WriteEndObject();
    }

    private static void WriteTcp(Utf8JsonWriter writer, TcpFacts tcp)
    {
        writer.WriteStartObject("tcp");
        writer.WriteString("state", tcp.State);
        writer.WriteNumber("retransmits", tcp.Retransmits);
        writer.WriteNumber("unacked", tcp.Unacked);
        writer.WriteNumber("request_bytes_acked", tcp.RequestBytesAcked);
        writer.WriteNumber("request_bytes_on_wire", tcp.RequestBytesOnWire);
        Milliseconds(writer, "rtt_ms", tcp.RttMs);
        writer.WriteEndObject();
    }

    private static void Words(Utf8JsonWriter writer, string name, IEnumerable<string> words)
    {
        writer.WriteStartArray(name);
        foreach (var word in words.Take(MaxAddresses)) writer.WriteStringValue(HostileText.Line(word, MaxWord));
        writer.WriteEndArray();
    }

    /// <summary>A configured address may carry a password or a token; the log has no use for either.</summary>
    private static string WithoutSecrets(string url)
    {
        var end = url.IndexOfAny(['?', '#']);
        if (end >= 0) url = url[..end];
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme < 0) return url;
        var authority = url.IndexOf('/', scheme + 3);
        var at = url.LastIndexOf('@', (authority < 0 ? url.Length : authority) - 1);
        return at < scheme + 3 ? url : url[..(scheme + 3)] + url[(at + 1)..];
    }
}
