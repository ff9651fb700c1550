using System.Text;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Damages bytes: single ones, whole lines, and the tokens that parsers stumble over.</summary>
internal static class Mutation
{
    private static readonly string[] Tokens =
    [
        "\r", "\n", "\r\n", "\r\r\n", "\n\n", "\0", "\t", " ", "\x0B", "\x0C", "\x7F", "\x80", "\xFF", ":", ",", ";", "\r\n ", "\r\n\t", "\r\n\r\n", "0\r\n\r\n", "0\r\n", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 100 Continue\r\n\r\n",
        "Content-Length: 3\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "\r\nContent-Length: 1", "\rTransfer-Encoding: chunked", "ffffffffffffffff\r\n", "7fffffffffffffff\r\n",
        "-1\r\n", "+5\r\n", "0x5\r\n", "5\n", "5;\n", "5;a\rb\r\n", "5 ;x\r\n", " 5\r\n", "5\r", "1_0\r\n", "\u00b2\r\n", "X : y\r\n", "X\r\n", ": y\r\n",
    ];

    public static byte[] Damage(Dice dice, byte[] bytes)
    {
        var damaged = bytes;
        for (var times = dice.Between(1, 3); times > 0; times--) damaged = Once(dice, damaged);
        return damaged;
    }

    private static byte[] Once(Dice dice, byte[] bytes)
    {
        // Heads are where the structure is, so most of the damage is done early.
        var limit = dice.OneIn(3) ? bytes.Length : Math.Min(bytes.Length, 300);
        if (limit == 0) return Bytes.Of(dice.Of(Tokens));
        var at = dice.Below(limit + 1);
        switch (dice.Below(9))
        {
            case 0 when at < bytes.Length:
                var flipped = bytes.ToArray();
                flipped[at] ^= (byte)(1 << dice.Below(8));
                return flipped;
            case 1 when at < bytes.Length:
                var replaced = bytes.ToArray();
                replaced[at] = dice.Byte();
                return replaced;
            case 2:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + dice.Between(1, 4))..]];
            case 3:
                return bytes[..at];
            case 4 or 5:
                return Lines(dice, bytes);
            case 6:
                // Two answers joined in an odd place.
                return [.. bytes[..at], .. bytes[dice.Below(bytes.Length)..]];
            default:
                return [.. bytes[..at], .. Bytes.Of(dice.Of(Tokens)), .. bytes[at..]];
        }
    }

    private static byte[] Lines(Dice dice, byte[] bytes)
    {
        var lines = Encoding.Latin1.GetString(bytes).Split("\r\n").ToList();
        var from = dice.Below(Math.Min(lines.Count, 10));
        var line = lines[from];
        switch (dice.Below(4))
        {
            case 0: lines.Insert(from, line); break;
            case 1: lines.RemoveAt(from); break;
            case 2: lines[from] = line.Replace(": ", dice.Of(":", " : ", ":\t", "\t: ", ": \x00", "; ", ":: "), StringComparison.Ordinal); break;
            default:
                lines.RemoveAt(from);
                lines.Insert(dice.Below(lines.Count + 1), line);
                break;
        }

        return Bytes.Of(string.Join("\r\n", lines));
    }
}
