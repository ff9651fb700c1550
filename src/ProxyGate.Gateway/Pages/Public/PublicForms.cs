using System.Buffers;
using System.Text;
using System.Text.Json;

namespace ProxyGate.Gateway.Pages.Public;

/// <summary>The public's answer for programs and terminals: problem+json, Markdown and plain text.</summary>
internal static class PublicForms
{
    /// <summary>Not HTML: letters with marks may stand as they are.</summary>
    private static readonly JsonWriterOptions s_options = new() { Indented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.Create(System.Text.Unicode.UnicodeRanges.All) };

    public static ReadOnlyMemory<byte> Write(AnswerFormat format, PublicView view) => format switch
    {
        AnswerFormat.ProblemJson => Problem(view),
        AnswerFormat.Markdown => Encoding.UTF8.GetBytes(Markdown(view)),
        _ => Encoding.UTF8.GetBytes(Plain(view)),
    };

    private static ReadOnlyMemory<byte> Problem(PublicView view)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, s_options))
        {
            writer.WriteStartObject();
            writer.WriteString("type", "about:blank");
            writer.WriteString("title", view.Text.Title);
            writer.WriteNumber("status", view.Status);
            writer.WriteString("detail", string.Join(' ', Sentences(view)));
            writer.WriteString("id", view.Id);
            writer.WriteBoolean("retryable", view.Retryable);
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static string Markdown(PublicView view)
    {
        var text = new StringBuilder(512).Append("# ").Append(view.Text.Title).Append("\n\n").AppendJoin(' ', Sentences(view)).Append("\n\n");
        text.Append("- Status: ").Append(TextAnswer.StatusLine(view.Status)).Append("\n- Id: `").Append(view.Id).Append("`\n- ").Append(view.Labels.Time).Append(": ").Append(view.Moment).Append('\n');
        if (view.Settings.Contact is { } contact) text.Append("- ").Append(view.Labels.Help).Append(": ").Append(contact).Append('\n');
        return text.ToString();
    }

    private static string Plain(PublicView view)
    {
        var text = new StringBuilder(512).Append(TextAnswer.StatusLine(view.Status)).Append('\n').Append(view.Text.Title).Append(".\n").AppendJoin(' ', Sentences(view)).Append("\n\n");
        text.Append("id ").Append(view.Id).Append(", ").Append(view.Moment).Append('\n');
        if (view.Settings.Contact is { } contact) text.Append(view.Labels.Help).Append(": ").Append(contact).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> Sentences(PublicView view)
    {
        yield return view.Text.Sentence;
        yield return view.Text.Advice;
        if (view.MayHaveArrived) yield return view.Labels.AfterSending;
        if (view.Settings.Message is { } message) yield return message;
    }
}
