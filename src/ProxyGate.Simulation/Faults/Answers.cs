using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Answers and requests that several faults use.</summary>
internal static class Answers
{
    internal const string Ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    internal static FaultRequest Get { get; } = new() { WarmUps = 1 };

    internal static FaultRequest Post { get; } = new() { Method = "POST", BodyLength = 11, WarmUps = 1 };

    internal static string Page(int status, string reason, string server, string body) =>
        $"HTTP/1.1 {status} {reason}\r\nServer: {server}\r\nContent-Type: text/html\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
}

/// <summary>Answers the first request on each connection well and misbehaves with the second.</summary>
internal abstract class ReusedFault(
    string id, string family, string summary, FaultExpectation expect, string answer, Ending ending, FaultRequest request)
    : TcpFault(id, family, summary, expect)
{
    public sealed override FaultRequest Request { get; } = request;

    protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        if (await connection.ReadRequestAsync(cancellationToken) is null)
            return;
        await connection.SendAsync(Answers.Ok, cancellationToken);
        if (await connection.ReadRequestAsync(cancellationToken) is null)
            return;
        if (answer.Length > 0)
            await connection.SendAsync(answer, cancellationToken);
        await AnswerFault.EndAsync(connection, ending, answer.Length > 0, cancellationToken);
    }
}
