using System.Globalization;
using System.Text;
using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Pages.Html;
using ProxyGate.Gateway.Pages.Stencils;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>
/// An operator's answer for all failures that have the same key. It is cut from the answer to a failure whose id, time, path and the like are marks, and
/// kept only when filling it gives, byte for byte, what is written without it: for this failure, and for one with the longest path.
/// </summary>
internal sealed class OperatorStencil
{
    /// <summary>Letters and digits only, which no form writes in another way; no answer holds them by chance.</summary>
    private const string Id = "idq7w3k9vz0x8";
    private const string Path = "/pathq7w3k9vz0x8";
    private const string Trace = "traceq7w3k9vz0x8traceq7w3k9vz0x8";
    private const string Told = "toldq7w3k9vz0x8";
    private static readonly DateTimeOffset s_time = new DateTimeOffset(9876, 5, 4, 3, 21, 9, TimeSpan.Zero).AddTicks(7654321);
    private static readonly FailureContext s_context = new() { Now = s_time, FirstSeen = s_time, Count = 9_876_543_210 };

    private readonly Stencil _stencil;
    private readonly AnswerFormat _format;

    private OperatorStencil(Stencil stencil, AnswerFormat format, string proxyStatus) => (_stencil, _format, ProxyStatus) = (stencil, format, proxyStatus);

    /// <summary>The value of the field that goes with the answer.</summary>
    public string ProxyStatus { get; }

    /// <summary>About as long as the answer gets.</summary>
    public int Length => _stencil.Length + 2048;

    public void Fill(AnswerBuffer buffer, FailureEvent failure) => _stencil.Fill(buffer, new OperatorValues(failure, _format));

    /// <returns>Absent where the answer cannot be had so; then each is written by itself.</returns>
    public static OperatorStencil? Cut(AnswerFormat format, FailureEvent failure)
    {
        using var written = new AnswerBuffer();
        var marked = Marked(failure);
        OperatorAnswers.Write(written, format, marked);
        var stencil = new OperatorStencil(Stencil.Cut(written.Written.Span, Marks(format, marked)), format, ProxyStatusField.Of(marked, Audience.Operator));
        return stencil.Fits(failure) && stencil.Fits(At(failure, "/".PadRight(PlainText.LongestPath, 'x'))) ? stencil : null;
    }

    /// <summary>The words are pure functions of the facts: with another path they are those of that path.</summary>
    private static FailureEvent At(FailureEvent failure, string path)
    {
        var request = failure.Request with { Path = path };
        return failure with { Request = request, Diagnosis = Explainer.Explain(new FailureFacts(request, []), failure.Diagnosis.Failure, failure.Diagnosis.Context) };
    }

    private static FailureEvent Marked(FailureEvent failure)
    {
        var request = failure.Request with { Path = Path, DurationMs = 98_765.4 };
        // In the same second as the failure's own, so that the words are the same.
        if (request.OpenCircuit is { } open) request = request with { OpenCircuit = open with { RetryInMs = RetryMark(open) } };
        var before = failure.Diagnosis;
        var diagnosis = Explainer.Explain(new FailureFacts(request, []), before.Failure, before.Context);
        return failure with
        {
            Id = Id,
            Time = s_time,
            TraceId = string.IsNullOrEmpty(failure.TraceId) ? failure.TraceId : Trace,
            SpanId = null,
            ClientAddress = "",
            Occurrences = 98_765,
            Request = request,
            Diagnosis = diagnosis with { Context = before.Context is null ? null : s_context with { Before = before.Context.Before, RouteSource = before.Context.RouteSource, RouteMatch = before.Context.RouteMatch, DestinationSource = before.Context.DestinationSource }, ContextLines = before.ContextLines.Count > 0 ? [Told] : [] },
        };
    }

    private static double RetryMark(OpenCircuitFacts open) => ((open.RetryInSeconds - 1) * 1000) + 543.217;

    private static Mark[] Marks(AnswerFormat format, FailureEvent marked)
    {
        var marks = new List<Mark>
        {
            new(StencilValue.Id, Encoding.ASCII.GetBytes(Id)),
            new(StencilValue.Path, Encoding.ASCII.GetBytes(Path)),
            new(StencilValue.Trace, Encoding.ASCII.GetBytes(Trace)),
            new(StencilValue.Moment, Encoding.ASCII.GetBytes(TextAnswer.Moment(marked))),
        };
        if (format == AnswerFormat.ProblemJson)
        {
            marks.Add(new Mark(StencilValue.Time, Written(StencilValue.Time)));
            if (marked.Request.OpenCircuit is not null) marks.Add(new Mark(StencilValue.Retry, Written(StencilValue.Retry)));
            if (marked.Diagnosis.Context is not null) marks.Add(new Mark(StencilValue.Context, Written(StencilValue.Context)));
        }
        else if (format is AnswerFormat.Html or AnswerFormat.Markdown)
        {
            marks.Add(new Mark(StencilValue.Context, Written(StencilValue.Context)));
            if (format == AnswerFormat.Html) marks.Add(new Mark(StencilValue.ContextToHandOn, Written(StencilValue.ContextToHandOn)));
        }

        return [.. marks];

        byte[] Written(StencilValue value)
        {
            using var buffer = new AnswerBuffer(1024);
            new OperatorValues(marked, format).Write(value, buffer);
            return buffer.Written.ToArray();
        }
    }

    private bool Fits(FailureEvent failure)
    {
        using var written = new AnswerBuffer();
        using var filled = new AnswerBuffer();
        OperatorAnswers.Write(written, _format, failure);
        Fill(filled, failure);
        return filled.Written.Span.SequenceEqual(written.Written.Span) && ProxyStatus == ProxyStatusField.Of(failure, Audience.Operator);
    }
}

/// <summary>The values of one failure, as the forms write them.</summary>
internal readonly struct OperatorValues(FailureEvent failure, AnswerFormat format) : IStencilValues
{
    private static readonly JsonWriterOptions s_json = new() { Indented = true };

    public void Write(StencilValue value, AnswerBuffer buffer)
    {
        switch (value)
        {
            case StencilValue.Id:
                buffer.Utf8(failure.Id);
                break;
            case StencilValue.Path:
                buffer.Utf8(failure.Request.Path);
                break;
            case StencilValue.Trace:
                buffer.Utf8(failure.TraceId);
                break;
            case StencilValue.Moment:
                buffer.Utf8(TextAnswer.Moment(failure));
                break;
            case StencilValue.Time:
                buffer.Utf8(JsonTime(failure.Time.UtcDateTime));
                break;
            case StencilValue.Retry:
                buffer.Raw("\"retry_in_ms\": "u8).Utf8(Math.Round(failure.Request.OpenCircuit!.RetryInMs, 3).ToString("R", CultureInfo.InvariantCulture));
                break;
            default:
                WriteContext(value, buffer);
                break;
        }
    }

    private void WriteContext(StencilValue value, AnswerBuffer buffer)
    {
        var d = failure.Diagnosis;
        if (format == AnswerFormat.ProblemJson)
        {
            WriteJson(d, buffer);
        }
        else if (value == StencilValue.ContextToHandOn)
        {
            using var markdown = new AnswerBuffer(4096);
            Account.TellContext(d, new MarkdownForm(markdown));
            new HtmlWriter(buffer).Block(markdown.Written.Span);
        }
        else
        {
            Account.TellContext(d, format == AnswerFormat.Html ? new HtmlForm(new HtmlWriter(buffer)) : new MarkdownForm(buffer));
        }
    }

    /// <summary>As a member of the answer's own object: without the braces around it.</summary>
    private static void WriteJson(Diagnosis d, AnswerBuffer buffer)
    {
        using var scratch = new AnswerBuffer(4096);
        using (var writer = new Utf8JsonWriter(scratch, s_json))
        {
            writer.WriteStartObject();
            ContextJson.Write(writer, d.Context, d.ContextLines);
            writer.WriteEndObject();
        }

        var written = scratch.Written.Span;
        buffer.Raw(written[1..written.LastIndexOf((byte)'}')].Trim(" \r\n"u8));
    }

    /// <summary>Round trip, without the zeros at the end.</summary>
    private static string JsonTime(DateTime time)
    {
        var text = time.ToString("O", CultureInfo.InvariantCulture).TrimEnd('Z').TrimEnd('0').TrimEnd('.');
        return text + "Z";
    }
}
