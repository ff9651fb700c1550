using System.Buffers;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The trace that a request belongs to (W3C Trace Context), by which its event and the app's own log find each other: that of the span which is
/// exported, else the client's, else a new one. Without an exporter it costs a few random numbers and no span.
/// </summary>
internal sealed class RequestTrace
{
    private const int Length = 55;
    private const string NewFlags = "00";
    private static readonly SearchValues<char> Hex = SearchValues.Create("0123456789abcdef");

    private RequestTrace(string parent) => Parent = parent;

    /// <summary>The <c>traceparent</c> that the upstream is sent.</summary>
    public string Parent { get; }

    public string TraceId => Parent.Substring(3, 32);

    public string SpanId => Parent.Substring(36, 16);

    public static RequestTrace Of(HttpContext context)
    {
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id }) return new RequestTrace(id);
        var client = context.Request.Headers.TraceParent;
        return client is [{ } parent] && IsValid(parent) ? Continue(parent) : New();
    }

    private static RequestTrace Continue(string parent) => new(string.Create(Length, parent, static (text, parent) =>
    {
        parent.CopyTo(text);
        WriteRandom(text.Slice(36, 16));
    }));

    private static RequestTrace New() => new(string.Create(Length, NewFlags, static (text, flags) =>
    {
        "00-".CopyTo(text);
        WriteRandom(text.Slice(3, 32));
        text[35] = '-';
        WriteRandom(text.Slice(36, 16));
        text[52] = '-';
        flags.CopyTo(text[53..]);
    }));

    private static void WriteRandom(Span<char> hex)
    {
        var bytes = (stackalloc byte[16])[..(hex.Length / 2)];
        Random.Shared.NextBytes(bytes);
        // All zero is no id.
        bytes[^1] |= 1;
        Convert.TryToHexStringLower(bytes, hex, out _);
    }

    /// <summary>Version 00, and neither id all zero; whoever sends anything else begins no trace.</summary>
    private static bool IsValid(string parent) => parent.Length == Length && parent.StartsWith("00-", StringComparison.Ordinal) && parent[35] == '-' && parent[52] == '-'
        && !parent.AsSpan(3, 32).ContainsAnyExcept(Hex) && !parent.AsSpan(36, 16).ContainsAnyExcept(Hex) && !parent.AsSpan(53, 2).ContainsAnyExcept(Hex)
        && parent.AsSpan(3, 32).ContainsAnyExcept('0') && parent.AsSpan(36, 16).ContainsAnyExcept('0');
}
