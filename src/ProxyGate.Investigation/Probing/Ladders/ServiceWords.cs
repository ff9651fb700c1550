using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>What the service said, in sentences.</summary>
internal static class ServiceWords
{
    public static IReadOnlyList<string> OfTls(ServiceFacts service, DateTimeOffset now)
    {
        if (service.Tls is not { Completed: true } tls) return [NoTls(service)];
        var seen = new List<string>();
        if (tls.Certificate is { } certificate)
        {
            foreach (var problem in tls.Problems) seen.Add(Words(problem, certificate, tls.ServerName));
            var days = (int)(certificate.NotAfter - now).TotalDays;
            if (days >= 0) seen.Add(string.Create(CultureInfo.InvariantCulture, $"its certificate is for {Names(certificate)} and good for {days} more days"));
        }

        if (tls.ClientCertificateRequested) seen.Add("it asks for a client certificate");
        seen.Add($"it speaks {Version(tls.Version)}" + (service.Alpn.Count > 0 ? $" and offers {string.Join(", ", service.Alpn)}" : ""));
        return seen;
    }

    public static IReadOnlyList<string> OfHttp(HealthFacts hello, ServiceFacts service, bool secure)
    {
        if (hello.Status is { } status)
        {
            if (!secure && service.AsksForTls) return ["it wants https: " + string.Create(CultureInfo.InvariantCulture, $"its answer {status} says that plain HTTP was sent to a TLS port")];
            return [string.Create(CultureInfo.InvariantCulture, $"it speaks HTTP/1 (status {status} to a request that asks for nothing)") + (service.HttpServer is { } server ? $", server {server}" : "")];
        }

        if (service.Name is { } name) return [$"{name} answers here, not an HTTP server"];
        if (!secure && service.SpeaksTls == true) return ["it speaks TLS here: the address needs https://"];
        if (service.SpeaksH2c == true) return ["it speaks HTTP/2 only"];
        if (service.Silent) return ["it accepts connections and then says nothing"];
        return [hello.Failure ?? "no HTTP answer"];
    }

    public static string OfHealth(HealthFacts health) =>
        health.Status is { } status ? string.Create(CultureInfo.InvariantCulture, $"it answered {status}") : health.Failure ?? "no answer";

    private static string NoTls(ServiceFacts service)
    {
        if (service.Name is { } name) return $"{name} answers here, without TLS";
        if (service.SpeaksHttp1 == true) return "it speaks plain HTTP here: the address needs http://";
        if (service.Tls?.AlertReceived is { } alert) return string.Create(CultureInfo.InvariantCulture, $"it refused the TLS handshake with alert {alert}");
        return service.Silent ? "it accepts connections and then says nothing" : "it ended the TLS handshake without saying why";
    }

    private static string Words(CertificateProblem problem, CertificateFacts certificate, string? name) => problem switch
    {
        CertificateProblem.Expired => string.Create(CultureInfo.InvariantCulture, $"its certificate expired on {certificate.NotAfter:yyyy-MM-dd}"),
        CertificateProblem.NotYetValid => string.Create(CultureInfo.InvariantCulture, $"its certificate is good only from {certificate.NotBefore:yyyy-MM-dd}"),
        CertificateProblem.NameMismatch => $"its certificate is for {Names(certificate)}, not for {name ?? "this address"}",
        CertificateProblem.SelfSigned => "its certificate is signed by itself, which this machine does not trust",
        CertificateProblem.WrongUsage => "its certificate is not meant for servers",
        _ => $"this machine does not trust who signed its certificate ({certificate.Issuer})",
    };

    private static string Names(CertificateFacts certificate) => certificate.Names.Count switch
    {
        0 => certificate.Subject,
        <= 3 => string.Join(", ", certificate.Names),
        var count => string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", certificate.Names.Take(3))} and {count - 3} more"),
    };

    private static string Version(string? version) => version switch
    {
        "Tls13" => "TLS 1.3",
        "Tls12" => "TLS 1.2",
        null => "TLS",
        _ => version,
    };
}
