using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Faults;

/// <summary>HTTP/2 upstreams (clear text, prior knowledge) that break at every point, and ports that speak the other version.</summary>
internal static class Http2Faults
{
    private static readonly byte[] s_hello = "hello"u8.ToArray();

    internal static IReadOnlyList<Fault> All { get; } =
    [
        new RstNoError(), new RstProtocolError(), new RstInternalError(), new RstFlowControl(), new RstStreamClosed(), new RstRefused(),
        new RstCancel(), new RstCalm(), new RstSecurity(), new RstHttp11(), new RstUnknown(), new RstAfterData(),
        new GoAwayNotProcessed(), new GoAwayCalm(), new GoAwayInternal(), new GoAwayThenClose(),
        new CloseNoByte(), new TcpReset(), new CloseMidBody(), new Silent(), new NeverAnswers(), new BodyStall(),
        new DataBeforeHeaders(), new BadHpack(), new FrameTooLarge(), new UppercaseField(), new NoStatus(),
        new ToHttp1(), new ToHttp1Kestrel(), new FromHttp1(), new FromHttp1Kestrel(), new Ok(),
    ];

    private abstract class H2(string id, string summary, FaultExpectation expect) : TcpFault(id, FaultFamily.Http2, summary, expect)
    {
        protected sealed override FaultClusterSettings Cluster(FaultEnvironment environment) => FaultClusterSettings.Http2;

        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            var http2 = new Http2Connection(connection);
            for (var stream = await http2.OpenAsync(cancellationToken); stream > 0; stream = await http2.NextRequestAsync(cancellationToken))
            {
                if (!await AnswerAsync(http2, stream, cancellationToken))
                    return;
            }
        }

        /// <summary>Misbehaves on one stream; whether the connection goes on.</summary>
        protected abstract Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken);

        protected static Task HeadAsync(Http2Connection http2, int stream, CancellationToken cancellationToken) =>
            http2.SendAsync(Http2Connection.Headers, Http2Connection.EndHeaders, stream, Http2Connection.Status200, cancellationToken);
    }

    private abstract class Rst(string id, string summary, int code, FaultExpectation expect) : H2(id, summary, expect)
    {
        protected sealed override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await http2.ResetAsync(stream, code, cancellationToken);
            return true;
        }
    }

    private sealed class RstNoError() : Rst("h2-rst-no-error", "Resets the stream with NO_ERROR and no answer.", 0, Expects.Http2Reset);

    private sealed class RstProtocolError() : Rst("h2-rst-protocol-error", "Resets the stream with PROTOCOL_ERROR.", 1, Expects.Http2Protocol);

    private sealed class RstInternalError() : Rst("h2-rst-internal-error", "Resets the stream with INTERNAL_ERROR.", 2, Expects.Http2Reset);

    private sealed class RstFlowControl() : Rst("h2-rst-flow-control", "Resets the stream with FLOW_CONTROL_ERROR.", 3, Expects.Http2Protocol);

    private sealed class RstStreamClosed() : Rst("h2-rst-stream-closed", "Resets the stream with STREAM_CLOSED.", 5, Expects.Http2Reset);

    private sealed class RstRefused() : Rst("h2-rst-refused-stream", "Refuses the stream before processing it.", 7, Expects.Http2Refused);

    private sealed class RstCancel() : Rst("h2-rst-cancel", "Cancels the stream.", 8, Expects.Http2Reset);

    private sealed class RstCalm() : Rst("h2-rst-enhance-your-calm", "Says ENHANCE_YOUR_CALM: too much load from us.", 11, Expects.Http2Refused);

    private sealed class RstSecurity() : Rst("h2-rst-inadequate-security", "Finds the connection's security inadequate.", 12, Expects.Http2Reset);

    private sealed class RstHttp11() : Rst("h2-rst-http11-required", "Demands HTTP/1.1.", 13, Expects.VersionMismatch);

    private sealed class RstUnknown() : Rst("h2-rst-unknown-code", "Resets the stream with a code nobody knows (99).", 99, Expects.Http2Reset);

    private sealed class RstAfterData() : H2("h2-rst-after-data", "Resets the stream in the middle of the body.",
        Cut(Expects.Http2Reset).OrAsPage())
    {
        protected override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await HeadAsync(http2, stream, cancellationToken);
            await http2.SendAsync(Http2Connection.Data, 0, stream, s_hello, cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            await http2.ResetAsync(stream, 2, cancellationToken);
            return true;
        }
    }

    private abstract class Leaving(string id, string summary, FaultExpectation expect, bool processed, int code, string debug)
        : H2(id, summary, expect)
    {
        protected sealed override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await http2.GoAwayAsync(processed ? stream : 0, code, debug, cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
            return false;
        }
    }

    private sealed class GoAwayNotProcessed() : Leaving("h2-goaway-not-processed",
        "Shuts the connection down and says that it did not process the request.", Expects.Http2Refused, false, 0, "");

    private sealed class GoAwayCalm() : Leaving("h2-goaway-calm",
        "Shuts the connection down with ENHANCE_YOUR_CALM.", Expects.Http2Refused, false, 11, "too_many_pings");

    private sealed class GoAwayInternal() : Leaving("h2-goaway-internal",
        "Shuts the connection down with INTERNAL_ERROR while it processes the request.",
        Expects.Http2Refused.OrElse("It is an error of the connection as much as a going away.", Expects.Http2Protocol, Expects.Http2Reset),
        true, 2, "because");

    private sealed class GoAwayThenClose() : Leaving("h2-goaway-then-close",
        "Announces an orderly end, promises an answer and closes without it.",
        Expects.Http2Refused.OrElse("It went away, and it closed without the answer.", Expects.ClosedWithoutResponse, Expects.Http2Protocol),
        true, 0, "");

    private abstract class Plain(string id, string summary, FaultExpectation expect, Func<Http2Connection, int, CancellationToken, Task> answer)
        : H2(id, summary, expect)
    {
        protected sealed override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await answer(http2, stream, cancellationToken);
            return false;
        }
    }

    private sealed class CloseNoByte() : Plain("h2-close-no-byte", "Closes the connection without an answer.",
        Expects.ClosedWithoutResponse, (_, _, _) => Task.CompletedTask);

    private sealed class TcpReset() : Plain("h2-tcp-reset", "Resets the connection without an answer.", Expects.ResetWithoutResponse,
        (http2, _, _) =>
        {
            http2.Wire.Reset();
            return Task.CompletedTask;
        });

    private sealed class CloseMidBody() : Plain("h2-close-mid-body", "Closes the connection in the middle of the body.",
        Expects.BodyTruncated.OrAsPage(), async (http2, stream, cancellationToken) =>
        {
            await HeadAsync(http2, stream, cancellationToken);
            await http2.SendAsync(Http2Connection.Data, 0, stream, s_hello, cancellationToken);
            await UpstreamConnection.PauseAsync(cancellationToken);
        });

    private sealed class Silent() : H2("h2-silent", "Takes the HTTP/2 preface and never says a word, not even SETTINGS.", Expects.ResponseTimeout)
    {
        protected override Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken) =>
            connection.HangAsync(cancellationToken);

        protected override Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken) => Task.FromResult(false);
    }

    private sealed class NeverAnswers() : H2("h2-never-answers", "Sends SETTINGS and never an answer.", Expects.ResponseTimeout)
    {
        protected override Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken) => Task.FromResult(true);
    }

    private sealed class BodyStall() : H2("h2-body-stall", "Sends a part of the body and then nothing more.", Expects.BodyStalled)
    {
        protected override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await HeadAsync(http2, stream, cancellationToken);
            await http2.SendAsync(Http2Connection.Data, 0, stream, s_hello, cancellationToken);
            return true;
        }
    }

    private sealed class DataBeforeHeaders() : Plain("h2-data-before-headers", "Sends a body without a head.", Expects.Http2Protocol,
        async (http2, stream, cancellationToken) =>
        {
            await http2.SendAsync(Http2Connection.Data, Http2Connection.EndStream, stream, new byte[100], cancellationToken);
            await http2.Wire.HangAsync(cancellationToken);
        });

    private sealed class BadHpack() : Plain("h2-bad-hpack", "Sends header fields that cannot be decoded.", Expects.Http2Protocol,
        async (http2, stream, cancellationToken) =>
        {
            await http2.SendAsync(
                Http2Connection.Headers, Http2Connection.EndHeaders, stream, [0xff, 0xff, 0xff, 0xff, 0xff], cancellationToken);
            await http2.Wire.HangAsync(cancellationToken);
        });

    private sealed class FrameTooLarge() : Plain("h2-frame-too-large", "Sends a frame larger than allowed.", Expects.Http2Protocol,
        async (http2, stream, cancellationToken) =>
        {
            await http2.Wire.SendAsync(Http2Connection.Frame(Http2Connection.Headers, 4, stream, [], claimedLength: 0xffffff), cancellationToken);
            await http2.Wire.HangAsync(cancellationToken);
        });

    private sealed class UppercaseField() : H2("h2-uppercase-field", "Sends a field name in upper case, which HTTP/2 forbids.",
        Expects.HeadMalformed.OrElse("RFC 9113 section 8.2 calls it a stream error.", Expects.Http2Protocol, Expects.Fine()))
    {
        protected override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            // A literal field without indexing: "X-A: b". Only this stream is wrong, so the next one is answered too.
            byte[] fields = [0x88, 0x00, 0x03, (byte)'X', (byte)'-', (byte)'A', 0x01, (byte)'b'];
            await http2.SendAsync(Http2Connection.Headers, Http2Connection.EndHeaders | Http2Connection.EndStream, stream, fields, cancellationToken);
            return true;
        }
    }

    private sealed class NoStatus() : Plain("h2-no-status", "Sends a head without a status.",
        Expects.Http2Protocol.OrElse("The head is malformed, and RFC 9113 section 8.1.1 calls that a stream error.", Expects.HeadMalformed),
        async (http2, stream, cancellationToken) =>
        {
            byte[] fields = [0x00, 0x03, (byte)'x', (byte)'-', (byte)'a', 0x01, (byte)'b'];
            await http2.SendAsync(Http2Connection.Headers, Http2Connection.EndHeaders | Http2Connection.EndStream, stream, fields, cancellationToken);
            await http2.Wire.HangAsync(cancellationToken);
        });

    private sealed class Ok() : H2("h2-ok", "Answers well over HTTP/2: a control.", Expects.Fine())
    {
        protected override async Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken)
        {
            await HeadAsync(http2, stream, cancellationToken);
            await http2.SendAsync(Http2Connection.Data, Http2Connection.EndStream, stream, s_hello, cancellationToken);
            return true;
        }
    }

    /// <summary>Takes the HTTP/2 preface and answers it with the given bytes.</summary>
    private abstract class NotH2(string id, string summary, byte[] answer) : H2(id, summary, Expects.VersionMismatch)
    {
        protected sealed override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadAsync(24, cancellationToken);
            await connection.SendAsync(answer, cancellationToken);
        }

        protected sealed override Task<bool> AnswerAsync(Http2Connection http2, int stream, CancellationToken cancellationToken) =>
            Task.FromResult(false);
    }

    private sealed class ToHttp1() : NotH2("h2-to-http1", "Is an HTTP/1.1 port spoken to in HTTP/2: it answers 400, as nginx and Node do.",
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"u8.ToArray());

    private sealed class ToHttp1Kestrel() : NotH2("h2-to-http1-kestrel",
        "Is an HTTP/1.1 port spoken to in HTTP/2: it answers with a GOAWAY frame, as Kestrel does.",
        Http2Connection.Frame(Http2Connection.GoAway, 0, 0, [0, 0, 0, 0, 0, 0, 0, 13]));

    private sealed class FromHttp1() : TcpFault("http1-to-h2", FaultFamily.Http2,
        "Is an HTTP/2 port spoken to in HTTP/1.1: it answers in frames.", Expects.VersionMismatch)
    {
        protected override async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
        {
            await connection.ReadRequestAsync(cancellationToken);
            var http2 = new Http2Connection(connection);
            await http2.SendAsync(Http2Connection.Settings, 0, 0, [], cancellationToken);
            await http2.GoAwayAsync(0, 1, "", cancellationToken);
        }
    }

    private sealed class FromHttp1Kestrel() : AnswerFault("http1-to-h2-kestrel", FaultFamily.Http2,
        "Is an HTTP/2 port spoken to in HTTP/1.1: it says so with a 400, as Kestrel does.", Expects.VersionMismatch,
        "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 59\r\n\r\nAn HTTP/1.x request was sent to an HTTP/2 only endpoint.\r\n\r\n");

    private static FaultExpectation Cut(FaultExpectation page) =>
        page with { Stage = "body", Status = 200, ClientSees = ClientSees.Aborted };
}
