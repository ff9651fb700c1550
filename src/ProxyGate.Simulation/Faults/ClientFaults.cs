using System.Globalization;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>The client's own doing, in front of an upstream that is healthy: it must not be blamed.</summary>
internal static class ClientFaults
{
    internal static IReadOnlyList<Fault> All { get; } =
    [
        new AbortsWaiting(), new AbortsDuringAnswer(), new AbortsUpload(), new StallsUpload(), new StallsAnswer(), new BadChunk(),
        new HeadTooLarge(), new MalformedRequestLine(), new StallsHead(),
    ];

    /// <summary>A healthy upstream that takes its time: before it answers, and between the parts of its answer.</summary>
    private abstract class ClientFault(string id, string summary, FaultExpectation expect, FaultRequest request)
        : TcpFault(id, FaultFamily.Client, summary, expect)
    {
        public sealed override FaultRequest Request { get; } = request;

        protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await Task.Delay(connection.Timeouts.FirstByte / 2, cancellationToken);
                const int Parts = 20;
                await connection.SendAsync(
                    "HTTP/1.1 200 OK\r\nContent-Length: " + (Parts * 10).ToString(CultureInfo.InvariantCulture) + "\r\n\r\n", cancellationToken);
                for (var part = 0; part < Parts; part++)
                {
                    await connection.SendAsync("0123456789", cancellationToken);
                    await Task.Delay(connection.Timeouts.Idle / 8, cancellationToken);
                }
            }
        }
    }

    private sealed class AbortsWaiting() : ClientFault("client-aborts-waiting",
        "The client goes away while it waits for the answer.", Expects.ClientGone.OrElse(
            "A gateway under load may still be making its connection then.", Expects.ClientGone with { Stage = "connect" }),
        new FaultRequest { Behaviour = ClientBehaviour.AbortWaiting });

    private sealed class AbortsDuringAnswer() : ClientFault("client-aborts-during-answer",
        "The client goes away in the middle of the answer.", Expects.ClientGoneMidBody,
        new FaultRequest { Behaviour = ClientBehaviour.AbortDuringAnswer });

    private sealed class AbortsUpload() : ClientFault("client-aborts-upload",
        "The client goes away in the middle of its upload.",
        Expects.ClientGone.OrElse(
            "A body cut by the client's leaving is both, and a gateway under load may still be making its connection then.",
            Expects.ClientGone with { Stage = "send" }, Expects.ClientGone with { Stage = "connect" }, Expects.ClientBodyFailed with { ClientSees = ClientSees.Nothing },
            Expects.ClientBodyFailed with { ClientSees = ClientSees.Nothing, Status = 499 }),
        new FaultRequest { Method = "POST", BodyLength = 100_000, Behaviour = ClientBehaviour.AbortUpload });

    private sealed class StallsUpload() : ClientFault("client-stalls-upload",
        "The client stops sending in the middle of its upload.", Expects.ClientBodyTimeout,
        new FaultRequest { Method = "POST", BodyLength = 100_000, Behaviour = ClientBehaviour.StallUpload });

    private sealed class StallsAnswer() : TcpFault("client-stalls-answer", FaultFamily.Client,
        "The client takes nothing of a large answer until the time for the whole request has run out.", Expects.ClientReadTimeout)
    {
        private static readonly TimeSpan Total = TimeSpan.FromSeconds(4);

        public override FaultRequest Request { get; } = new() { Behaviour = ClientBehaviour.StallAnswer, After = Total * 1.5 };

        protected override FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Default with { Total = Total };

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            var part = new byte[100_000];
            Array.Fill(part, (byte)'x');
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n", cancellationToken);
                for (var n = 0; n < 1000; n++)
                    await connection.SendAsync(part, cancellationToken);
            }
        }
    }

    private sealed class BadChunk() : ClientFault("client-bad-chunk",
        "The client sends a chunk size that is no number.", Expects.ClientBodyFailed,
        new FaultRequest { Method = "POST", BodyLength = 100, Chunked = true, Behaviour = ClientBehaviour.BadChunk });

    private sealed class HeadTooLarge() : ClientFault("client-head-too-large",
        "The client sends more header bytes than the gateway admits.", Expects.ClientTooLarge,
        new FaultRequest { Behaviour = ClientBehaviour.OversizedHead });

    private sealed class MalformedRequestLine() : ClientFault("client-malformed-request-line",
        "The client sends a request line that is none.", Expects.ClientMalformed,
        new FaultRequest { Behaviour = ClientBehaviour.MalformedRequestLine });

    private sealed class StallsHead() : ClientFault("client-stalls-head",
        "The client sends half of its head and then nothing more.", Expects.ClientHeadTimeout,
        new FaultRequest { Behaviour = ClientBehaviour.StallHead });
}
