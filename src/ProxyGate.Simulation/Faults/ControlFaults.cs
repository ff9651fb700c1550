using System.Globalization;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>Odd but correct upstreams: a gateway must serve each of them and log no failure.</summary>
internal static class ControlFaults
{
    private const string Control = FaultFamily.Control;

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new Small(), new Large(), new ChunkedTrailers(), new Head(), new NoContent(), new NotModified(), new Continue(), new Events(),
        new EarlyHints(), new ConnectionClose(), new CloseDelimited(), new SlowButFine(), new IdleClose(), new ExtraBytes(),
        new Latin1Value(), new BareLineFeeds(), new SameLengthTwice(), new EmptyReason(), new WebSocketEcho(), new Healthy404(),
    ];

    private sealed class Small() : AnswerFault("healthy-small", Control, "A small answer.", Expects.Fine(), Answers.Ok, Ending.KeepAlive);

    private sealed class Healthy404() : AnswerFault("healthy-404", Control, "The app's own 404: not a failure of anybody.", Expects.Fine(404),
        "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", Ending.KeepAlive);

    private sealed class Large() : TcpFault("healthy-large", Control, "An answer of 5 MB.", Expects.Fine())
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            var part = new byte[50_000];
            Array.Fill(part, (byte)'x');
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", cancellationToken);
                for (var n = 0; n < 100; n++)
                    await connection.SendAsync(part, cancellationToken);
            }
        }
    }

    private sealed class ChunkedTrailers() : AnswerFault("healthy-chunked-trailers", Control, "A chunked answer with trailers.", Expects.Fine(),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Check\r\n\r\n5\r\nhello\r\n6;x=1\r\n world\r\n0\r\nX-Check: 11\r\n\r\n",
        Ending.KeepAlive);

    private sealed class Head() : AnswerFault("healthy-head", Control, "A HEAD request: a length, but no body.", Expects.Fine(),
        "HTTP/1.1 200 OK\r\nContent-Length: 12345\r\n\r\n", Ending.KeepAlive)
    {
        public override FaultRequest Request { get; } = new() { Method = "HEAD" };
    }

    private sealed class NoContent() : AnswerFault("healthy-204", Control, "204 without a length.", Expects.Fine(204),
        "HTTP/1.1 204 No Content\r\n\r\n", Ending.KeepAlive);

    private sealed class NotModified() : AnswerFault("healthy-304", Control, "304 with the length of the page it does not send.", Expects.Fine(304),
        "HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 12345\r\n\r\n", Ending.KeepAlive)
    {
        public override FaultRequest Request { get; } = new() { Headers = [new("If-None-Match", "\"a\"")] };
    }

    private sealed class Continue() : TcpFault("healthy-100-continue", Control, "Asks for the body with 100 Continue.", Expects.Fine())
    {
        public override FaultRequest Request { get; } = FaultRequest.Post(10_000) with { Headers = [new("Expect", "100-continue")] };

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadHeadAsync(cancellationToken) is { } head)
            {
                if (UpstreamConnection.Field(head, "expect") is not null)
                    await connection.SendAsync("HTTP/1.1 100 Continue\r\n\r\n", cancellationToken);
                var length = int.Parse(UpstreamConnection.Field(head, "content-length") ?? "0", CultureInfo.InvariantCulture);
                await connection.ReadAsync(length, cancellationToken);
                await connection.SendAsync(Answers.Ok, cancellationToken);
            }
        }
    }

    private sealed class Events() : TcpFault("healthy-events", Control, "Server-sent events, one at a time.", Expects.Fine())
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await connection.SendAsync(
                    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", cancellationToken);
                for (var n = 0; n < 5; n++)
                {
                    await connection.SendAsync("9\r\ndata: " + n.ToString(CultureInfo.InvariantCulture) + "\n\n\r\n", cancellationToken);
                    await Task.Delay(connection.Timeouts.Idle / 5, cancellationToken);
                }

                await connection.SendAsync("0\r\n\r\n", cancellationToken);
            }
        }
    }

    private sealed class EarlyHints() : AnswerFault("healthy-early-hints", Control, "103 Early Hints before the answer.", Expects.Fine(),
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n" + Answers.Ok, Ending.KeepAlive);

    private sealed class ConnectionClose() : AnswerFault("healthy-connection-close", Control,
        "Announces Connection: close and closes after its answer.", Expects.Fine(),
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok");

    private sealed class CloseDelimited() : AnswerFault("healthy-close-delimited", Control,
        "An HTTP/1.0 answer without a length, ended by the close.", Expects.Fine(), "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold but fine");

    private sealed class SlowButFine() : TcpFault("slow-but-fine", Control, "Takes most of the time it is allowed.", Expects.Fine())
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReadRequestAsync(cancellationToken) is not null)
            {
                await Task.Delay(connection.Timeouts.FirstByte / 2, cancellationToken);
                await connection.SendAsync(Answers.Ok, cancellationToken);
            }
        }
    }

    private sealed class IdleClose() : AnswerFault("idle-close", Control,
        "Closes each connection shortly after its answer, without saying so: a pool must notice.",
        Expects.Fine().OrElse("The close may cross the next request on the wire.", Expects.StaleSaved, Expects.Stale), Answers.Ok)
    {
        // Well after the close: a request that crosses it is lost, and nobody's pool could have known.
        public override FaultRequest Request { get; } = new() { WarmUps = 1, Rest = TimeSpan.FromMilliseconds(500) };
    }

    private sealed class ExtraBytes() : AnswerFault("extra-bytes-after", Control,
        "Sends more bytes than announced: the answer stands, but the connection must not be used again.",
        Expects.Fine(), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokEXTRA", Ending.KeepAlive)
    {
        public override FaultRequest Request { get; } = new() { WarmUps = 1 };
    }

    private sealed class Latin1Value() : AnswerFault("header-latin1", Control,
        "A field value with a byte outside ASCII, which RFC 9110 lets pass.", Expects.Fine(),
        "HTTP/1.1 200 OK\r\nX-Name: caf\u00e9\r\nContent-Length: 2\r\n\r\nok", Ending.KeepAlive);

    private sealed class BareLineFeeds() : AnswerFault("bare-line-feeds", Control,
        "Ends its lines with LF alone, which RFC 9112 section 2.2 lets a recipient accept.", Expects.Fine(),
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", Ending.KeepAlive);

    private sealed class SameLengthTwice() : AnswerFault("same-length-twice", Control,
        "Sends the same Content-Length twice.", Expects.Fine().OrElse(
            "RFC 9110 section 8.6 lets a recipient refuse it or take it as one.", Expects.FramingConflict),
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok", Ending.KeepAlive);

    private sealed class EmptyReason() : AnswerFault("empty-reason", Control, "A status line without a reason phrase.", Expects.Fine(),
        "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", Ending.KeepAlive);

    private sealed class WebSocketEcho() : TcpFault("ws-echo", Control, "A WebSocket that greets and closes in order.", Expects.Fine(101))
    {
        public override FaultRequest Request => UpgradeFaults.WebSocket;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            if (await connection.ReadRequestAsync(cancellationToken) is not { } head)
                return;
            // A text frame and a close frame with status 1000.
            await connection.SendAsync(UpgradeFaults.Accept(head) + "\u0081\u0002hi\u0088\u0002\u0003\u00e8", cancellationToken);
        }
    }
}
