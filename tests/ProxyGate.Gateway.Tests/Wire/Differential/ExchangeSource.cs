using System.Globalization;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>Makes traffic: requests as clients send them, sound and odd, and an app that answers in every way an app may, and in some it may not.</summary>
internal static class ExchangeSource
{
    private const string PathSigns = "abcXYZ019-._~!$&'()*+,;=:@/";
    private static readonly string[] Escapes = ["%20", "%2F", "%2f", "%25", "%C3%A9", "%c3%a9", "%3F", "%41", "%7E", "%5C", "%3B", "%2B", "//", ";v=1"];
    private const string ValueSigns = "abcdefghij 0123456789,;=/()<>@\"'{}[]\t\u00e9\u00fc\u00ff";

    private static readonly string[] RequestNames = ["Accept", "Accept-Language", "User-Agent", "Cookie", "Authorization", "X-Thing", "x-thing", "Referer", "If-None-Match", "Range", "Cache-Control", "Content-Language", "Origin", "X-Empty", "Pragma", "From", "Via", "TE", "Max-Forwards", "Date"];

    private static readonly string[] AnswerNames =
    [
        "Server", "Content-Type", "Content-Language", "Cache-Control", "Set-Cookie", "Set-Cookie", "ETag", "Vary", "X-Thing", "x-thing", "Location", "WWW-Authenticate", "Allow", "Expires", "Last-Modified", "Link", "Via",
        "Accept-Ranges", "Age", "X-Empty", "Content-Disposition", "Retry-After", "Warning", "Trailer", "Proxy-Connection", "Content-MD5", "Host", "User-Agent",
    ];

    public static Exchange Make(int seed)
    {
        var dice = new Dice(seed);
        if (dice.OneIn(15)) return Tunnels.Make(dice);
        var method = dice.Of("GET", "GET", "GET", "HEAD", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW");
        var kind = method is "POST" or "PUT" or "PATCH" || dice.OneIn(12) ? dice.Of(BodyKind.Length, BodyKind.Length, BodyKind.Chunked, BodyKind.None) : BodyKind.None;
        var http10 = dice.OneIn(12);
        if (http10 && kind == BodyKind.Chunked) kind = BodyKind.Length;
        var body = kind == BodyKind.None ? [] : dice.Blob(dice.Size());
        var play = Answer(dice, method == "HEAD", kind != BodyKind.None && body.Length > 1 && dice.OneIn(8));
        return new Exchange
        {
            Name = seed.ToString(CultureInfo.InvariantCulture),
            Method = method,
            Target = Target(dice),
            Version = http10 ? "HTTP/1.0" : "HTTP/1.1",
            Fields = [.. Fields(dice, RequestNames, 6), .. Connection(dice, http10)],
            BodyKind = kind,
            Body = body,
            Parts = [.. dice.Pieces(body).Select(p => p.Length)],
            Trailers = kind == BodyKind.Chunked && dice.OneIn(3) ? [new StrictField("X-Sum", "42")] : [],
            Expects = kind != BodyKind.None && body.Length > 0 && !http10 && dice.OneIn(10),
            Play = play,
        };
    }

    private static string Target(Dice dice)
    {
        var path = "/";
        for (var parts = dice.Below(4); parts > 0; parts--) path += dice.OneIn(3) ? dice.Of(Escapes) : dice.Text(PathSigns, 1, 8);
        if (dice.OneIn(15)) path += dice.Of("/../x", "/./x", "/a/../../b", "/%2e%2e/x", "/..");
        return dice.Below(3) switch
        {
            0 => path + "?" + dice.Of("", "a=b", "a=b&c=%20d", "q=a+b%2Bc", "x=%zz", "a=1?b=2/3", "=&&", "u=http://x/y", "a[]=1&b={c}", "e=%C3%A9"),
            _ => path,
        };
    }

    private static StrictField[] Fields(Dice dice, string[] names, int most) =>
        Enumerable.Range(0, dice.Below(most)).Select(_ => new StrictField(dice.Of(names), " " + Value(dice))).Select(f => f.Name switch
        {
            "TE" => f with { Value = " trailers" },
            "Cookie" => f with { Value = " " + dice.Of("a=b", "a=b; c=d", "x=\"y z\"") },
            "Max-Forwards" or "Age" => f with { Value = " 5" },
            "X-Empty" => f with { Value = dice.Of("", " ", " \t") },
            // A path of this server's own; in the form of a whole URL it would mean another thing.
            "Location" => f with { Value = " /" + dice.Text("abc/?=&%20", 0, 10) },
            _ => f,
        }).ToArray();

    private static string Value(Dice dice) => dice.Below(5) switch
    {
        0 => dice.Text(ValueSigns, 1, 60).Trim(' ', '\t'),
        1 => "\"quoted, \\\"text\\\"\"",
        2 => dice.Text("abc", 1, 300),
        _ => dice.Text("abcdefghijklmnop0123456789-/.=", 1, 20),
    };

    private static IEnumerable<StrictField> Connection(Dice dice, bool http10)
    {
        if (dice.OneIn(6)) yield return new StrictField("Connection", dice.Of(" close", " keep-alive", "close", " Close"));
        else if (http10 && dice.OneIn(2)) yield return new StrictField("Connection", " keep-alive");
    }

    private static Play Answer(Dice dice, bool toHead, bool early)
    {
        byte[] answer;
        if (dice.OneIn(7))
        {
            answer = AnswerSource.Make(dice);
            if (dice.OneIn(2)) answer = Mutation.Damage(dice, answer);
        }
        else
        {
            answer = Sound(dice, toHead);
            if (dice.OneIn(10)) answer = answer[..dice.Below(answer.Length)];
        }

        var waits = StrictReader.ReadAnswer(answer, toHead, closed: false).Verdict == Verdict.Cut;
        var mayReset = StrictReader.ReadAnswer(answer, toHead, closed: true).Verdict == Verdict.Cut;
        // What is refused is not waited for, and what breaks off must not look whole by luck.
        var end = waits ? (mayReset && dice.OneIn(3) ? AppEnd.Reset : AppEnd.Close) : StrictReader.ReadAnswer(answer, toHead, closed: true) is { Verdict: Verdict.Whole, Persists: true } ? AppEnd.KeepOpen : AppEnd.Close;
        return new Play { Pieces = dice.Pieces(answer), Early = early, End = end };
    }

    private static byte[] Sound(Dice dice, bool toHead)
    {
        var status = dice.Of(200, 200, 200, 200, 201, 202, 204, 205, 206, 301, 302, 304, 400, 401, 404, 409, 413, 418, 429, 500, 503);
        var text = "";
        if (dice.OneIn(12)) text += dice.Of("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n", "HTTP/1.1 102 Processing\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\n");
        var http10 = dice.OneIn(12);
        var body = status is 204 or 205 or 304 ? [] : dice.Blob(dice.Size());
        var framing = dice.Below(8) switch { 0 or 1 or 2 when !http10 => BodyKind.Chunked, 3 => BodyKind.None, _ => BodyKind.Length };
        text += string.Create(CultureInfo.InvariantCulture, $"HTTP/1.{(http10 ? 0 : 1)} {status} {dice.Of("OK", "Fine", "", "Not \u00e4 word", "Found")}\r\n");
        foreach (var field in Fields(dice, AnswerNames, 7)) text += $"{field.Name}:{field.Value}\r\n";
        if (dice.OneIn(8)) text += dice.Of("Connection: close\r\n", "Connection: keep-alive\r\nKeep-Alive: timeout=30\r\n", "Connection: keep-alive\r\n");
        if (status == 304 || toHead && framing == BodyKind.Length) return Bytes.Of(text + dice.Of("Content-Length: 123\r\n\r\n", "\r\n"));
        if (status == 204 || toHead) return Bytes.Of(text + "\r\n");
        if (status == 205) return Bytes.Of(text + "Content-Length: 0\r\n\r\n");
        return framing switch
        {
            BodyKind.Length => [.. Bytes.Of(string.Create(CultureInfo.InvariantCulture, $"{text}Content-Length: {body.Length}\r\n\r\n")), .. body],
            BodyKind.None => [.. Bytes.Of(text + "\r\n"), .. body],
            _ => [.. Bytes.Of(text + "Transfer-Encoding: chunked\r\n\r\n"), .. Chunks(dice, body)],
        };
    }

    private static byte[] Chunks(Dice dice, byte[] body)
    {
        var bytes = new List<byte>();
        foreach (var part in dice.Pieces(body)) bytes.AddRange([.. Bytes.Of(part.Length.ToString("x", CultureInfo.InvariantCulture) + dice.Of("", "", ";a=b") + "\r\n"), .. part, 13, 10]);
        bytes.AddRange(Bytes.Of("0\r\n" + dice.Of("", "", "X-Sum: 42\r\n", "X-Sum: 1\r\nX-Sum: 2\r\n") + "\r\n"));
        return [.. bytes];
    }
}
