using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// Reads an HTTP/1.x response head strictly (RFC 9112 sections 4 to 6): what a lenient reader would pass on and a stricter client behind
/// us would read differently is refused here, with the name of the defect.
/// </summary>
internal sealed class ResponseHead
{
    private static readonly SearchValues<byte> TokenBytes = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"u8);

    private static readonly SearchValues<byte> ForbiddenInText = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 127]);

    private bool _lengthSeen;
    private bool _codingSeen;

    public int Status { get; private set; }

    public string? Reason { get; private set; }

    public bool IsHttp10 { get; private set; }

    public long? ContentLength { get; private set; }

    public bool Chunked { get; private set; }

    public bool ConnectionClose { get; private set; }

    public bool ConnectionKeepAlive { get; private set; }

    public bool ConnectionUpgrade { get; private set; }

    public string? Upgrade { get; private set; }

    /// <summary>The <c>timeout</c> of a Keep-Alive field, in seconds.</summary>
    public int? KeepAliveSeconds { get; private set; }

    /// <summary>The message YARP copies from, filled while reading; hop-by-hop fields included, YARP leaves them out itself.</summary>
    public HttpResponseMessage Message { get; } = new();

    public StreamedContent Content { get; } = new();

    public HeadDefect Defect { get; private set; }

    /// <summary>What goes with <see cref="Defect"/>: the offending line, name or value. Hostile.</summary>
    public string? Detail { get; private set; }

    /// <summary>Where a head ends, counted from the start and including the empty line; -1 when it is not all there.</summary>
    public static int FindEnd(ReadOnlySpan<byte> bytes)
    {
        // RFC 9112 section 2.2 lets a recipient take a lone LF as the end of a line.
        var from = 0;
        while (true)
        {
            var lf = bytes[from..].IndexOf((byte)'\n');
            if (lf < 0) return -1;
            var next = from + lf + 1;
            if (next < bytes.Length && bytes[next] == '\n') return next + 1;
            if (next + 1 < bytes.Length && bytes[next] == '\r' && bytes[next + 1] == '\n') return next + 2;
            from = next;
        }
    }

    /// <summary>Whether these bytes could still become an HTTP/1.x status line.</summary>
    public static bool MayBeHttp(ReadOnlySpan<byte> bytes)
    {
        var start = "HTTP/"u8;
        var compared = Math.Min(start.Length, bytes.Length);
        return bytes[..compared].SequenceEqual(start[..compared]);
    }

    /// <summary>Whether these bytes are a field name (RFC 9110 section 5.1).</summary>
    public static bool IsFieldName(ReadOnlySpan<byte> bytes) => !bytes.IsEmpty && !bytes.ContainsAnyExcept(TokenBytes);

    /// <summary>Whether these bytes may stand in a field value or a chunk extension: no control character but the tab.</summary>
    public static bool IsFieldText(ReadOnlySpan<byte> bytes) => !bytes.ContainsAny(ForbiddenInText);

    public static ResponseHead Parse(ReadOnlySpan<byte> head)
    {
        var result = new ResponseHead();
        var lineEnd = head.IndexOf((byte)'\n');
        if (!result.ReadStatusLine(TrimCr(head[..lineEnd]))) return result;
        var rest = head[(lineEnd + 1)..];
        while (result.Defect == HeadDefect.None)
        {
            lineEnd = rest.IndexOf((byte)'\n');
            if (lineEnd < 0) break;
            var line = TrimCr(rest[..lineEnd]);
            if (line.IsEmpty) break;
            result.ReadField(line);
            rest = rest[(lineEnd + 1)..];
        }

        if (result.Defect == HeadDefect.None) result.JudgeFraming();
        return result;
    }

    private static ReadOnlySpan<byte> TrimCr(ReadOnlySpan<byte> line) => line is [.. var content, (byte)'\r'] ? content : line;

    private bool Refuse(HeadDefect defect, ReadOnlySpan<byte> detail)
    {
        Defect = defect;
        Detail = Encoding.Latin1.GetString(detail[..Math.Min(detail.Length, 120)]);
        return false;
    }

    private bool ReadStatusLine(ReadOnlySpan<byte> line)
    {
        // HTTP-version SP status-code SP [ reason-phrase ]; the last SP is often left out.
        if (line.Length < 12 || !line.StartsWith("HTTP/"u8) || line[6] != '.' || !char.IsAsciiDigit((char)line[5]) || !char.IsAsciiDigit((char)line[7]))
        {
            // "HTTP/2 200" is a status line of curl's screen, not of the wire.
            return Refuse(line.Length > 5 && char.IsAsciiDigit((char)line[5]) && line[5] != '1' ? HeadDefect.VersionUnsupported : HeadDefect.StatusLineMalformed, line);
        }

        if (line[5] != '1') return Refuse(HeadDefect.VersionUnsupported, line[..8]);
        IsHttp10 = line[7] == '0';
        if (line[8] != ' ' || (line.Length > 12 && line[12] != ' ')) return RefuseStatus(line);
        if (!Utf8Parser.TryParse(line.Slice(9, 3), out int status, out var used) || used != 3 || line.Slice(9, 3).ContainsAnyExceptInRange((byte)'0', (byte)'9'))
        {
            return Refuse(HeadDefect.StatusLineMalformed, line);
        }

        if (status is < 100 or > 599) return Refuse(HeadDefect.StatusOutOfRange, line.Slice(9, 3));
        Status = status;
        var reason = line.Length > 13 ? line[13..] : default;
        if (!IsFieldText(reason)) return Refuse(HeadDefect.StatusLineMalformed, line);
        Reason = reason.IsEmpty ? "" : status == 200 && reason.SequenceEqual("OK"u8) ? null : Encoding.Latin1.GetString(reason);
        return true;
    }

    private bool RefuseStatus(ReadOnlySpan<byte> line)
    {
        // Four or more digits, or fewer than three, are a status out of range; anything else is no status line.
        var from = line[8] == ' ' ? line[9..] : default;
        var end = from.IndexOf((byte)' ');
        var code = end < 0 ? from : from[..end];
        var digits = !code.IsEmpty && !code.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return digits ? Refuse(HeadDefect.StatusOutOfRange, code) : Refuse(HeadDefect.StatusLineMalformed, line);
    }

    private void ReadField(ReadOnlySpan<byte> line)
    {
        if (line[0] is (byte)' ' or (byte)'\t')
        {
            // RFC 9112 section 5.2: a gateway replaces an obs-fold with spaces or refuses the message.
            Refuse(HeadDefect.FieldLineMalformed, line);
            return;
        }

        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            Refuse(HeadDefect.FieldLineMalformed, line);
            return;
        }

        var name = line[..colon];
        if (!IsFieldName(name))
        {
            Refuse(HeadDefect.FieldNameInvalid, name);
            return;
        }

        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (!IsFieldText(value))
        {
            Refuse(HeadDefect.FieldValueInvalid, name);
            return;
        }

        var nameText = FieldNames.Get(name);
        var valueText = Encoding.Latin1.GetString(value);
        if (nameText.Length == 14 && nameText.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
        {
            // Passed on once, however often it was said.
            if (_lengthSeen) ReadContentLength(valueText);
            else if (ReadContentLength(valueText)) Content.Headers.TryAddWithoutValidation("Content-Length", ContentLength!.Value.ToString(CultureInfo.InvariantCulture));
            return;
        }

        if (!Message.Headers.TryAddWithoutValidation(nameText, valueText)) Content.Headers.TryAddWithoutValidation(nameText, valueText);
        switch (nameText.Length)
        {
            case 17 when nameText.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase):
                if (!_codingSeen && valueText.Equals("chunked", StringComparison.OrdinalIgnoreCase)) Chunked = true;
                else Refuse(HeadDefect.TransferCodingUnknown, value);
                _codingSeen = true;
                break;
            case 10 when nameText.Equals("Connection", StringComparison.OrdinalIgnoreCase):
                foreach (var range in valueText.AsSpan().Split(','))
                {
                    var option = valueText.AsSpan()[range].Trim(" \t");
                    if (option.Equals("close", StringComparison.OrdinalIgnoreCase)) ConnectionClose = true;
                    else if (option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)) ConnectionKeepAlive = true;
                    else if (option.Equals("upgrade", StringComparison.OrdinalIgnoreCase)) ConnectionUpgrade = true;
                }

                break;
            case 10 when nameText.Equals("Keep-Alive", StringComparison.OrdinalIgnoreCase):
                ReadKeepAlive(valueText);
                break;
            case 7 when nameText.Equals("Upgrade", StringComparison.OrdinalIgnoreCase):
                Upgrade = valueText;
                break;
        }
    }

    private bool ReadContentLength(string value)
    {
        if (!_lengthSeen && value.Length is > 0 and <= 18 && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var single))
        {
            (ContentLength, _lengthSeen) = (single, true);
            return true;
        }

        // "5, 5" and a repeated equal field are one length (RFC 9112 section 6.3); two different ones are an attack or a bug.
        foreach (var range in value.AsSpan().Split(','))
        {
            // Nothing but space and tab is white space here: a no-break space must not turn into nothing.
            var part = value.AsSpan()[range].Trim(" \t");
            if (part.Length == 0 || part.Length > 18 || part.ContainsAnyExceptInRange('0', '9')
                || !long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
            {
                (Defect, Detail) = (HeadDefect.ContentLengthInvalid, value.Length > 120 ? value[..120] : value);
                return false;
            }

            if (_lengthSeen && ContentLength != length)
            {
                (Defect, Detail) = (HeadDefect.FramingConflict, $"Content-Length {ContentLength} and {length}");
                return false;
            }

            ContentLength = length;
            _lengthSeen = true;
        }

        return true;
    }

    private void ReadKeepAlive(string value)
    {
        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("timeout=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(part.AsSpan(8), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                KeepAliveSeconds = seconds;
            }
        }
    }

    private void JudgeFraming()
    {
        if (_codingSeen && _lengthSeen) (Defect, Detail) = (HeadDefect.FramingConflict, $"Content-Length {ContentLength} and Transfer-Encoding");
        else if (_codingSeen && IsHttp10) (Defect, Detail) = (HeadDefect.FramingConflict, "Transfer-Encoding in an HTTP/1.0 answer");
    }

    public bool KeepsAlive => IsHttp10 ? ConnectionKeepAlive && !ConnectionClose : !ConnectionClose;

    public string? Value(string name) => Message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    public HttpResponseMessage ToMessage(HttpRequestMessage request, Stream body)
    {
        Content.Body = body;
        Message.StatusCode = (HttpStatusCode)Status;
        Message.Version = IsHttp10 ? HttpVersion.Version10 : HttpVersion.Version11;
        Message.RequestMessage = request;
        Message.Content = Content;
        if (Reason is not null) Message.ReasonPhrase = Reason;
        return Message;
    }
}
