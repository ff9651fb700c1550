using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Upstreams that take too long, in every phase after the connection.</summary>
internal static class TimeFaults
{
    internal static IReadOnlyList<Fault> All { get; } =
    [
        new NeverAnswers(), new NeverAnswersReused(), new InterimThenSilence(), new SlowHead(), new HalfHeadStall(),
        new BodyStall(), new BodyStallChunked(), new UploadNotRead(),
    ];

    private sealed class NeverAnswers() : AnswerFault("never-answers", FaultFamily.Time,
        "Takes the request and never says a word.", Expects.ResponseTimeout, "", Ending.Hang);

    private sealed class NeverAnswersReused() : ReusedFault("never-answers-reused", FaultFamily.Time,
        "Answers the first request on a connection and never the second.", Expects.ResponseTimeout, "", Ending.Hang, Answers.Get);

    private sealed class InterimThenSilence() : AnswerFault("interim-then-silence", FaultFamily.Time,
        "Sends 103 Early Hints and never a final answer.", Expects.ResponseTimeout,
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", Ending.Hang);

    private sealed class SlowHead() : TcpFault("slow-head", FaultFamily.Time,
        "Sends one header field after the other, without end.", Expects.ResponseTimeout)
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.SendAsync("HTTP/1.1 200 OK\r\n", cancellationToken);
            for (var n = 0; n < 600; n++)
            {
                await connection.SendAsync($"X-{n}: 1\r\n", cancellationToken);
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    private sealed class HalfHeadStall() : AnswerFault("half-head-stall", FaultFamily.Time,
        "Sends half of a response head and then nothing more.", Expects.ResponseTimeout, "HTTP/1.1 200 OK\r\nContent-Type: text/pl", Ending.Hang);

    private sealed class BodyStall() : AnswerFault("body-stall", FaultFamily.Time,
        "Sends a tenth of the announced body and then nothing more.", Expects.BodyStalled,
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789", Ending.Hang);

    private sealed class BodyStallChunked() : AnswerFault("body-stall-chunked", FaultFamily.Time,
        "Sends one chunk of its answer and never another.", Expects.BodyStalled,
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n", Ending.Hang);

    private sealed class UploadNotRead() : TcpFault("upload-not-read", FaultFamily.Time,
        "Reads the request head and never the body.", Expects.SendTimeout)
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(16_000_000);

        protected override int? ReceiveBuffer => 4096;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadHeadAsync(cancellationToken);
            await Task.Delay(TimeSpan.FromMinutes(1), cancellationToken);
            connection.Reset();
        }
    }
}
