using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace ProxyGate.Investigation.Probing.Names;

/// <summary>
/// Questions and answers of the domain name system (RFC 1035 section 4). Reading is total: an answer comes from anywhere, so whatever
/// does not add up makes it malformed, and no input makes the reader loop or leave the message.
/// </summary>
internal static class DnsMessage
{
    public const ushort A = 1;
    public const ushort Aaaa = 28;

    private const ushort Alias = 5;
    private const ushort Internet = 1;
    private const int HeaderLength = 12;
    private const int LongestName = 255;
    private const int LongestLabel = 63;
    private const int MostAliases = 16;

    /// <summary>A question for one record type, or null when the name cannot be asked for (RFC 1035 section 2.3.4).</summary>
    public static byte[]? Question(ushort id, string name, ushort type)
    {
        var message = new List<byte>(HeaderLength + name.Length + 6) { (byte)(id >> 8), (byte)id, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0 };
        foreach (var label in name.TrimEnd('.').Split('.'))
        {
            if (label.Length is 0 or > LongestLabel || !Ascii.IsValid(label)) return null;
            message.Add((byte)label.Length);
            message.AddRange(Encoding.ASCII.GetBytes(label));
        }

        message.Add(0);
        if (message.Count - HeaderLength > LongestName) return null;
        message.AddRange([(byte)(type >> 8), (byte)type, 0, (byte)Internet]);
        return [.. message];
    }

    /// <summary>Whether the message says that it answers this question: answers to other questions are passed over, not judged.</summary>
    public static bool Answers(ReadOnlySpan<byte> message, ReadOnlySpan<byte> question) =>
        message.Length >= 3 && message[..2].SequenceEqual(question[..2]) && (message[2] & 0x80) != 0;

    /// <summary>Reads an answer to the question; absent when it is malformed.</summary>
    public static DnsAnswer? Read(ReadOnlySpan<byte> message, string name, ushort type)
    {
        if (message.Length < HeaderLength) return null;
        var code = message[3] & 0x0F;
        var truncated = (message[2] & 0x02) != 0;
        var questions = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[6..]);
        var at = HeaderLength;
        for (var i = 0; i < questions; i++)
        {
            if (ReadName(message, ref at) is not { } asked || at + 4 > message.Length) return null;
            if (!Same(asked, name) || BinaryPrimitives.ReadUInt16BigEndian(message[at..]) != type) return null;
            at += 4;
        }

        var records = new List<(string Owner, int Seconds, string? Alias, IPAddress? Address)>();
        for (var i = 0; i < count; i++)
        {
            if (ReadName(message, ref at) is not { } owner || at + 10 > message.Length)
            {
                // A truncated answer is asked for again; what is left of it need not add up.
                if (truncated) break;
                return null;
            }

            var recordType = BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
            var recordClass = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
            var seconds = BinaryPrimitives.ReadInt32BigEndian(message[(at + 4)..]);
            var length = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 8)..]);
            at += 10;
            if (at + length > message.Length)
            {
                if (truncated) break;
                return null;
            }

            if (recordClass == Internet && recordType == type)
            {
                if (length != (type == A ? 4 : 16)) return null;
                records.Add((owner, seconds, null, new IPAddress(message.Slice(at, length))));
            }
            else if (recordClass == Internet && recordType == Alias)
            {
                var inside = at;
                if (ReadName(message, ref inside) is not { } target || inside > at + length) return null;
                records.Add((owner, seconds, target, null));
            }

            at += length;
        }

        return Follow(records, name, code, truncated);
    }

    /// <summary>Only what the name leads to counts: records of other names are no answer to this question.</summary>
    private static DnsAnswer Follow(List<(string Owner, int Seconds, string? Alias, IPAddress? Address)> records, string name, int code, bool truncated)
    {
        var current = name.TrimEnd('.');
        int? seconds = null;
        for (var i = 0; i < MostAliases; i++)
        {
            var own = records.Where(r => Same(r.Owner, current)).ToList();
            foreach (var record in own) seconds = Math.Min(seconds ?? int.MaxValue, Math.Max(record.Seconds, 0));
            var addresses = own.Where(r => r.Address is not null).Select(r => r.Address!).Distinct().ToList();
            if (addresses.Count > 0 || own.FirstOrDefault(r => r.Alias is not null).Alias is not { } next)
                return new DnsAnswer(code, truncated, addresses, Same(current, name) ? null : current, seconds);
            current = next;
        }

        return new DnsAnswer(code, truncated, [], current, seconds);
    }

    private static bool Same(string one, string other) =>
        one.AsSpan().TrimEnd('.').Equals(other.AsSpan().TrimEnd('.'), StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A name, following compression (RFC 1035 section 4.1.4). A pointer must point to before where it was met from, so that no chain of
    /// pointers can come back.
    /// </summary>
    internal static string? ReadName(ReadOnlySpan<byte> message, ref int at)
    {
        var name = new StringBuilder();
        var position = at;
        var before = at;
        var jumped = false;
        var length = 0;
        while (position < message.Length)
        {
            var size = message[position];
            if (size == 0)
            {
                if (!jumped) at = position + 1;
                return name.ToString();
            }

            if ((size & 0xC0) == 0xC0)
            {
                if (position + 1 >= message.Length) return null;
                var target = ((size & 0x3F) << 8) | message[position + 1];
                if (target >= before || target < HeaderLength) return null;
                if (!jumped) at = position + 2;
                (jumped, before, position) = (true, target, target);
                continue;
            }

            length += size + 1;
            if (size > LongestLabel || length > LongestName || position + 1 + size > message.Length) return null;
            if (name.Length > 0) name.Append('.');
            foreach (var b in message.Slice(position + 1, size)) AppendVisible(name, b);
            position += size + 1;
        }

        return null;
    }

    /// <summary>A label may hold any byte; a dot or an invisible one is written as RFC 4343 section 2.1 does.</summary>
    private static void AppendVisible(StringBuilder name, byte b)
    {
        if (b is > 0x20 and < 0x7F and not ((byte)'.' or (byte)'\\')) name.Append((char)b);
        else name.Append('\\').Append((char)('0' + b / 100)).Append((char)('0' + b / 10 % 10)).Append((char)('0' + b % 10));
    }
}

/// <summary>What one answer says.</summary>
/// <param name="Code">RCODE: 0 no error, 2 SERVFAIL, 3 NXDOMAIN, 5 REFUSED.</param>
/// <param name="Truncated">Whether it was cut to fit a datagram.</param>
/// <param name="Addresses">The addresses the name leads to.</param>
/// <param name="Alias">The last name of the alias chain; absent without one.</param>
/// <param name="Seconds">The shortest time to live on the way.</param>
internal sealed record DnsAnswer(int Code, bool Truncated, IReadOnlyList<IPAddress> Addresses, string? Alias, int? Seconds);
