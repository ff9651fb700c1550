using System.Text;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>Bytes from the wire in a form that can be read and that nothing can hide in: printable ASCII, the rest as <c>\xNN</c>.</summary>
public static class RawBytes
{
    public static string Text(ReadOnlySpan<byte> bytes, int most = 64)
    {
        var text = new StringBuilder(bytes.Length + 8);
        foreach (var b in bytes[..Math.Min(bytes.Length, most)])
        {
            _ = b switch
            {
                (byte)'\r' => text.Append("\\r"),
                (byte)'\n' => text.Append("\\n"),
                (byte)'\t' => text.Append("\\t"),
                (byte)'\\' => text.Append("\\\\"),
                >= 0x20 and < 0x7f => text.Append((char)b),
                _ => text.Append("\\x").Append(b.ToString("x2", null)),
            };
        }

        return bytes.Length > most ? text.Append('…').ToString() : text.ToString();
    }

    /// <summary>E.g. <c>15 03 01 00 02</c>.</summary>
    public static string Hex(ReadOnlySpan<byte> bytes, int most = 64)
    {
        var hex = new StringBuilder(bytes.Length * 3);
        foreach (var b in bytes[..Math.Min(bytes.Length, most)])
        {
            if (hex.Length > 0) hex.Append(' ');
            hex.Append(b.ToString("x2", null));
        }

        return bytes.Length > most ? hex.Append(" …").ToString() : hex.ToString();
    }
}
