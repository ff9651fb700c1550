using System.Buffers;
using System.Net.Http.Headers;
using System.Text;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>Writes a request head as bytes (RFC 9112 section 3).</summary>
internal static class RequestHead
{
    private static readonly SearchValues<char> LineBreakers = SearchValues.Create("\r\n\0");

    /// <param name="request">The request as YARP made it.</param>
    /// <param name="target">Where it goes; names the Host when the request does not.</param>
    /// <param name="chunked">Whether the body follows in chunks.</param>
    /// <param name="output">Receives the head.</param>
    public static void Write(HttpRequestMessage request, Dialing.UpstreamTarget target, bool chunked, ArrayBufferWriter<byte> output)
    {
        WriteStart(output, request.Method.Method, request.RequestUri!.PathAndQuery, request.Headers.Host ?? target.HostField);
        Fields(output, request.Headers);
        if (request.Content is { } content) Fields(output, content.Headers);
        if (chunked) output.Write(ChunkedLine);
        output.Write("\r\n"u8);
    }

    public static ReadOnlySpan<byte> ChunkedLine => "Transfer-Encoding: chunked\r\n"u8;

    /// <summary>The request line and the Host field, which goes first.</summary>
    public static void WriteStart(ArrayBufferWriter<byte> output, string method, string target, string host)
    {
        WriteText(output, method);
        output.Write(" "u8);
        WriteText(output, target);
        output.Write(" HTTP/1.1\r\nHost: "u8);
        WriteText(output, host);
        output.Write("\r\n"u8);
    }

    private static void Fields(ArrayBufferWriter<byte> output, HttpHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            if (name.Equals("Host", StringComparison.OrdinalIgnoreCase) || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase)) continue;
            if (values.Count > 1 && name.Equals("Cookie", StringComparison.OrdinalIgnoreCase))
            {
                // HTTP/2 lets a client split its cookies into several fields; HTTP/1.1 wants one (RFC 9113 section 8.2.3).
                WriteField(output, name, string.Join("; ", values));
                continue;
            }

            foreach (var value in values) WriteField(output, name, value);
        }
    }

    public static void WriteField(ArrayBufferWriter<byte> output, string name, string value)
    {
        if (value.AsSpan().ContainsAny(LineBreakers))
        {
            throw new HttpRequestException(HttpRequestError.Unknown, $"The request field '{name}' has a line break or NUL in its value.");
        }

        // The usual field in one go.
        var room = output.GetSpan(name.Length + value.Length + 4);
        if (Ascii.FromUtf16(name, room, out var at) == OperationStatus.Done && Ascii.FromUtf16(value, room[(at + 2)..], out var length) == OperationStatus.Done)
        {
            ": "u8.CopyTo(room[at..]);
            "\r\n"u8.CopyTo(room[(at + 2 + length)..]);
            output.Advance(at + length + 4);
            return;
        }

        WriteText(output, name);
        output.Write(": "u8);
        WriteText(output, value);
        output.Write("\r\n"u8);
    }

    /// <summary>Bytes as the client sent them: fields are read as Latin-1 and go out as such; what does not fit goes out as UTF-8.</summary>
    private static void WriteText(ArrayBufferWriter<byte> output, string text)
    {
        if (Ascii.FromUtf16(text, output.GetSpan(Math.Max(1, text.Length)), out var written) == OperationStatus.Done)
        {
            output.Advance(written);
            return;
        }

        if (text.AsSpan().ContainsAnyExceptInRange('\0', '\xFF'))
        {
            output.Advance(Encoding.UTF8.GetBytes(text, output.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
            return;
        }

        output.Advance(Encoding.Latin1.GetBytes(text, output.GetSpan(Math.Max(1, text.Length))));
    }
}
