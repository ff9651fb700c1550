using System.Text;
using FsCheck.Xunit;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

public sealed class FirstBytesTests
{
    [Theory]
    [InlineData("", "none")]
    [InlineData("HTTP/1.1 200 OK\r\n", "http1_response")]
    [InlineData("HTTP/1.0 400 Bad Request\r\n", "http1_response")]
    [InlineData("SSH-2.0-OpenSSH_9.6p1 Debian-4\r\n", "ssh_banner")]
    [InlineData("SSH-2.0-dropbear_2022.83\r\n", "ssh_banner")]
    [InlineData("220 mail.example ESMTP Postfix (Debian/GNU)\r\n", "smtp_banner")]
    [InlineData("220-mail.example ESMTP Exim 4.96 Sun, 01 Jun 2025 10:00:00 +0000\r\n", "smtp_banner")]
    [InlineData("554 mail.example ESMTP not accepting connections\r\n", "smtp_banner")]
    [InlineData("502 5.5.2 Error: command not recognized\r\n", "smtp_banner")]
    [InlineData("220 (vsFTPd 3.0.5)\r\n", "ftp_banner")]
    [InlineData("220 ProFTPD Server (Debian) [::ffff:10.0.0.5]\r\n", "ftp_banner")]
    [InlineData("220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n", "ftp_banner")]
    [InlineData("220-FileZilla Server 1.8.2\r\n", "ftp_banner")]
    [InlineData("+OK Dovecot (Debian) ready.\r\n", "pop3_banner")]
    [InlineData("+OK POP3 server ready <1896.697170952@mail.example>\r\n", "pop3_banner")]
    [InlineData("* OK [CAPABILITY IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE] Dovecot ready.\r\n", "imap_banner")]
    [InlineData("+OK\r\n", "redis_reply")]
    [InlineData("+PONG\r\n", "redis_reply")]
    [InlineData("-ERR wrong number of arguments for 'get' command\r\n", "redis_error")]
    [InlineData("-NOAUTH Authentication required.\r\n", "redis_error")]
    [InlineData("-DENIED Redis is running in protected mode because protected mode is enabled", "redis_error")]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value\r\n", "redis_error")]
    [InlineData("ERROR\r\n", "memcached_error")]
    [InlineData("CLIENT_ERROR bad command line format\r\n", "memcached_error")]
    [InlineData("AMQP\0\0\u0009\u0001", "amqp_header")]
    [InlineData("RFB 003.008\n", "vnc_banner")]
    [InlineData("<!DOCTYPE html>\n<html lang=\"en\">", "html")]
    [InlineData("<html><body>hello</body></html>", "html")]
    [InlineData("{\"error\":\"nope\"}", "json")]
    [InlineData("[1,2,3]", "json")]
    [InlineData("hello, world\n", "text")]
    [InlineData("OK", "text")]
    [InlineData("\u0001\u0002", "binary")]
    public void Texts_that_servers_really_send_have_names(string text, string name) => Assert.Equal(name, FirstBytes.Name(Encoding.Latin1.GetBytes(text)));

    [Theory]
    [InlineData("15 03 01 00 02 02 16", "tls_alert")] // OpenSSL to a plain request: fatal record_overflow
    [InlineData("15 03 03 00 02 02 46", "tls_alert")]
    [InlineData("16 03 03 00 7a 02 00 00 76 03 03", "tls_handshake")]
    [InlineData("17 03 03 00 13", "tls_data")]
    [InlineData("00 00 00 04 00 00 00 00 00", "http2_settings")] // no settings at all
    [InlineData("00 00 12 04 00 00 00 00 00 00 03 00 00 00 80 00 04 00 01 00 00", "http2_settings")] // nginx
    [InlineData("00 00 08 07 00 00 00 00 00 00 00 00 00 00 00 00 0d", "http2_goaway")] // Kestrel on an HTTP/1.1 port
    [InlineData("4a 00 00 00 0a 38 2e 30 2e 33 35 00", "mysql_greeting")] // 8.0.35
    [InlineData("45 00 00 00 ff 6a 04 48 6f 73 74 20", "mysql_error")] // Host is blocked
    [InlineData("45 00 00 00 8b 53 46 41 54 41 4c 00", "postgres_error")]
    [InlineData("01 03 00 01 00 08 00 00 00 00 00 00 00 00 00 00", "fastcgi_record")] // FCGI_END_REQUEST
    [InlineData("ff fd 18 ff fd 20", "telnet_negotiation")]
    [InlineData("ff fd", "telnet_negotiation")]
    [InlineData("ff 00", "binary")]
    public void Bytes_that_servers_really_send_have_names(string hex, string name) =>
        Assert.Equal(name, FirstBytes.Name(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))));

    [Property(MaxTest = 2000)]
    public bool Any_bytes_have_a_name_of_the_contracts_form(byte[] bytes)
    {
        var name = FirstBytes.Name(bytes);
        return name == FirstBytes.Name(bytes) && name.Length > 0 && name.All(c => c is '_' || char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));
    }

    [Fact]
    public void Every_beginning_of_a_known_answer_has_a_name()
    {
        // Bytes come in pieces: a cut of any length must not throw, and no cut of a status line may look like something else.
        foreach (var known in new[] { "HTTP/1.1 200 OK\r\n", "SSH-2.0-x", "220 FTP", "+OK\r\n", "\u0015\u0003\u0001\0\u0002\u0002\u0016", "\0\0\0\u0004\0\0\0\0\0", "E\0\0\0\u008BSFATAL", "\u0001\u0003\0\u0001\0\b\0\0" })
        {
            for (var length = 0; length <= known.Length; length++) Assert.NotEmpty(FirstBytes.Name(Encoding.Latin1.GetBytes(known[..length])));
        }
    }
}
