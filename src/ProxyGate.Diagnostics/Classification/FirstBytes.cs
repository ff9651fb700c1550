using System.Text;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>Names the protocol that an answer's first bytes belong to. The names are the contract's <c>first_bytes_are</c> values.</summary>
public static class FirstBytes
{
    /// <summary>Total: every input has a name, <c>none</c> for no bytes and <c>binary</c> or <c>text</c> for what is not known.</summary>
    public static string Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "none";
        if (bytes.StartsWith("HTTP/"u8)) return "http1_response";
        return OfTls(bytes) ?? OfHttp2(bytes) ?? OfBinary(bytes) ?? OfText(bytes) ?? (IsText(bytes) ? "text" : "binary");
    }

    /// <summary>A record begins with its type and major version 3 (RFC 8446 section 5.1).</summary>
    private static string? OfTls(ReadOnlySpan<byte> bytes) => bytes is [var type, 3, <= 4, ..] ? type switch
    {
        0x15 => "tls_alert",
        0x16 => "tls_handshake",
        0x17 => "tls_data",
        _ => null,
    } : null;

    /// <summary>A frame header: 24-bit length, type, flags, and stream 0 for SETTINGS and GOAWAY (RFC 9113 section 4.1).</summary>
    private static string? OfHttp2(ReadOnlySpan<byte> bytes)
    {
        if (bytes is not [0, var high, var low, var type, _, 0, 0, 0, 0, ..]) return null;
        var length = (high << 8) | low;
        return type switch
        {
            4 when length % 6 == 0 && length < 400 => "http2_settings",
            7 when length >= 8 => "http2_goaway",
            _ => null,
        };
    }

    private static string? OfBinary(ReadOnlySpan<byte> bytes) => bytes switch
    {
        // A packet: 24-bit little-endian length, sequence, then protocol 10 (greeting) or 0xFF (error).
        [_, _, 0, 0, 10, _, ..] => "mysql_greeting",
        [_, _, 0, <= 2, 0xFF, _, ..] => "mysql_error",
        // ErrorResponse: 'E', 32-bit length, then fields beginning with 'S' (severity).
        [(byte)'E', 0, 0, _, _, (byte)'S', ..] => "postgres_error",
        // Version 1, type, request id, content length, padding, reserved.
        [1, >= 1 and <= 11, _, _, _, _, <= 8, 0, ..] => "fastcgi_record",
        // IAC WILL, WONT, DO or DONT.
        [0xFF, >= 0xFB and <= 0xFE, ..] => "telnet_negotiation",
        _ => null,
    };

    private static string? OfText(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 64)]);
        if (Begins(text, "SSH-")) return "ssh_banner";
        if (IsReply(text)) return IsFtp(text) ? "ftp_banner" : "smtp_banner";
        if (Begins(text, "-ERR", "-NOAUTH", "-DENIED", "-WRONG", "-LOADING", "-MOVED")) return "redis_error";
        if (Begins(text, "+OK\r\n", "+PONG", "+QUEUED") || IsCounted(text)) return "redis_reply";
        if (Begins(text, "+OK")) return "pop3_banner";
        if (Begins(text, "* OK", "* BYE", "* PREAUTH")) return "imap_banner";
        if (Begins(text, "ERROR\r\n", "CLIENT_ERROR ", "SERVER_ERROR ")) return "memcached_error";
        // PostgreSQL's older protocol 2, in which servers complain of a start-up packet they cannot read.
        if (Begins(text, "EFATAL:")) return "postgres_error";
        if (Begins(text, "AMQP")) return "amqp_header";
        if (Begins(text, "RFB ")) return "vnc_banner";
        if (Begins(text, "RTSP/")) return "rtsp_response";
        return IsText(bytes) ? OfDocument(text.TrimStart()) : null;
    }

    private static string? OfDocument(string text)
    {
        if (Begins(text, "<?xml")) return "xml";
        if (text.StartsWith('<') && (text.Contains("html", StringComparison.OrdinalIgnoreCase) || text.StartsWith("<head", StringComparison.OrdinalIgnoreCase))) return "html";
        return text.StartsWith('{') || text.StartsWith('[') ? "json" : null;
    }

    private static bool Begins(string text, params ReadOnlySpan<string> starts)
    {
        foreach (var start in starts)
        {
            if (text.StartsWith(start, StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>Three digits and a space or hyphen: how SMTP and FTP servers greet and complain.</summary>
    private static bool IsReply(string text) =>
        text.Length >= 4 && text[0] is '2' or '4' or '5' && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]) && text[3] is ' ' or '-';

    private static bool IsFtp(string text) =>
        text.Contains("FTP", StringComparison.OrdinalIgnoreCase) || text.Contains("FileZilla", StringComparison.Ordinal);

    /// <summary>A Redis integer, bulk string or array: sign and a number on a line of its own.</summary>
    private static bool IsCounted(string text)
    {
        var end = text.IndexOf("\r\n", StringComparison.Ordinal);
        return end > 1 && text[0] is ':' or '$' or '*' && end < 12 && int.TryParse(text.AsSpan(1, end - 1), out _);
    }

    private static bool IsText(ReadOnlySpan<byte> bytes)
    {
        foreach (var b in bytes)
        {
            if (b is < 0x20 and not ((byte)'\t' or (byte)'\r' or (byte)'\n') or 0x7F) return false;
        }

        return true;
    }
}
