using System.Globalization;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Makes answers: sound ones in every shape the RFC knows, odd ones that servers really send, and sound ones with something wrong put in.</summary>
internal static class AnswerSource
{
    private const string Tokens = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-.^_`|~";
    private const string Values = "abcdefghijklmnopqrstuvwxyz0123456789 \t,;:=\"()<>@/[]?{}\u00e9\u00ff\u0080";

    private static readonly string[] Names =
        ["Server", "Date", "Content-Type", "Cache-Control", "Set-Cookie", "ETag", "Vary", "X-Request-Id", "Location", "WWW-Authenticate", "Allow", "Expires", "Last-Modified", "Keep-Alive", "Host", "Expect", "Proxy-Connection"];

    /// <summary>What framing is fought over with.</summary>
    private static readonly string[] FramingLines =
    [
        "Content-Length: 0", "Content-Length: 5", "Content-Length: 5, 5", "Content-Length: 5, 6", "Content-Length:", "Content-Length: +5", "Content-Length: -5", "Content-Length: 0x5",
        "Content-Length: 5 5", "Content-Length: 99999999999999999999", "Content-Length: 9223372036854775807", "content-length:\t5\t", "Content-Length : 5", "Content-Length: 005", "Content-Length: 5,",
        "Transfer-Encoding: chunked", "transfer-encoding:chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: identity",
        "Transfer-Encoding: \"chunked\"", "Transfer-Encoding : chunked", "Transfer-Encoding: chunked\t", "Transfer-Encoding:\x0Bchunked", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1", "Transfer-Encoding:",
        "Transfer_Encoding: chunked", " Transfer-Encoding: chunked", "Connection: close", "Connection: keep-alive", "Connection: close, keep-alive", "Connection: Content-Length", "Upgrade: websocket",
    ];

    public static byte[] Make(Dice dice)
    {
        var text = new StringBuilder();
        while (dice.OneIn(6)) Head(dice, text, dice.Of(100, 102, 103), []);
        var body = Encoding.Latin1.GetString(dice.Blob(dice.Size()));
        var status = dice.Of(200, 200, 200, 201, 204, 205, 206, 301, 304, 400, 404, 413, 500, 503, 599, 101);
        switch (dice.Below(7))
        {
            case 0:
                Head(dice, text, status, []);
                text.Append(body);
                break;
            case 1 or 2:
                Head(dice, text, status, ["Transfer-Encoding: chunked"]);
                Chunks(dice, text, body);
                break;
            case 3:
                Head(dice, text, status, [.. Enumerable.Range(0, dice.Between(1, 3)).Select(_ => dice.Of(FramingLines))]);
                if (dice.OneIn(2)) Chunks(dice, text, body);
                else text.Append(body);
                break;
            default:
                Head(dice, text, status, [string.Create(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}")]);
                text.Append(body);
                break;
        }

        // What stands behind an answer must become nobody's.
        if (dice.OneIn(8)) text.Append("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nstolen");
        return Bytes.Of(text.ToString());
    }

    private static void Head(Dice dice, StringBuilder text, int status, string[] framing)
    {
        var line = dice.OneIn(12) ? "\n" : "\r\n";
        text.Append(dice.OneIn(10) ? "HTTP/1.0 " : "HTTP/1.1 ").Append(CultureInfo.InvariantCulture, $"{status}")
            .Append(dice.Of(" OK", " OK", " OK", " ", "", " Not Found", " \u00e9t\u00e9", " a\tb", "  x")).Append(line);
        var fields = Enumerable.Range(0, dice.Below(6)).Select(_ => Field(dice)).Concat(framing).ToArray();
        foreach (var field in fields.OrderBy(_ => dice.Below(1000))) text.Append(field).Append(line);
        text.Append(line);
    }

    public static string Field(Dice dice) => dice.Below(12) switch
    {
        0 => dice.Text(Tokens, 1, 20) + ":" + dice.Text(Values, 0, 40),
        1 => dice.Of(Names) + ":",
        2 => dice.Of(Names) + ": \t " + dice.Text(Values, 0, 10) + " \t",
        3 => "X-Long: " + dice.Text(Values, 0, 3000),
        4 => "Connection: " + dice.Of("close", "keep-alive", "Keep-Alive", "close, x-a", "x-a , close", ",,close", "closed"),
        5 => "Keep-Alive: " + dice.Of("timeout=5", "timeout=0", "timeout=99999999999", "max=3, timeout=2", "timeout", "timeout=-1"),
        _ => dice.Of(Names) + ": " + dice.Text(Values, 0, 30),
    };

    private static void Chunks(Dice dice, StringBuilder text, string body)
    {
        for (var at = 0; at < body.Length;)
        {
            var size = Math.Min(body.Length - at, dice.OneIn(3) ? dice.Between(1, 5) : dice.Between(1, 10_000));
            text.Append(Number(dice, size)).Append(Extension(dice)).Append("\r\n").Append(body, at, size).Append("\r\n");
            at += size;
        }

        text.Append(dice.Of("0", "0", "0", "000", "0 ")).Append(Extension(dice)).Append("\r\n");
        while (dice.OneIn(4)) text.Append(Field(dice)).Append("\r\n");
        text.Append("\r\n");
    }

    private static string Number(Dice dice, int size) => dice.Below(8) switch
    {
        0 => size.ToString("X", CultureInfo.InvariantCulture),
        1 => size.ToString("x6", CultureInfo.InvariantCulture),
        2 => size.ToString("x", CultureInfo.InvariantCulture) + dice.Of(" ", "\t", "  "),
        _ => size.ToString("x", CultureInfo.InvariantCulture),
    };

    private static string Extension(Dice dice) => dice.Below(10) switch
    {
        0 => ";name=value",
        1 => "; a=\"b;c\"; d",
        2 => ";" + dice.Text(Values, 0, 100),
        _ => "",
    };
}
