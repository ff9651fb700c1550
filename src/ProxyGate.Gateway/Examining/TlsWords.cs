using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Examining;

/// <summary>A handshake that was made, in sentences.</summary>
internal static class TlsWords
{
    private const int MostNames = 3;

    public static IEnumerable<string> Certificate(TlsFacts tls, DateTimeOffset now)
    {
        if (tls.Certificate is not { } certificate) yield break;
        var left = certificate.NotAfter - now;
        var names = certificate.Names.Count switch
        {
            0 => certificate.Subject,
            <= MostNames => string.Join(", ", certificate.Names),
            var count => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", certificate.Names.Take(MostNames))} and {count - MostNames} more"),
        };
        yield return left <= TimeSpan.Zero
            ? $"its certificate is for {names} and expired {Amounts.Ago(-left)} ago, on {Amounts.Moment(certificate.NotAfter)}"
            : $"its certificate is for {names} and good for {Amounts.Ago(left)} more, until {Amounts.Moment(certificate.NotAfter)}";
    }

    public static string Agreed(TlsFacts tls)
    {
        var version = tls.Version switch { "Tls13" => "TLS 1.3", "Tls12" => "TLS 1.2", "Tls11" => "TLS 1.1", "Tls" => "TLS 1.0", null => "TLS", var other => other };
        var asked = tls.ClientCertificateRequested ? tls.ClientCertificateSent ? "; it asked for a client certificate and got one" : "; it asked for a client certificate and got none" : "";
        return $"it speaks {version}{(string.IsNullOrEmpty(tls.Alpn) ? "" : $" and chose {tls.Alpn}")}{asked}";
    }
}
