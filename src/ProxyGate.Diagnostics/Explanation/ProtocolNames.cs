using System.Globalization;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Names for the numbers of protocols, and plain words for what first bytes are.</summary>
internal static class ProtocolNames
{
    /// <summary>TLS alert descriptions (RFC 8446 section 6, RFC 5246 section 7.2).</summary>
    public static string Alert(int number) => number switch
    {
        0 => "close_notify",
        10 => "unexpected_message",
        20 => "bad_record_mac",
        21 => "decryption_failed",
        22 => "record_overflow",
        30 => "decompression_failure",
        40 => "handshake_failure",
        41 => "no_certificate",
        42 => "bad_certificate",
        43 => "unsupported_certificate",
        44 => "certificate_revoked",
        45 => "certificate_expired",
        46 => "certificate_unknown",
        47 => "illegal_parameter",
        48 => "unknown_ca",
        49 => "access_denied",
        50 => "decode_error",
        51 => "decrypt_error",
        60 => "export_restriction",
        70 => "protocol_version",
        71 => "insufficient_security",
        80 => "internal_error",
        86 => "inappropriate_fallback",
        90 => "user_canceled",
        100 => "no_renegotiation",
        109 => "missing_extension",
        110 => "unsupported_extension",
        112 => "unrecognized_name",
        113 => "bad_certificate_status_response",
        115 => "unknown_psk_identity",
        116 => "certificate_required",
        120 => "no_application_protocol",
        _ => "alert",
    };

    /// <summary>E.g. <c>unrecognized_name (TLS alert 112)</c>.</summary>
    public static string AlertInWords(int number) => string.Create(CultureInfo.InvariantCulture, $"{Alert(number)} (TLS alert {number})");

    /// <summary>E.g. <c>TLS 1.3</c> for <c>Tls13</c>; other texts as they are.</summary>
    public static string Tls(string version) => version switch
    {
        "Tls13" => "TLS 1.3",
        "Tls12" => "TLS 1.2",
        "Tls11" => "TLS 1.1",
        "Tls" => "TLS 1.0",
        _ => version,
    };

    /// <summary>HTTP/2 error codes (RFC 9113 section 7).</summary>
    public static string Http2Error(long code) => code switch
    {
        0 => "NO_ERROR",
        1 => "PROTOCOL_ERROR",
        2 => "INTERNAL_ERROR",
        3 => "FLOW_CONTROL_ERROR",
        4 => "SETTINGS_TIMEOUT",
        5 => "STREAM_CLOSED",
        6 => "FRAME_SIZE_ERROR",
        7 => "REFUSED_STREAM",
        8 => "CANCEL",
        9 => "COMPRESSION_ERROR",
        10 => "CONNECT_ERROR",
        11 => "ENHANCE_YOUR_CALM",
        12 => "INADEQUATE_SECURITY",
        13 => "HTTP_1_1_REQUIRED",
        _ => string.Create(CultureInfo.InvariantCulture, $"error {code}"),
    };

    /// <summary>Who speaks so, for the names of <see cref="Classification.FirstBytes"/> that tell it; null for the others.</summary>
    public static string? Speaker(string firstBytes) => firstBytes switch
    {
        "ssh_banner" => "an SSH server",
        "smtp_banner" => "a mail server (SMTP)",
        "ftp_banner" => "an FTP server",
        "pop3_banner" => "a mail server (POP3)",
        "imap_banner" => "a mail server (IMAP)",
        "redis_reply" or "redis_error" => "a Redis server",
        "memcached_error" => "a memcached server",
        "mysql_greeting" or "mysql_error" => "a MySQL or MariaDB server",
        "postgres_error" => "a PostgreSQL server",
        "amqp_header" => "a message broker (AMQP)",
        "vnc_banner" => "a VNC server",
        "fastcgi_record" => "a FastCGI server",
        "http2_settings" or "http2_goaway" => "a server that speaks HTTP/2 only",
        "tls_alert" or "tls_handshake" or "tls_data" => "a server that speaks TLS (https)",
        "http1_response" => "an HTTP/1 server",
        _ => null,
    };
}
