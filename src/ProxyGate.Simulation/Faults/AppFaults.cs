using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Errors the app made itself, which must pass through untouched, and answers given before the request was whole.</summary>
internal static class AppFaults
{
    private const string App = FaultFamily.App;
    private const string NginxPage =
        "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n" +
        "<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n";

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new App500(), new App501(), new App502(), new App503(), new App504(),
        new NginxBehind502(), new ProxyStatus503(), new ViaGateway504(),
        new Early413(), new Early413Reset(), new Early401(),
    ];

    private sealed class App500() : AnswerFault("app-500", App, "The app answers 500 with its own page.", Expects.AppError(500),
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\napp failed!", Ending.KeepAlive);

    private sealed class App501() : AnswerFault("app-501", App, "The app does not know the method: 501.", Expects.AppError(501),
        "HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive)
    {
        public override FaultRequest Request { get; } = new() { Method = "PURGE" };
    }

    private sealed class App502() : AnswerFault("app-502", App,
        "The app itself answers 502, because a service behind it failed; nothing says that a gateway made it.",
        Expects.AppError(502).OrElse("A bare 502 may as well be read as a gateway's.", Expects.NextGatewayError(502)),
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: application/json\r\nContent-Length: 27\r\n\r\n{\"error\":\"payment is down\"}", Ending.KeepAlive);

    private sealed class App503() : AnswerFault("app-503", App, "The app says it is in maintenance: 503 with Retry-After.", Expects.AppError(503),
        "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 120\r\nContent-Length: 11\r\n\r\nmaintenance", Ending.KeepAlive);

    private sealed class App504() : AnswerFault("app-504", App,
        "The app itself answers 504.", Expects.AppError(504).OrElse("A bare 504 may as well be read as a gateway's.", Expects.NextGatewayError(504)),
        "HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class NginxBehind502() : AnswerFault("nginx-behind-502", App,
        "An nginx behind us answers 502 with its well-known page.", Expects.NextGatewayError(502),
        Answers.Page(502, "Bad Gateway", "nginx/1.22.1", NginxPage));

    private sealed class ProxyStatus503() : AnswerFault("proxy-status-503", App,
        "Another gateway behind us answers 503 and says so in Proxy-Status.", Expects.NextGatewayError(503),
        "HTTP/1.1 503 Service Unavailable\r\nProxy-Status: edge.example; error=connection_refused\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class ViaGateway504() : AnswerFault("via-gateway-504", App,
        "A Varnish behind us answers 504 and names itself in Via.", Expects.NextGatewayError(504),
        "HTTP/1.1 504 Gateway Timeout\r\nVia: 1.1 cache7 (Varnish/7.1)\r\nServer: Varnish\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    /// <summary>Answers after the first bytes of an upload and does not read the rest.</summary>
    private abstract class EarlyAnswer(string id, string summary, FaultExpectation expect, string answer, Ending ending)
        : TcpFault(id, App, summary, expect)
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(16_000_000);

        protected override int? ReceiveBuffer => 4096;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadHeadAsync(cancellationToken);
            await connection.ReadAsync(1000, cancellationToken);
            await connection.SendAsync(answer, cancellationToken);
            if (ending is Ending.Rst)
            {
                await UpstreamConnection.PauseAsync(cancellationToken);
                connection.Reset();
            }
        }
    }

    private sealed class Early413() : EarlyAnswer("early-413", "Answers 413 during the upload and closes.", Expects.EarlyAnswer(413),
        "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo big!", Ending.Fin);

    private sealed class Early413Reset() : EarlyAnswer("early-413-reset",
        "Answers 413 during the upload and resets, as a server does that closes with unread bytes.", Expects.EarlyAnswer(413).OrElse(
            "The RST may arrive before the answer is read; then it is lost.",
            Expects.SendFailed, Expects.EarlyAnswer(413) with { Status = 502, ProxyError = "http_response_incomplete", ClientSees = ClientSees.Page }),
        "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 8\r\n\r\ntoo big!", Ending.Rst);

    private sealed class Early401() : EarlyAnswer("early-401", "Answers 401 during the upload and closes.", Expects.EarlyAnswer(401),
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"app\"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", Ending.Fin);
}
