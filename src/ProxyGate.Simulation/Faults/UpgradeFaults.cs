using System.Security.Cryptography;
using System.Text;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Upgrades that nobody asked for, that fail, and tunnels that break.</summary>
internal static class UpgradeFaults
{
    private const string Upgrade = FaultFamily.Upgrade;

    internal static FaultRequest WebSocket { get; } = new() { WebSocket = true };

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new Unexpected101(), new WrongProtocol(), new WrongAccept(), new MissingAccept(),
        new Refused200(), new Refused400(), new Refused404(), new Refused426(), new Refused500(),
        new CloseNoByte(), new ThenClose(), new ThenReset(), new Idle(),
    ];

    /// <summary>The head of a correct 101 (RFC 6455 section 4.2.2).</summary>
    internal static string Accept(string head) =>
        $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {AcceptKey(head)}\r\n\r\n";

    private static string AcceptKey(string head)
    {
        var key = UpstreamConnection.Field(head, "sec-websocket-key") ?? "";
#pragma warning disable CA5350 // RFC 6455 prescribes SHA-1 here; it protects nothing.
        return Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
    }

    private sealed class Unexpected101() : AnswerFault("unexpected-101", Upgrade,
        "Switches protocols although nobody asked.", Expects.UnexpectedUpgrade,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n", Ending.Hang);

    private abstract class WebSocketAnswer(string id, string summary, FaultExpectation expect, string answer, Ending ending = Ending.Fin)
        : AnswerFault(id, Upgrade, summary, expect, answer, ending)
    {
        public override FaultRequest Request => WebSocket;
    }

    private sealed class WrongProtocol() : WebSocketAnswer("ws-wrong-protocol",
        "Is asked for a WebSocket and switches to another protocol.", Expects.UnexpectedUpgrade,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\n", Ending.Hang);

    private sealed class WrongAccept() : WebSocketAnswer("ws-wrong-accept",
        "Accepts the WebSocket with a wrong Sec-WebSocket-Accept.", Expects.UpgradeFailed,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n",
        Ending.Hang);

    private sealed class MissingAccept() : WebSocketAnswer("ws-missing-accept",
        "Accepts the WebSocket without any Sec-WebSocket-Accept.", Expects.UpgradeFailed,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n", Ending.Hang);

    private sealed class Refused200() : WebSocketAnswer("ws-refused-200",
        "Answers a WebSocket request with an ordinary 200 page.", Expects.UpgradeRefused(200),
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nno socket", Ending.KeepAlive);

    private sealed class Refused400() : WebSocketAnswer("ws-refused-400",
        "Refuses the WebSocket with 400.", Expects.UpgradeRefused(400), "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class Refused404() : WebSocketAnswer("ws-refused-404",
        "Knows no WebSocket at this path.", Expects.UpgradeRefused(404), "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class Refused426() : WebSocketAnswer("ws-refused-426",
        "Asks for another WebSocket version.", Expects.UpgradeRefused(426),
        "HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class Refused500() : WebSocketAnswer("ws-refused-500",
        "Fails with 500 on a WebSocket request.", Expects.UpgradeRefused(500),
        "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", Ending.KeepAlive);

    private sealed class CloseNoByte() : WebSocketAnswer("ws-close-no-byte",
        "Closes on a WebSocket request without a byte.", Expects.ClosedWithoutResponse, "");

    private abstract class AcceptedTunnel(string id, string summary, FaultExpectation expect) : TcpFault(id, Upgrade, summary, expect)
    {
        public override FaultRequest Request => WebSocket;

        protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            if (await connection.ReadRequestAsync(cancellationToken) is not { } head)
                return;
            // One text frame, so that the tunnel has carried something.
            await connection.SendAsync(Accept(head) + "\u0081\u0002hi", cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            await InTunnelAsync(connection, cancellationToken);
        }

        protected abstract Task InTunnelAsync(UpstreamConnection connection, CancellationToken cancellationToken);
    }

    private sealed class ThenClose() : AcceptedTunnel("ws-then-close",
        "Accepts the WebSocket and closes it without a close frame.", Expects.UpgradeBroken.OrElse(
            "A gateway that does not read frames sees an ordinary end of the tunnel.", Expects.Fine(101)))
    {
        protected override Task InTunnelAsync(UpstreamConnection connection, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class ThenReset() : AcceptedTunnel("ws-then-reset", "Accepts the WebSocket and resets it.", Expects.UpgradeBroken)
    {
        protected override Task InTunnelAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            connection.Reset();
            return Task.CompletedTask;
        }
    }

    private sealed class Idle() : AcceptedTunnel("ws-idle", "Accepts the WebSocket and then says nothing more.", Expects.UpgradeIdle)
    {
        protected override Task InTunnelAsync(UpstreamConnection connection, CancellationToken cancellationToken) =>
            connection.HangAsync(cancellationToken);
    }
}
