using ProxyGate.Simulation.Wire;
using static ProxyGate.Simulation.Wire.Ending;

namespace ProxyGate.Simulation.Faults;

/// <summary>http spoken to a TLS port and TLS spoken to a plain one, as the servers in use answer it.</summary>
internal static class SchemeFaults
{
    private const string Tls = FaultFamily.Tls;

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new ToPlainHttp(), new ToPlainHtml(), new ToSsh(), new ToSilent(),
        new PlainToAlert(), new PlainToReset(), new PlainToClose(), new PlainToGo(), new PlainToNginx(), new PlainToApache(),
    ];

    private abstract class TlsTo(string id, string summary, FaultExpectation expect, string answer, Ending ending = Fin)
        : HelloFault(id, summary, expect)
    {
        protected sealed override async Task AfterHelloAsync(UpstreamConnection connection, byte[] hello, CancellationToken cancellationToken)
        {
            await connection.SendAsync(answer, cancellationToken);
            await AnswerFault.EndAsync(connection, ending, afterBytes: true, cancellationToken);
        }
    }

    private sealed class ToPlainHttp() : TlsTo("https-to-http", "Is asked for TLS and answers in plain HTTP (nginx, Node, Kestrel).",
        Expects.NotTls, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");

    private sealed class ToPlainHtml() : TlsTo("https-to-html", "Is asked for TLS and answers with a bare page (Python's http.server).",
        Expects.NotTls, "<!DOCTYPE HTML>\n<html lang=\"en\"><head><title>Error response</title></head></html>\n");

    /// <summary>Does not wait for anything the client says.</summary>
    private sealed class ToSsh() : TcpFault("https-to-ssh", Tls, "Is asked for TLS and is an SSH server.", Expects.NotTls)
    {
        protected override string Scheme => "https";

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.SendAsync("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n", cancellationToken);
            await connection.HangAsync(cancellationToken);
        }
    }

    private sealed class ToSilent() : TcpFault("https-to-silent", Tls,
        "Is asked for TLS by a client, and does not even read.", Expects.TlsTimeout)
    {
        protected override string Scheme => "https";

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken);
            connection.Reset();
        }
    }

    private sealed class PlainToAlert() : AnswerFault("http-to-tls-alert", Tls,
        "Is a TLS port spoken to in plain HTTP: it answers with a TLS alert record.", Expects.PlainToTls, "\u0015\u0003\u0001\0\u0002\u0002\u0046");

    private sealed class PlainToReset() : AnswerFault("http-to-tls-reset", Tls,
        "Is a TLS port spoken to in plain HTTP: it resets, as Python's ssl does.",
        Expects.ResetWithoutResponse.OrElse("Only a look at the port with TLS can tell.", Expects.PlainToTls), "", Rst);

    private sealed class PlainToClose() : AnswerFault("http-to-tls-close", Tls,
        "Is a TLS port spoken to in plain HTTP: it closes without a byte, as Node, Kestrel and HAProxy do.",
        Expects.ClosedWithoutResponse.OrElse("Only a look at the port with TLS can tell.", Expects.PlainToTls), "");

    private sealed class PlainToGo() : AnswerFault("http-to-tls-go", Tls,
        "Is a TLS port spoken to in plain HTTP: it says so as Go does.", Expects.PlainToTls,
        "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n");

    private sealed class PlainToNginx() : AnswerFault("http-to-tls-nginx", Tls,
        "Is a TLS port spoken to in plain HTTP: it says so with nginx's page.", Expects.PlainToTls,
        Answers.Page(400, "Bad Request", "nginx/1.22.1",
            "<html>\r\n<head><title>400 The plain HTTP request was sent to HTTPS port</title></head>\r\n<body>\r\n" +
            "<center><h1>400 Bad Request</h1></center>\r\n<center>The plain HTTP request was sent to HTTPS port</center>\r\n" +
            "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n"));

    private sealed class PlainToApache() : AnswerFault("http-to-tls-apache", Tls,
        "Is a TLS port spoken to in plain HTTP: it says so with Apache's page.", Expects.PlainToTls,
        Answers.Page(400, "Bad Request", "Apache/2.4.57 (Debian)",
            "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>400 Bad Request</title>\n</head><body>\n" +
            "<h1>Bad Request</h1>\n<p>Your browser sent a request that this server could not understand.<br />\n" +
            "Reason: You're speaking plain HTTP to an SSL-enabled server port.<br />\n" +
            " Instead use the HTTPS scheme to access this URL, please.<br />\n</p>\n</body></html>\n"));
}
