using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>The words with which servers say, in a 400 page, that they were spoken to in the wrong protocol.</summary>
internal static class Complaint
{
    public const int LongestPage = 4096;

    private static readonly byte[][] PlainHttpToTls =
    [
        "The plain HTTP request was sent to HTTPS port"u8.ToArray(),          // nginx
        "Client sent an HTTP request to an HTTPS server"u8.ToArray(),         // Go, and so Caddy, Traefik
        "speaking plain HTTP to an SSL-enabled server port"u8.ToArray(),      // Apache httpd
        "This combination of host and port requires TLS"u8.ToArray(),         // Tomcat
        "HTTP request was sent to an HTTPS port"u8.ToArray(),
    ];

    private static readonly byte[][] Http2Only = ["An HTTP/1.x request was sent to an HTTP/2 only endpoint"u8.ToArray()]; // Kestrel

    private static readonly byte[][] ClientCertificate =
    [
        "No required SSL certificate was sent"u8.ToArray(), // nginx
        "The SSL certificate error"u8.ToArray(),
    ];

    public static HeadDefect Recognise(ReadOnlySpan<byte> page, bool usesTls, bool certificateSent)
    {
        var text = page[..Math.Min(page.Length, LongestPage)];
        if (!usesTls && ContainsAny(text, PlainHttpToTls)) return HeadDefect.PlainHttpToTlsPage;
        if (ContainsAny(text, Http2Only)) return HeadDefect.Http2OnlyPage;
        return usesTls && !certificateSent && ContainsAny(text, ClientCertificate) ? HeadDefect.ClientCertificatePage : HeadDefect.None;
    }

    private static bool ContainsAny(ReadOnlySpan<byte> text, byte[][] words)
    {
        foreach (var word in words)
        {
            if (text.IndexOf(word) >= 0) return true;
        }

        return false;
    }
}
