using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using static ProxyGate.Diagnostics.Explanation.Hints.HintRules;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Root causes at which the port's number hints, where the other side ended the connection or stayed silent without a word. A port's usual use
/// is weak evidence, so these are never more than possible.
/// </summary>
internal static class PortHints
{
    public static IEnumerable<Hint> Of(Seen s)
    {
        if (s.Attempt is null || s.Destination.IsUnixSocket) yield break;
        var port = s.Destination.Port;
        var isSilent = s.Failure.Cause.Id is CauseId.UpstreamClosedWithoutResponse or CauseId.UpstreamResetWithoutResponse or CauseId.ResponseTimeout
            or CauseId.TlsHandshakeClosed or CauseId.TlsHandshakeTimeout or CauseId.ConnectReset;
        if (!isSilent || s.Attempt.Reused) yield break;
        if (Service(port) is { } service)
        {
            yield return Hint(s, "wrong_port", Confidence.Possible, $"Another service than the app may listen on port {port}.", $"{port} is the usual port of {service}");
        }
        else if (Protocol(port) is { } protocol)
        {
            yield return Hint(s, "app_protocol_mismatch", Confidence.Possible, $"{s.Where} may speak {protocol}, not HTTP.", $"{port} is the usual port of {protocol}");
        }
        else if (!s.Attempt.UsesTls && port is 443 or 4443 or 6443 or 8443 or 9443 && s.Failure.Cause.Id is not CauseId.ConnectReset)
        {
            yield return Hint(s, "scheme_http_to_https", Confidence.Possible, $"The address says http, but {s.Where} may expect https.", $"{port} is a usual port for https");
        }
        else if (s.Attempt.UsesTls && port is 80 or 3000 or 5000 or 8000 or 8080 or 8888 && s.Failure.Stage == Stage.Tls)
        {
            yield return Hint(s, "scheme_https_to_http", Confidence.Possible, $"The address says https, but {s.Where} may speak plain http.", $"{port} is a usual port for plain http, and no TLS was agreed on");
        }
    }

    private static string? Service(int port) => port switch
    {
        22 => "SSH",
        25 => "mail (SMTP)",
        53 => "name servers (DNS)",
        110 => "mail (POP3)",
        143 => "mail (IMAP)",
        1433 => "SQL Server",
        1521 => "Oracle",
        2375 => "Docker",
        3306 => "MySQL and MariaDB",
        5432 => "PostgreSQL",
        5672 => "RabbitMQ",
        6379 => "Redis",
        9092 => "Kafka",
        11211 => "memcached",
        27017 => "MongoDB",
        _ => null,
    };

    private static string? Protocol(int port) => port switch
    {
        3031 => "uwsgi",
        8009 => "AJP (Tomcat)",
        9000 => "FastCGI (php-fpm)",
        _ => null,
    };
}
