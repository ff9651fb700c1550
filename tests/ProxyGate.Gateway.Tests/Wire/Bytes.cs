using System.Globalization;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>Bytes as readable text and back: what a corpus file and a failure's report show.</summary>
internal static class Bytes
{
    public static byte[] Of(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>Printable ASCII as it is, everything else as <c>\r</c>, <c>\n</c>, <c>\t</c>, <c>\\</c> or <c>\xHH</c>.</summary>
    public static string Escape(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length + 16);
        foreach (var b in bytes)
        {
            text.Append(b switch
            {
                (byte)'\r' => "\\r",
                (byte)'\n' => "\\n",
                (byte)'\t' => "\\t",
                (byte)'\\' => "\\\\",
                >= 0x20 and < 0x7F => ((char)b).ToString(),
                _ => "\\x" + b.ToString("X2", CultureInfo.InvariantCulture),
            });
        }

        return text.ToString();
    }

    /// <summary>The bytes of an escaped text; <c>\*N*X</c> is X repeated N times, for what is too long to be read.</summary>
    public static byte[] Unescape(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                bytes.Add((byte)text[i]);
                continue;
            }

            i++;
            switch (text[i])
            {
                case 'r': bytes.Add((byte)'\r'); break;
                case 'n': bytes.Add((byte)'\n'); break;
                case 't': bytes.Add((byte)'\t'); break;
                case '\\': bytes.Add((byte)'\\'); break;
                case 'x':
                    bytes.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case '*':
                    var end = text.IndexOf('*', i + 1);
                    bytes.AddRange(Enumerable.Repeat((byte)text[end + 1], int.Parse(text.AsSpan(i + 1, end - i - 1), CultureInfo.InvariantCulture)));
                    i = end + 1;
                    break;
                default: throw new FormatException($"'\\{text[i]}' is no escape: {text}");
            }
        }

        return [.. bytes];
    }
}
