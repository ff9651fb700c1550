using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The trace that a request belongs to (W3C Trace Context), by which its event and the app's own log find each other: that of the span which is
/// exported, else the client's, else a new one. Without an exporter it costs a few random numbers and no span.
/// </summary>
internal sealed class RequestTrace
{
    private const int Length = 55;
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private readonly NewIds _ids;
    private string? _parent;

    private RequestTrace(string parent) => _parent = parent;

    private RequestTrace(in NewIds ids) => _ids = ids;

    /// <summary>The <c>traceparent</c> that the upstream is sent.</summary>
    public string Parent => _parent ??= AsText();

    public string TraceId => Parent.Substring(3, 32);

    public string SpanId => Parent.Substring(36, 16);

    public static RequestTrace Of(HttpContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }) return new RequestTrace(id);
        var client = context.Request.Headers.TraceParent;
        return client is [{ } parent] && IsValid(parent) ? Continue(parent) : new RequestTrace(NewIds.Make());
    }

    private static RequestTrace Continue(string parent) => new(string.Create(Length, parent, static (text, parent) =>
    {
        parent.CopyTo(text);
        var ids = NewIds.Make();
        Convert.TryToHexStringLower(((ReadOnlySpan<byte>)ids)[16..], text[36..], out _);
    }));

    /// <summary>Writes it as a line of a request head; that of a new trace, as most are, without a text in between.</summary>
    public void Write(ArrayBufferWriter<byte> output)
    {
        if (_parent is not null)
        {
            RequestHead.WriteField(output, HeaderNames.TraceParent, _parent);
            return;
        }

        Fill(output.GetSpan(Line.Length));
        output.Advance(Line.Length);
    }

    private static ReadOnlySpan<byte> Line => "traceparent: 00-................................-................-00\r\n"u8;

    private void Fill(Span<byte> line)
    {
        ReadOnlySpan<byte> bytes = _ids;
        Line.CopyTo(line);
        Convert.TryToHexStringLower(bytes[..16], line[16..], out _);
        Convert.TryToHexStringLower(bytes[16..], line[49..], out _);
    }

    private string AsText()
    {
        Span<byte> line = stackalloc byte[Line.Length];
        Fill(line);
        return Encoding.ASCII.GetString(line.Slice("traceparent: ".Length, Length));
    }

    /// <summary>Version 00, and neither id all zero; whoever sends anything else begins no trace.</summary>
    private static bool IsValid(string parent) => parent.Length == Length && parent.StartsWith("00-", StringComparison.Ordinal) && parent[35] == '-' && parent[52] == '-'
        && !parent.AsSpan(3, 32).ContainsAnyExcept(Hex) && !parent.AsSpan(36, 16).ContainsAnyExcept(Hex) && !parent.AsSpan(53, 2).ContainsAnyExcept(Hex)
        && parent.AsSpan(3, 32).ContainsAnyExcept('0') && parent.AsSpan(36, 16).ContainsAnyExcept('0');

    /// <summary>A new id of a trace, and behind it one of a span.</summary>
    [InlineArray(24)]
    private struct NewIds
    {
        private byte _first;

        public static NewIds Make()
        {
            var ids = default(NewIds);
            Random.Shared.NextBytes(ids);
            // All zero is no id.
            ids[15] |= 1;
            ids[23] |= 1;
            return ids;
        }
    }
}
