using System.Text;
using ProxyGate.Simulation.Wire;
using static ProxyGate.Simulation.Wire.Ending;

namespace ProxyGate.Simulation.Faults;

/// <summary>Answers that break RFC 9112: status line, fields, sizes, framing, chunks.</summary>
internal static class MalformedFaults
{
    private const string Malformed = FaultFamily.Malformed;
    private const string ChunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new BadStatusCode(), new Status999(), new Status099(), new Status600(), new ShortStatus(), new BadVersion(), new Http09(),
        new HeaderNameSpace(), new HeaderSpaceBeforeColon(), new HeaderNoColon(), new HeaderNul(), new HeaderControl(), new HeaderFolded(),
        new OversizedHead(), new OversizedField(), new InterimFlood(),
        new TwoLengths(), new NegativeLength(), new LengthNotANumber(), new LengthAndChunked(), new UnknownTransferCoding(),
        new BadChunk(), new BadChunkAfterData(), new ChunkTooLong(), new ChunkSizeOverflow(),
    ];

    private sealed class BadStatusCode() : AnswerFault("bad-status-code", Malformed,
        "Writes its status as 2OO, with letters.", Expects.HeadMalformed, "HTTP/1.1 2OO OK\r\nContent-Length: 0\r\n\r\n");

    private sealed class Status999() : AnswerFault("status-999", Malformed,
        "Answers with status 999.", Expects.HeadMalformed, "HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n");

    private sealed class Status099() : AnswerFault("status-099", Malformed,
        "Answers with status 099.", Expects.HeadMalformed, "HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n");

    private sealed class Status600() : AnswerFault("status-600", Malformed,
        "Answers with status 600.", Expects.HeadMalformed, "HTTP/1.1 600 Odd\r\nContent-Length: 0\r\n\r\n");

    private sealed class ShortStatus() : AnswerFault("short-status", Malformed,
        "Answers with a status of two digits.", Expects.HeadMalformed, "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n");

    private sealed class BadVersion() : AnswerFault("bad-version", Malformed,
        "Answers as HTTP/3.7.", Expects.HeadMalformed, "HTTP/3.7 200 OK\r\nContent-Length: 0\r\n\r\n");

    private sealed class Http09() : AnswerFault("http09", Malformed,
        "Sends a page without any head, as in HTTP/0.9.", Expects.NotHttp, "<html><body>hello http/0.9</body></html>\n");

    private sealed class HeaderNameSpace() : AnswerFault("header-name-space", Malformed,
        "Sends a field name with spaces.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nBad Header Name: x\r\nContent-Length: 0\r\n\r\n");

    private sealed class HeaderSpaceBeforeColon() : AnswerFault("header-space-before-colon", Malformed,
        "Sends a space between field name and colon.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok");

    private sealed class HeaderNoColon() : AnswerFault("header-no-colon", Malformed,
        "Sends a field line without a colon.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nNoColonHere\r\nContent-Length: 0\r\n\r\n");

    private sealed class HeaderNul() : AnswerFault("header-nul", Malformed,
        "Sends a NUL in a field value.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n");

    private sealed class HeaderControl() : AnswerFault("header-control", Malformed,
        "Sends a control character (ESC) in a field value.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nX-A: a\u001b[31mb\r\nContent-Length: 0\r\n\r\n");

    private sealed class HeaderFolded() : AnswerFault("header-folded", Malformed,
        "Folds a field over two lines, which RFC 9112 forbids.", Expects.HeadMalformed.OrElse(
            "RFC 9112 section 5.2 lets a proxy also replace the fold by spaces.", Expects.Fine()),
        "HTTP/1.1 200 OK\r\nX-A: one\r\n two\r\nContent-Length: 2\r\n\r\nok");

    private sealed class OversizedHead() : AnswerFault("oversized-head", Malformed,
        "Sends 100 kB of response fields.", Expects.HeadTooLarge, Many());

    private sealed class OversizedField() : AnswerFault("oversized-field", Malformed,
        "Sends a single response field of 100 kB.", Expects.HeadTooLarge,
        "HTTP/1.1 200 OK\r\nX-Big: " + new string('a', 100_000) + "\r\nContent-Length: 2\r\n\r\nok");

    private sealed class InterimFlood() : AnswerFault("interim-flood", Malformed,
        "Sends thousands of 103 answers.", Expects.HeadTooLarge, Flood());

    private sealed class TwoLengths() : AnswerFault("two-lengths", Malformed,
        "Sends two different Content-Length fields.", Expects.FramingConflict, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok   ");

    private sealed class NegativeLength() : AnswerFault("negative-length", Malformed,
        "Sends a negative Content-Length.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nok");

    private sealed class LengthNotANumber() : AnswerFault("length-not-a-number", Malformed,
        "Sends the word five as its Content-Length.", Expects.HeadMalformed, "HTTP/1.1 200 OK\r\nContent-Length: five\r\n\r\nhello");

    private sealed class LengthAndChunked() : AnswerFault("length-and-chunked", Malformed,
        "Sends both Content-Length and Transfer-Encoding: a smuggler's answer.", Expects.FramingConflict,
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");

    private sealed class UnknownTransferCoding() : AnswerFault("unknown-transfer-coding", Malformed,
        "Uses a transfer coding that does not exist.", Expects.CodingUnknown, "HTTP/1.1 200 OK\r\nTransfer-Encoding: frobnicate\r\n\r\nok");

    private sealed class BadChunk() : AnswerFault("bad-chunk", Malformed,
        "Begins its first chunk with a size that is no number.", Expects.ChunkInvalid.AsPage().OrElse(
            "The head may have gone to the client before the first chunk was seen.", Expects.ChunkInvalid), ChunkedHead + "ZZ\r\nhello\r\n0\r\n\r\n");

    private sealed class BadChunkAfterData() : TcpFault("bad-chunk-after-data", Malformed,
        "Sends a good chunk and then one with a size that is no number.", Expects.ChunkInvalid)
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.SendAsync(ChunkedHead + "5\r\nhello\r\n", cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            await connection.SendAsync("ZZ\r\nhello\r\n0\r\n\r\n", cancellationToken);
        }
    }

    private sealed class ChunkTooLong() : TcpFault("chunk-too-long", Malformed,
        "Sends more bytes in a chunk than its size says.", Expects.ChunkInvalid)
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            await connection.SendAsync(ChunkedHead + "5\r\nhello\r\n", cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            await connection.SendAsync("5\r\nhello world\r\n0\r\n\r\n", cancellationToken);
        }
    }

    private sealed class ChunkSizeOverflow() : AnswerFault("chunk-size-overflow", Malformed,
        "Announces a chunk larger than any number can hold.", Expects.ChunkInvalid.AsPage().OrElse(
            "The head may have gone to the client before the first chunk was seen.", Expects.ChunkInvalid),
        ChunkedHead + "fffffffffffffffff\r\nhello\r\n", Hang);

    private static string Many()
    {
        var head = new StringBuilder("HTTP/1.1 200 OK\r\n");
        for (var n = 0; n < 1000; n++)
            head.Append("X-Field-").Append(n).Append(": ").Append('a', 90).Append("\r\n");
        return head.Append("Content-Length: 2\r\n\r\nok").ToString();
    }

    private static string Flood()
    {
        var answers = new StringBuilder();
        for (var n = 0; n < 20_000; n++)
            answers.Append("HTTP/1.1 103 Early Hints\r\n\r\n");
        return answers.Append(Answers.Ok).ToString();
    }
}
