namespace ProxyGate.Diagnostics.Classification;

/// <summary>Names the protocol that an answer's first bytes belong to. The names are the contract's <c>first_bytes_are</c> values.</summary>
public static class FirstBytes
{
    /// <summary>Total: every input has a name, <c>none</c> for no bytes and <c>binary</c> or <c>text</c> for what is not known.</summary>
    public static string Name(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return "none";
        if (bytes.StartsWith("HTTP/"u8)) return "http1_response";
        if (bytes.Length >= 3 && bytes[1] == 3 && bytes[2] <= 4)
        {
            if (bytes[0] == 0x15) return "tls_alert";
            if (bytes[0] == 0x16) return "tls_handshake";
            if (bytes[0] == 0x17) return "tls_data";
        }

        return OfHttp2(bytes) ?? OfText(bytes) ?? OfBinary(bytes) ?? (IsText(bytes) ? "text" : "binary");
    }

    private static string? OfHttp2(ReadOnlySpan<byte> bytes)
    {
        // A frame header: 24-bit length, type, flags, and a stream id of 0 for SETTINGS and GOAWAY (RFC 9113 section 4.1).
        if (bytes.Length < 9 || bytes[0] != 0 || (bytes[5] | bytes[6] | bytes[7] | bytes[8]) != 0) return null;
        var length = (bytes[1] << 8) | bytes[2];
        return bytes[3] switch
        {
            4 when length % 6 == 0 && length < 400 => "http2_settings",
            7 when length >= 8 => "http2_goaway",
            _ => null,
        };
    }

    private static string? OfText(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith("SSH-"u8)) return "ssh_banner";
        if (bytes.StartsWith("220 "u8) || bytes.StartsWith("220-"u8) || bytes.StartsWith("554 "u8) || bytes.StartsWith("421 "u8) || bytes.StartsWith("500 "u8) || bytes.StartsWith("502 "u8) || bytes.StartsWith("530 "u8))
        {
            return bytes.IndexOf("FTP"u8) >= 0 || bytes.IndexOf("ftp"u8) >= 0 || bytes.IndexOf("FileZilla"u8) >= 0 ? "ftp_banner" : "smtp_banner";
        }

        // Redis says nothing more than OK; a POP3 greeting has words (RFC 1939 section 4).
        if (bytes.StartsWith("+OK"u8)) return bytes.StartsWith("+OK\r"u8) ? "redis_reply" : "pop3_banner";
        if (bytes.StartsWith("+PONG"u8)) return "redis_reply";
        if (bytes.StartsWith("* OK"u8)) return "imap_banner";
        if (bytes.StartsWith("-ERR"u8) || bytes.StartsWith("-NOAUTH"u8) || bytes.StartsWith("-DENIED"u8) || bytes.StartsWith("-WRONG"u8)) return "redis_error";
        if (bytes.StartsWith("ERROR\r\n"u8) || bytes.StartsWith("CLIENT_ERROR"u8)) return "memcached_error";
        if (bytes.StartsWith("AMQP"u8)) return "amqp_header";
        if (bytes.StartsWith("RFB "u8)) return "vnc_banner";
        if (bytes.StartsWith("<"u8) && (bytes.IndexOf("html"u8) >= 0 || bytes.IndexOf("HTML"u8) >= 0 || bytes.IndexOf("!DOCTYPE"u8) >= 0)) return "html";
        if (bytes[0] is (byte)'{' or (byte)'[') return "json";
        return null;
    }

    private static string? OfBinary(ReadOnlySpan<byte> bytes)
    {
        // MySQL packet: 24-bit little-endian length, sequence 0, then protocol 10 (greeting) or 0xFF (error).
        if (bytes.Length >= 6 && bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 10) return "mysql_greeting";
        if (bytes.Length >= 6 && bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 0xFF) return "mysql_error";
        if (bytes.Length >= 6 && bytes[0] == (byte)'E' && bytes[1] == 0 && bytes[2] == 0) return "postgres_error";
        if (bytes.Length >= 8 && bytes[0] == 1 && bytes[1] is >= 1 and <= 11 && bytes[6] <= 8) return "fastcgi_record";
        return null;
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
