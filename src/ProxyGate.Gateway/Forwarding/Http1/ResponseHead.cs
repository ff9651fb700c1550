using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
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

    /// <summary>The longest head remembered for the next answer on the same connection.</summary>
    private const int LongestRemembered = 2048;

    private bool _lengthSeen;
    private bool _codingSeen;
    private ResponseField[] _fields = new ResponseField[16];
    private byte[] _bytes = [];
    private int _length;
    private int _remembered;
    private HashSet<string>? _named;

    public int Status { get; private set; }

    public string? Reason { get; private set; }

    public bool IsHttp10 { get; private set; }

    public long? ContentLength { get; private set; }

    public bool Chunked { get; private set; }

    public bool ConnectionClose { get; private set; }

    public bool ConnectionKeepAlive { get; private set; }

    public bool ConnectionUpgrade { get; private set; }

    public string? Upgrade { get; private set; }

    public string? ContentEncoding { get; private set; }

    /// <summary>The <c>timeout</c> of a Keep-Alive field, in seconds.</summary>
    public int? KeepAliveSeconds { get; private set; }

    /// <summary>The fields in their order, hop-by-hop ones included; Content-Length once, however often it was said.</summary>
    public ReadOnlySpan<ResponseField> Fields => _fields.AsSpan(0, Count);

    public int Count { get; private set; }

    /// <summary>Whether some field name comes more than once.</summary>
    public bool HasRepeatedNames { get; private set; }

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
        result.Read(head);
        return result;
    }

    /// <summary>
    /// Reads the next head of a connection. Answers of one app resemble each other: a line that stood at the same place in the last head gives its
    /// strings again, and a head that is the last one byte for byte is not read at all.
    /// </summary>
    public void Read(ReadOnlySpan<byte> head)
    {
        if (_length > 0 && head.SequenceEqual(_bytes.AsSpan(0, _length))) return;
        _remembered = _length > 0 ? Count : 0;
        if (_named is not null) ResponseField.Mark(_fields.AsSpan(0, Count), null);
        Reset();
        ReadLines(head);
        Remember(head);
    }

    private void Reset()
    {
        (_lengthSeen, _codingSeen, HasRepeatedNames, _named) = (false, false, false, null);
        (Status, Reason, IsHttp10, ContentLength, Chunked, Count) = (0, null, false, null, false, 0);
        (ConnectionClose, ConnectionKeepAlive, ConnectionUpgrade, Upgrade, KeepAliveSeconds, ContentEncoding) = (false, false, false, null, null, null);
        (Defect, Detail) = (HeadDefect.None, null);
    }

    private void ReadLines(ReadOnlySpan<byte> head)
    {
        var from = head.IndexOf((byte)'\n') + 1;
        if (!ReadStatusLine(TrimCr(head[..(from - 1)]))) return;
        while (Defect == HeadDefect.None)
        {
            var lineEnd = head[from..].IndexOf((byte)'\n');
            if (lineEnd < 0) break;
            var line = TrimCr(head.Slice(from, lineEnd));
            if (line.IsEmpty) break;
            if (Count == _fields.Length) Array.Resize(ref _fields, 2 * Count);
            if (Repeats(line) || ReadField(line)) TakeField(from, line.Length);
            from += lineEnd + 1;
        }

        if (_named is not null) ResponseField.Mark(_fields.AsSpan(0, Count), _named);
        if (Defect != HeadDefect.None) return;
        JudgeFraming();
        NoteRepeatedNames();
    }

    /// <summary>Whether this line stood at the same place in the last head; its field is then there already.</summary>
    private bool Repeats(ReadOnlySpan<byte> line)
    {
        if (Count >= _remembered) return false;
        ref readonly var last = ref _fields[Count];
        return last.LineLength == line.Length && !(_lengthSeen && last.Kind == ResponseFieldKind.ContentLength) && line.SequenceEqual(_bytes.AsSpan(last.LineStart, last.LineLength));
    }

    private void Remember(ReadOnlySpan<byte> head)
    {
        if (Defect != HeadDefect.None || head.Length > LongestRemembered)
        {
            _length = 0;
            return;
        }

        if (_bytes.Length < head.Length) _bytes = new byte[Math.Max(512, head.Length)];
        head.CopyTo(_bytes);
        _length = head.Length;
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

    /// <summary>Reads one field line into the next place. False when it is refused, or says nothing new.</summary>
    private bool ReadField(ReadOnlySpan<byte> line)
    {
        // RFC 9112 section 5.2: a gateway replaces an obs-fold with spaces or refuses the message.
        if (line[0] is (byte)' ' or (byte)'\t') return Refuse(HeadDefect.FieldLineMalformed, line);
        var colon = line.IndexOf((byte)':');
        if (colon < 0) return Refuse(HeadDefect.FieldLineMalformed, line);
        var name = line[..colon];
        if (!IsFieldName(name)) return Refuse(HeadDefect.FieldNameInvalid, name);
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (!IsFieldText(value)) return Refuse(HeadDefect.FieldValueInvalid, name);
        var nameText = FieldNames.Get(name);
        var valueText = Encoding.Latin1.GetString(value);
        var kind = ResponseField.KindOf(nameText);
        if (kind == ResponseFieldKind.ContentLength)
        {
            // Passed on once, however often it was said. The place is left as it is: the last head's field there may yet come again.
            var again = _lengthSeen;
            if (!ReadContentLength(valueText) || again) return false;
            valueText = ContentLength!.Value.ToString(CultureInfo.InvariantCulture);
        }

        ref var field = ref _fields[Count];
        (field.Name, field.Value, field.Kind) = (nameText, valueText, kind);
        return true;
    }

    /// <summary>The field at the next place is one of the head's: what it says about the message is taken in.</summary>
    private void TakeField(int lineStart, int lineLength)
    {
        ref var field = ref _fields[Count++];
        (field.LineStart, field.LineLength) = (lineStart, lineLength);
        switch (field.Kind)
        {
            case ResponseFieldKind.ContentLength when !_lengthSeen:
                ReadContentLength(field.Value);
                break;
            case ResponseFieldKind.TransferEncoding:
                if (!_codingSeen && field.Value.Equals("chunked", StringComparison.OrdinalIgnoreCase)) Chunked = true;
                else (Defect, Detail) = (HeadDefect.TransferCodingUnknown, field.Value.Length > 120 ? field.Value[..120] : field.Value);
                _codingSeen = true;
                break;
            case ResponseFieldKind.Connection:
                ConnectionField.Gather(field.Value, ref _named);
                foreach (var range in field.Value.AsSpan().Split(','))
                {
                    var option = field.Value.AsSpan()[range].Trim(" \t");
                    if (option.Equals("close", StringComparison.OrdinalIgnoreCase)) ConnectionClose = true;
                    else if (option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase)) ConnectionKeepAlive = true;
                    else if (option.Equals("upgrade", StringComparison.OrdinalIgnoreCase)) ConnectionUpgrade = true;
                }

                break;
            case ResponseFieldKind.KeepAlive:
                KeepAliveSeconds = IdleMemory.SecondsIn(field.Value) ?? KeepAliveSeconds;
                break;
            case ResponseFieldKind.Upgrade:
                Upgrade = field.Value;
                break;
            case ResponseFieldKind.ContentEncoding:
                ContentEncoding ??= field.Value;
                break;
        }
    }

    private void NoteRepeatedNames()
    {
        for (var i = 1; i < Count && !HasRepeatedNames; i++)
        {
            for (var j = 0; j < i && !HasRepeatedNames; j++) HasRepeatedNames = _fields[i].Name.Equals(_fields[j].Name, StringComparison.OrdinalIgnoreCase);
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

    private void JudgeFraming()
    {
        if (_codingSeen && _lengthSeen) (Defect, Detail) = (HeadDefect.FramingConflict, $"Content-Length {ContentLength} and Transfer-Encoding");
        else if (_codingSeen && IsHttp10) (Defect, Detail) = (HeadDefect.FramingConflict, "Transfer-Encoding in an HTTP/1.0 answer");
    }

    /// <summary>A 204 or 205 that announces a body may well send one: it must not become the next request's answer.</summary>
    public bool AnnouncesNeedlessBody => Status switch
    {
        204 => Chunked || ContentLength > 0,
        205 => Chunked || ContentLength != 0,
        _ => false,
    };

    /// <summary>Whether the client may be told the length (RFC 9110 sections 8.6 and 15.3.6).</summary>
    public bool MayTellLength => Status is not (204 or 205);

    public bool KeepsAlive => IsHttp10 ? ConnectionKeepAlive && !ConnectionClose : !ConnectionClose;

    /// <summary>A field's values, joined as one (RFC 9110 section 5.3); absent when it is not there.</summary>
    public string? Value(string name)
    {
        string? value = null;
        foreach (ref readonly var field in Fields)
        {
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) value = value is null ? field.Value : $"{value}, {field.Value}";
        }

        return value;
    }
}
