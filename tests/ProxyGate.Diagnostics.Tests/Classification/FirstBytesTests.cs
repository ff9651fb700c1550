using System.Text;
using FsCheck;
using FsCheck.Fluent;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>The bytes are those real servers send; text stands for bytes, one character each.</summary>
public sealed class FirstBytesTests
{
    [Theory]
    [InlineData("", "none")]
    [InlineData("HTTP/1.1 200 OK\r\n", "http1_response")]
    [InlineData("HTTP/3.7 200 OK\r\n", "http1_response")]
    // OpenSSL's protocol_version and a fatal handshake_failure.
    [InlineData("\u0015\u0003\u0001\0\u0002\u0002\u0046", "tls_alert")]
    [InlineData("\u0015\u0003\u0003\0\u0002\u0002\u0028", "tls_alert")]
    [InlineData("\u0016\u0003\u0003\0\u007a\u0002\0\0\u0076\u0003\u0003", "tls_handshake")]
    [InlineData("\u0017\u0003\u0003\0\u0020", "tls_data")]
    // nghttpd's and Kestrel's SETTINGS, a SETTINGS without settings, Kestrel's GOAWAY with HTTP_1_1_REQUIRED.
    [InlineData("\0\0\u0006\u0004\0\0\0\0\0\0\u0003\0\0\0\u0064", "http2_settings")]
    [InlineData("\0\0\u0012\u0004\0\0\0\0\0\0\u0003\0\0\0\u0064\0\u0004\0\u000c\0\0", "http2_settings")]
    [InlineData("\0\0\0\u0004\0\0\0\0\0", "http2_settings")]
    [InlineData("\0\0\u0008\u0007\0\0\0\0\0\0\0\0\0\0\0\0\u000d", "http2_goaway")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", "ssh_banner")]
    [InlineData("220 mail.example ESMTP Postfix (Debian/GNU)\r\n", "smtp_banner")]
    [InlineData("554 5.7.1 Service unavailable; SMTP\r\n", "smtp_banner")]
    [InlineData("220 (vsFTPd 3.0.3)\r\n", "ftp_banner")]
    [InlineData("220 ProFTPD Server (Debian) [::ffff:127.0.0.1]\r\n", "ftp_banner")]
    [InlineData("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n", "ftp_banner")]
    [InlineData("+OK Dovecot (Debian) ready.\r\n", "pop3_banner")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 SASL-IR] Dovecot ready.\r\n", "imap_banner")]
    // MySQL 8.0.36 and MariaDB 10.11 greetings; "Host ... is not allowed" (1130) and "Too many connections" (1040).
    [InlineData("\u004a\0\0\0\u000a8.0.36\0\u0008\0\0\0abcdefgh\0", "mysql_greeting")]
    [InlineData("\u005a\0\0\0\u000a5.5.5-10.11.6-MariaDB-0+deb12u1\0", "mysql_greeting")]
    [InlineData("\u0044\0\0\0\u00ff\u006a\u0004Host '10.0.0.9' is not allowed to connect", "mysql_error")]
    [InlineData("\u0017\0\0\0\u00ff\u0010\u0004Too many connections", "mysql_error")]
    [InlineData("E\0\0\0\u0090SFATAL\0VFATAL\0C0A000\0Munsupported frontend protocol", "postgres_error")]
    [InlineData("EFATAL:  unsupported frontend protocol 18245.21536", "postgres_error")]
    [InlineData("-ERR wrong number of arguments for 'get' command\r\n", "redis_error")]
    [InlineData("-NOAUTH Authentication required.\r\n", "redis_error")]
    [InlineData("-DENIED Redis is running in protected mode", "redis_error")]
    [InlineData("+PONG\r\n", "redis_reply")]
    [InlineData("+OK\r\n", "redis_reply")]
    [InlineData("$-1\r\n", "redis_reply")]
    [InlineData(":1000\r\n", "redis_reply")]
    [InlineData("ERROR\r\nERROR\r\n", "memcached_error")]
    [InlineData("CLIENT_ERROR bad command line format\r\n", "memcached_error")]
    // php-fpm's STDERR record.
    [InlineData("\u0001\u0007\0\u0001\0\u0010\0\0Primary script u", "fastcgi_record")]
    [InlineData("AMQP\0\0\u0009\u0001", "amqp_header")]
    [InlineData("RFB 003.008\n", "vnc_banner")]
    [InlineData("RTSP/1.0 400 Bad Request\r\n", "rtsp_response")]
    [InlineData("\u00ff\u00fd\u0018\u00ff\u00fd\u0020login: ", "telnet_negotiation")]
    // Python's http.server, when it cannot read the request line.
    [InlineData("<!DOCTYPE HTML>\n<html lang=\"en\">\n    <head>\n", "html")]
    [InlineData("\r\n<html><body>hello http/0.9</body></html>\n", "html")]
    [InlineData("<?xml version=\"1.0\"?>", "xml")]
    [InlineData("{\"error\":\"not found\"}", "json")]
    [InlineData("[1,2,3]", "json")]
    [InlineData("This is not an HTTP port\n", "text")]
    [InlineData("HTT", "text")]
    [InlineData("{\u0001\u0002", "binary")]
    [InlineData("\0\u0001\u0002\u0003garbage\u00ff\u00fe", "binary")]
    public void Bytes_are_named_by_the_protocol_they_belong_to(string bytes, string name) => Assert.Equal(name, FirstBytes.Name(Encoding.Latin1.GetBytes(bytes)));

    [Fact]
    public void Any_bytes_have_a_name() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes => System.Text.RegularExpressions.Regex.IsMatch(FirstBytes.Name(bytes), "^[a-z][a-z0-9]*(_[a-z0-9]+)*$"))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));

    [Fact]
    public void The_beginning_of_a_known_banner_has_a_name_too()
    {
        foreach (var banner in new[] { "220 mail.example ESMTP\r\n", "\u004a\0\0\0\u000a8.0.36\0", "\0\0\u0012\u0004\0\0\0\0\0\0", "\u0015\u0003\u0001\0\u0002\u0002F", "$-1\r\n", "HTTP/1.1 " })
        {
            var bytes = Encoding.Latin1.GetBytes(banner);
            for (var length = 0; length <= bytes.Length; length++) Assert.NotEmpty(FirstBytes.Name(bytes.AsSpan(0, length)));
        }
    }
}
