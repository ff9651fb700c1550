using System.Globalization;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>
/// A second reader of HTTP/1.1, written from the grammar of RFC 9112 and sharing no line with the product. It refuses whatever the RFC forbids and
/// takes of what the RFC leaves open only this: a lone LF ends a line of a head or trailer section (section 2.2), the space before a missing reason
/// may be missing too (section 4), and equal lengths are one length (section 6.3).
/// </summary>
internal static class StrictReader
{
    private const string TokenSigns = "!#$%&'*+-.^_`|~";
    private const int LongestChunkLine = 1024;
    private const int LongestTrailers = 16 * 1024;

    /// <param name="bytes">All that was received, from the beginning of the answer.</param>
    /// <param name="toHead">Whether it answers a HEAD request.</param>
    /// <param name="closed">Whether nothing more comes.</param>
    public static StrictMessage ReadAnswer(ReadOnlySpan<byte> bytes, bool toHead, bool closed)
    {
        var interim = new List<int>();
        var at = 0;
        while (true)
        {
            var head = ReadHead(bytes[at..], request: false);
            if (head.Verdict != Verdict.Whole) return head with { Interim = interim };
            at += head.Consumed;
            if (head.Status is >= 200 or 101)
            {
                // Section 6.3, and RFC 9110 section 15.3.6: a 205 has no content, whatever it says.
                var bodyless = toHead || head.Status is 101 or 204 or 205 or 304;
                return ReadBody(bytes, at, head with { Interim = interim, HeadIsSound = true, Framing = bodyless ? Framing.None : head.Framing }, closed);
            }

            interim.Add(head.Status);
        }
    }

    public static StrictMessage ReadRequest(ReadOnlySpan<byte> bytes)
    {
        var head = ReadHead(bytes, request: true);
        if (head.Verdict != Verdict.Whole) return head;
        var framing = head.Framing == Framing.UntilClose ? Framing.None : head.Framing;
        return ReadBody(bytes, head.Consumed, head with { HeadIsSound = true, Framing = framing }, closed: true);
    }

    /// <summary>One head with its framing; what it consumed ends behind the empty line.</summary>
    public static StrictMessage ReadHead(ReadOnlySpan<byte> bytes, bool request)
    {
        if (!request && !MayBegin(bytes)) return Refused("not HTTP");
        var lines = new List<string>();
        var at = 0;
        while (true)
        {
            var lf = bytes[at..].IndexOf((byte)'\n');
            if (lf < 0) return new StrictMessage { Verdict = Verdict.Cut };
            var line = Encoding.Latin1.GetString(bytes.Slice(at, lf));
            at += lf + 1;
            if (line.EndsWith('\r')) line = line[..^1];
            if (line.Length == 0 && lines.Count > 0) break;
            lines.Add(line);
        }

        var message = request ? RequestLine(lines[0]) : StatusLine(lines[0]);
        if (message.Verdict == Verdict.Refused) return message;
        var fields = new List<StrictField>();
        foreach (var line in lines.Skip(1))
        {
            if (Field(line) is not { } field) return Refused($"field line '{line}'");
            fields.Add(field);
        }

        return Frame(message with { Fields = fields, Consumed = at });
    }

    private static bool MayBegin(ReadOnlySpan<byte> bytes)
    {
        var compared = Math.Min(bytes.Length, 5);
        return bytes[..compared].SequenceEqual("HTTP/"u8[..compared]);
    }

    private static StrictMessage Refused(string fault) => new() { Verdict = Verdict.Refused, Fault = fault };

    private static StrictMessage StatusLine(string line)
    {
        // HTTP-version SP status-code SP [ reason-phrase ]
        if (line.Length < 12 || !line.StartsWith("HTTP/1.", StringComparison.Ordinal) || !char.IsAsciiDigit(line[7]) || line[8] != ' ') return Refused($"status line '{line}'");
        if (line.Length > 12 && line[12] != ' ') return Refused($"status line '{line}'");
        if (line.AsSpan(9, 3).ContainsAnyExceptInRange('0', '9')) return Refused($"status '{line}'");
        var status = int.Parse(line.AsSpan(9, 3), CultureInfo.InvariantCulture);
        if (status is < 100 or > 599) return Refused($"status {status}");
        var reason = line.Length > 13 ? line[13..] : "";
        return reason.All(IsText)
            ? new StrictMessage { Verdict = Verdict.Whole, Status = status, Reason = reason, IsHttp10 = line[7] == '0' }
            : Refused($"reason '{reason}'");
    }

    private static StrictMessage RequestLine(string line)
    {
        var parts = line.Split(' ');
        return parts is [var method, var target, "HTTP/1.1" or "HTTP/1.0"] && IsToken(method) && target.Length > 0 && target.All(c => c is > ' ' and < '\x7F')
            ? new StrictMessage { Verdict = Verdict.Whole, Method = method, Target = target, IsHttp10 = parts[2] == "HTTP/1.0" }
            : Refused($"request line '{line}'");
    }

    /// <summary>field-name ":" OWS field-value OWS; no obs-fold, which begins with a space and so with no token.</summary>
    private static StrictField? Field(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !IsToken(line[..colon])) return null;
        var value = line[(colon + 1)..].Trim(' ', '\t');
        return value.All(IsText) ? new StrictField(line[..colon], value) : null;
    }

    private static bool IsToken(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || TokenSigns.Contains(c, StringComparison.Ordinal));

    /// <summary>HTAB, SP, VCHAR or obs-text.</summary>
    private static bool IsText(char c) => c is '\t' or (>= ' ' and < '\x7F') or >= '\x80';

    private static StrictMessage Frame(StrictMessage head)
    {
        var codings = head.Values("Transfer-Encoding").ToArray();
        long? length = null;
        foreach (var text in head.Values("Content-Length").SelectMany(v => v.Split(',')).Select(v => v.Trim(' ', '\t')))
        {
            if (text.Length is 0 or > 18 || !text.All(char.IsAsciiDigit)) return Refused($"length '{text}'");
            var value = long.Parse(text, CultureInfo.InvariantCulture);
            if (length is { } before && before != value) return Refused($"lengths {before} and {value}");
            length = value;
        }

        if (codings.Length > 0 && length is not null) return Refused("a length and a coding");
        if (codings.Length > 0 && head.IsHttp10) return Refused("a coding in HTTP/1.0");
        if (codings.Length > 1 || (codings.Length == 1 && !codings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase))) return Refused($"coding '{string.Join(", ", codings)}'");
        return head with { Length = length, Framing = codings.Length > 0 ? Framing.Chunked : length is not null ? Framing.Length : Framing.UntilClose };
    }

    private static StrictMessage ReadBody(ReadOnlySpan<byte> bytes, int from, StrictMessage head, bool closed)
    {
        var rest = bytes[from..];
        switch (head.Framing)
        {
            case Framing.None:
                return head with { Consumed = from };
            case Framing.Length:
                var enough = rest.Length >= head.Length;
                var take = enough ? (int)head.Length! : rest.Length;
                return head with { Verdict = enough ? Verdict.Whole : Verdict.Cut, Body = rest[..take].ToArray(), Consumed = from + take };
            case Framing.UntilClose:
                return head with { Verdict = closed ? Verdict.Whole : Verdict.Cut, Body = rest.ToArray(), Consumed = bytes.Length };
            default:
                return ReadChunks(bytes, from, head);
        }
    }

    private static StrictMessage ReadChunks(ReadOnlySpan<byte> bytes, int at, StrictMessage head)
    {
        var body = new List<byte>();
        while (true)
        {
            // chunk-size [ chunk-ext ] CRLF, in which no other CR or LF may stand
            if (!ChunkLine(bytes[at..], out var line, out var broken)) return broken ? Broken("chunk line") : Unfinished();
            at += line.Length + 2;
            var semicolon = line.IndexOf(';', StringComparison.Ordinal);
            var digits = (semicolon < 0 ? line : line[..semicolon]).TrimEnd(' ', '\t');
            if (digits.Length is 0 or > 15 || !digits.All(char.IsAsciiHexDigit)) return Broken($"chunk size '{line}'");
            if (semicolon >= 0 && !line[semicolon..].All(IsText)) return Broken($"chunk extension '{line}'");
            var size = long.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return ReadTrailers(bytes, at, head with { Body = [.. body] });
            var take = (int)Math.Min(size, bytes.Length - at);
            body.AddRange(bytes.Slice(at, take));
            at += take;
            if (take < size) return Unfinished();
            if (at < bytes.Length && bytes[at] != '\r' || at + 1 < bytes.Length && bytes[at + 1] != '\n') return Broken("no CRLF after a chunk");
            if (at + 2 > bytes.Length) return Unfinished();
            at += 2;
        }

        StrictMessage Broken(string fault) => head with { Verdict = Verdict.Refused, Fault = fault, Body = [.. body] };
        StrictMessage Unfinished() => head with { Verdict = Verdict.Cut, Body = [.. body] };
    }

    private static bool ChunkLine(ReadOnlySpan<byte> bytes, out string line, out bool broken)
    {
        var end = bytes.IndexOf((byte)'\n');
        (line, broken) = ("", end < 0 ? bytes.Length > LongestChunkLine : end >= LongestChunkLine || end == 0 || bytes[end - 1] != '\r');
        if (end < 0 || broken) return false;
        line = Encoding.Latin1.GetString(bytes[..(end - 1)]);
        return true;
    }

    private static StrictMessage ReadTrailers(ReadOnlySpan<byte> bytes, int at, StrictMessage message)
    {
        var trailers = new List<StrictField>();
        var begin = at;
        while (true)
        {
            var lf = bytes[at..].IndexOf((byte)'\n');
            if (at - begin + (lf < 0 ? bytes.Length - at : lf + 1) > LongestTrailers) return message with { Verdict = Verdict.Refused, Fault = "trailers too long" };
            if (lf < 0) return message with { Verdict = Verdict.Cut };
            var line = Encoding.Latin1.GetString(bytes.Slice(at, lf));
            at += lf + 1;
            if (line.EndsWith('\r')) line = line[..^1];
            if (line.Length == 0) return message with { Verdict = Verdict.Whole, Trailers = trailers, Consumed = at };
            if (Field(line) is not { } field) return message with { Verdict = Verdict.Refused, Fault = $"trailer line '{line}'" };
            trailers.Add(field);
        }
    }
}
