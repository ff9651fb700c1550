using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>A connection's reader of heads remembers the last one to save work; what it reads must never depend on what it read before.</summary>
public sealed class HeadMemoryTests
{
    private const int HeadsInARow = 12;

    private static readonly string[] Lines =
    [
        "Content-Length: 5", "Content-Length: 5", "Content-Length: 5, 5", "Content-Length: 6", "content-length:5", "Transfer-Encoding: chunked", "Connection: close", "Connection: keep-alive", "Connection: X-A", "Connection: close, x-b", "Keep-Alive: timeout=3",
        "Upgrade: websocket", "X-A: 1", "X-A: 2", "X-B: 1", "x-a: 1", "Set-Cookie: a=b", "Content-Encoding: gzip", "Content-Encoding: br", "Strict-Transport-Security: max-age=1", "Server: x", "X-Bad : 1", "X-Empty:",
    ];

    [Fact]
    public void A_head_is_read_the_same_whatever_came_before_it()
    {
        var wrong = new List<string>();
        foreach (var seed in FuzzBudget.Seeds(1500, 500).TakeWhile(_ => wrong.Count < 5))
        {
            var dice = new Dice(seed);
            var reader = new ResponseHead();
            var lines = Some(dice);
            var before = "";
            for (var n = 0; n < HeadsInARow; n++)
            {
                var head = Bytes.Of($"HTTP/1.{dice.Of(1, 1, 1, 0)} {dice.Of(200, 200, 204, 404)} {dice.Of("OK", "OK", "Fine")}\r\n" + string.Concat(lines.Select(l => l + "\r\n")) + "\r\n");
                if (dice.OneIn(12)) head = Mutation.Damage(dice, head);
                if (ResponseHead.FindEnd(head) is >= 0 and var end && ResponseHead.MayBeHttp(head))
                {
                    reader.Read(head.AsSpan(0, end));
                    var (remembering, fresh) = (Told(reader), Told(ResponseHead.Parse(head.AsSpan(0, end))));
                    if (remembering != fresh) wrong.Add($"{FuzzBudget.Repeat(seed)}: {Bytes.Escape(head)}\n  behind {before}\n  came out as {remembering}\n  and alone as {fresh}");
                    before = Bytes.Escape(head);
                }

                Change(dice, lines);
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static List<string> Some(Dice dice) => [.. Enumerable.Range(0, dice.Below(7)).Select(_ => dice.Of(Lines))];

    /// <summary>As the next answer of the same app differs from the last: a line more, a line less, one moved, or none.</summary>
    private static void Change(Dice dice, List<string> lines)
    {
        var at = dice.Below(lines.Count + 1);
        switch (dice.Below(5))
        {
            case 0: lines.Insert(at, dice.Of(Lines)); break;
            case 1 when at < lines.Count: lines.RemoveAt(at); break;
            case 2 when at < lines.Count: lines[at] = dice.Of(Lines); break;
            case 3 when lines.Count > 1: (lines[0], lines[^1]) = (lines[^1], lines[0]); break;
        }
    }

    private static string Told(ResponseHead head) => head.Defect != Diagnostics.Attempts.HeadDefect.None
        ? $"{head.Defect} {head.Detail}"
        : $"{head.Status} {head.Reason} {head.IsHttp10} {head.ContentLength} {head.Chunked} {head.KeepsAlive} {head.ConnectionUpgrade} {head.Upgrade} {head.KeepAliveSeconds} {head.ContentEncoding} {head.HasRepeatedNames} "
            + string.Join(" | ", head.Fields.ToArray().Select(f => $"{f.Name}: {f.Value} ({f.Kind})"));
}
