using System.Text;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>Names a service by what it says, unasked or to a question of another protocol.</summary>
internal static class ServiceNames
{
    /// <summary>Absent for HTTP and TLS, which many programs speak, and for what is not known.</summary>
    public static string? Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return null;
        var text = Encoding.Latin1.GetString(bytes[..Math.Min(bytes.Length, 256)]);
        if (Exact(bytes, text) is { } exact) return exact;
        return FirstBytes.Name(bytes) switch
        {
            "ssh_banner" => text.Contains("OpenSSH", StringComparison.Ordinal) ? "OpenSSH" : text.Contains("dropbear", StringComparison.OrdinalIgnoreCase) ? "Dropbear SSH" : "SSH",
            "smtp_banner" => text.Contains("Postfix", StringComparison.Ordinal) ? "Postfix SMTP" : text.Contains("Exim", StringComparison.Ordinal) ? "Exim SMTP" : "SMTP",
            "ftp_banner" => "FTP",
            "pop3_banner" => "POP3",
            "imap_banner" => "IMAP",
            "redis_error" or "redis_reply" => "Redis",
            "memcached_error" => "memcached",
            "mysql_greeting" or "mysql_error" => text.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? "MariaDB" : "MySQL",
            "postgres_error" => "PostgreSQL",
            "amqp_header" => "AMQP broker",
            "fastcgi_record" => "FastCGI",
            "telnet_negotiation" => "Telnet",
            "vnc_banner" => "VNC",
            "rtsp_response" => "RTSP",
            _ => null,
        };
    }

    private static string? Exact(ReadOnlySpan<byte> bytes, string text)
    {
        if (text.Contains("trying to access MongoDB over HTTP", StringComparison.Ordinal)) return "MongoDB";
        if (text.StartsWith("AMQP", StringComparison.Ordinal)) return bytes.Length >= 8 && bytes[4] == 0 && bytes[5] == 0 && bytes[6] == 9 ? "RabbitMQ" : "AMQP broker";
        if (text.StartsWith("INFO {", StringComparison.Ordinal) && text.Contains("server_id", StringComparison.Ordinal)) return "NATS";
        if (text.StartsWith("@RSYNCD:", StringComparison.Ordinal)) return "rsync";
        if (text.StartsWith("Zookeeper", StringComparison.OrdinalIgnoreCase)) return "ZooKeeper";
        // A handshake packet: 24-bit length, sequence 0, protocol 10, then the version in clear text.
        if (bytes is [_, _, 0, 0, 10, >= (byte)'0' and <= (byte)'9', ..]) return text.Contains("MariaDB", StringComparison.OrdinalIgnoreCase) ? "MariaDB" : "MySQL";
        // TPKT and X.224 "connection confirm".
        if (bytes is [3, 0, 0, _, _, 0xD0, ..]) return "RDP";
        return null;
    }
}
