using ProxyGate.Simulation.Wire;
using static ProxyGate.Simulation.Wire.Ending;

namespace ProxyGate.Simulation.Faults;

/// <summary>Connections ended at every point of the conversation, by FIN and by RST, fresh and reused.</summary>
internal static class ClosedFaults
{
    private const string Closed = FaultFamily.Closed;
    private const string LengthHead = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n";
    private const string ChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new CloseNoByte(), new CloseNoBytePost(), new ResetNoByte(), new ResetNoBytePost(), new CloseAfterInterim(),
        new PartialStatusLine(), new PartialStatusLineReset(), new PartialHead(), new PartialHeadReset(),
        new HeadThenClose(), new HeadThenReset(), new TruncatedLength(), new TruncatedLengthReset(),
        new TruncatedInChunk(), new TruncatedInChunkReset(), new TruncatedBetweenChunks(), new TruncatedBetweenChunksReset(),
        new TruncatedTrailers(),
        new StaleClose(), new StaleClosePost(), new StaleReset(), new StaleResetPost(), new ReusedPartialHead(),
        new ResetDuringUpload(), new CloseDuringUpload(),
        new KilledBeforeAnswer(), new KilledMidAnswer(),
    ];

    private sealed class CloseNoByte() : AnswerFault("close-no-byte", Closed,
        "Reads the request and closes the connection without a byte.", Expects.ClosedWithoutResponse, "");

    private sealed class CloseNoBytePost() : AnswerFault("close-no-byte-post", Closed,
        "Reads a POST and closes the connection without a byte.", Expects.ClosedWithoutResponse, "")
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(11);
    }

    private sealed class ResetNoByte() : AnswerFault("reset-no-byte", Closed,
        "Reads the request and resets the connection without a byte.", Expects.ResetWithoutResponse, "", Rst);

    private sealed class ResetNoBytePost() : AnswerFault("reset-no-byte-post", Closed,
        "Reads a POST and resets the connection without a byte.", Expects.ResetWithoutResponse, "", Rst)
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(11);
    }

    private sealed class CloseAfterInterim() : AnswerFault("close-after-interim", Closed,
        "Sends 103 Early Hints and closes before the final answer.", Expects.ClosedWithoutResponse.OrElse("An interim head came, and of the final one nothing.", Expects.HeadIncomplete),
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");

    private sealed class PartialStatusLine() : AnswerFault("partial-status-line", Closed,
        "Closes in the middle of the status line.", Expects.HeadIncomplete, "HTTP/1.1 20");

    private sealed class PartialStatusLineReset() : AnswerFault("partial-status-line-reset", Closed,
        "Resets in the middle of the status line.", Expects.HeadIncomplete, "HTTP/1.1 20", Rst);

    private sealed class PartialHead() : AnswerFault("partial-head", Closed,
        "Closes in the middle of the response head.", Expects.HeadIncomplete, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le");

    private sealed class PartialHeadReset() : AnswerFault("partial-head-reset", Closed,
        "Resets in the middle of the response head.", Expects.HeadIncomplete, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le", Rst);

    private sealed class HeadThenClose() : AnswerFault("head-then-close", Closed,
        "Announces 100 bytes and closes before the first.", Expects.BodyTruncated.OrAsPage(), LengthHead);

    private sealed class HeadThenReset() : AnswerFault("head-then-reset", Closed,
        "Announces 100 bytes and resets before the first.", Expects.BodyReset.OrAsPage(), LengthHead, Rst);

    private sealed class TruncatedLength() : AnswerFault("truncated-length", Closed,
        "Closes after 10 of the 100 announced bytes.", Expects.BodyTruncated, LengthHead + "0123456789");

    private sealed class TruncatedLengthReset() : AnswerFault("truncated-length-reset", Closed,
        "Resets after 10 of the 100 announced bytes.", Expects.BodyReset, LengthHead + "0123456789", Rst);

    private sealed class TruncatedInChunk() : AnswerFault("truncated-in-chunk", Closed,
        "Closes in the middle of a chunk.", Expects.BodyTruncated, ChunkedHead + "a\r\n01234");

    private sealed class TruncatedInChunkReset() : AnswerFault("truncated-in-chunk-reset", Closed,
        "Resets in the middle of a chunk.", Expects.BodyReset, ChunkedHead + "a\r\n01234", Rst);

    private sealed class TruncatedBetweenChunks() : AnswerFault("truncated-between-chunks", Closed,
        "Closes after a whole chunk, without the last one.", Expects.BodyTruncated, ChunkedHead + "a\r\n0123456789\r\n");

    private sealed class TruncatedBetweenChunksReset() : AnswerFault("truncated-between-chunks-reset", Closed,
        "Resets after a whole chunk, without the last one.", Expects.BodyReset, ChunkedHead + "a\r\n0123456789\r\n", Rst);

    private sealed class TruncatedTrailers() : AnswerFault("truncated-trailers", Closed,
        "Closes in the middle of the trailers.", Expects.BodyTruncated, ChunkedHead + "a\r\n0123456789\r\n0\r\nX-Check: 1");

    private const string Learns = "After a few such closes the gateway knows better than to use an idle connection of this app.";

    private sealed class StaleClose() : ReusedFault("stale-close", Closed,
        "Closes a kept-alive connection when the next request (GET) comes.", Expects.StaleSaved.OrElse(Learns, Expects.Fine()), "", Fin, Answers.Get);

    private sealed class StaleClosePost() : ReusedFault("stale-close-post", Closed,
        "Closes a kept-alive connection when the next request (POST) comes.", Expects.Stale.OrElse(Learns, Expects.Fine()), "", Fin, Answers.Post);

    private sealed class StaleReset() : ReusedFault("stale-reset", Closed,
        "Resets a kept-alive connection when the next request (GET) comes.", Expects.StaleSaved.OrElse(Learns, Expects.Fine()), "", Rst, Answers.Get);

    private sealed class StaleResetPost() : ReusedFault("stale-reset-post", Closed,
        "Resets a kept-alive connection when the next request (POST) comes.", Expects.Stale.OrElse(Learns, Expects.Fine()), "", Rst, Answers.Post);

    private sealed class ReusedPartialHead() : ReusedFault("reused-partial-head", Closed,
        "Breaks off inside the second answer on a connection: not a stale connection, for it had begun to answer.",
        Expects.HeadIncomplete, "HTTP/1.1 2", Fin, Answers.Get);

    private sealed class ResetDuringUpload() : TcpFault("reset-during-upload", Closed,
        "Resets the connection while the request body is being sent.", Expects.SendFailed)
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(16_000_000);

        protected override int? ReceiveBuffer => 4096;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadHeadAsync(cancellationToken);
            await connection.ReadAsync(1000, cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            connection.Reset();
        }
    }

    private sealed class CloseDuringUpload() : TcpFault("close-during-upload", Closed,
        "Closes the connection without an answer while the request body is being sent.",
        Expects.SendFailed.OrElse(
            "The FIN is read either before or after writing on meets the RST that follows it.",
            Expects.ClosedWithoutResponse with { Stage = "send" }, Expects.ClosedWithoutResponse, Expects.ResetWithoutResponse))
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(16_000_000);

        protected override int? ReceiveBuffer => 4096;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadHeadAsync(cancellationToken);
            await connection.ReadAsync(1000, cancellationToken);
            connection.Socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
            await UpstreamConnection.PauseAsync(cancellationToken);
            connection.Reset();
        }
    }

    private sealed class KilledBeforeAnswer() : KilledProcessFault("killed-before-answer",
        "A real process that is killed (SIGKILL) after it took the request.", "before",
        Expects.ClosedWithoutResponse.OrElse(
            "With evidence from the host the gateway may know of the exit; and until the next process listens, its port refuses.", Expects.ProcessExited, Expects.ConnectRefused));

    private sealed class KilledMidAnswer() : KilledProcessFault("killed-mid-answer",
        "A real process that is killed (SIGKILL) in the middle of its answer.", "mid", Expects.BodyTruncated);
}
