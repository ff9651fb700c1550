using System.Text;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>
/// The first bytes of an answer where they are an HTTP head: field values that can be secret (cookies, credentials) are left out, and all
/// of them where the text goes to strangers.
/// </summary>
internal static class FirstBytesShown
{
    private const byte LineEnd = (byte)'\n';

    /// <returns>The bytes as text without those values; null where nothing had to be left out.</returns>
    public static string? Of(ReadOnlySpan<byte> bytes, bool everyField)
    {
        if (!bytes.StartsWith("HTTP/"u8)) return null;
        var end = bytes.IndexOf(LineEnd);
        if (end < 0) return null;
        var shown = new List<byte>(bytes.Length);
        shown.AddRange(bytes[..(end + 1)]);
        var rest = bytes[(end + 1)..];
        var left = false;
        while (!rest.IsEmpty)
        {
            var next = rest.IndexOf(LineEnd);
            var line = next < 0 ? rest : rest[..(next + 1)];
            rest = rest[line.Length..];
            var colon = line.IndexOf((byte)':');
            if (line.TrimEnd("\r\n"u8).IsEmpty)
            {
                // What follows the empty line is the body.
                shown.AddRange(line);
                left |= !rest.IsEmpty;
                break;
            }

            if (colon < 0 || !(everyField || IsSecret(line[..colon])))
            {
                shown.AddRange(line);
                continue;
            }

            left = true;
            shown.AddRange(line[..(colon + 1)]);
            shown.AddRange(" ..."u8);
            shown.AddRange(line[line.TrimEnd("\r\n"u8).Length..]);
        }

        return left ? RawBytes.Text([.. shown], shown.Count) : null;
    }

    private static bool IsSecret(ReadOnlySpan<byte> name) =>
        Contains(name, "cookie"u8) || Contains(name, "auth"u8) || Contains(name, "token"u8) || Contains(name, "secret"u8)
        || Contains(name, "key"u8) || Contains(name, "location"u8);

    private static bool Contains(ReadOnlySpan<byte> name, ReadOnlySpan<byte> lower)
    {
        for (var i = 0; i + lower.Length <= name.Length; i++)
        {
            if (Ascii.EqualsIgnoreCase(name.Slice(i, lower.Length), lower)) return true;
        }

        return false;
    }
}
