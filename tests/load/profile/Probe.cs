using System.Buffers.Binary;

namespace ProxyGate.LoadProfile;

/// <summary>What one probe of the runtime counted: how often a block or an edge of a method ran, or which types and methods were behind a call.</summary>
internal sealed record Probe(int Offset, int Kind, int Other, long[] Values)
{
    const int Number = 1, LongNumber = 2, Type = 3, Method = 4;
    const int Block = 1, Edge = 6;

    int Value => Kind & 0xF;

    public bool OfReferences => Value is Type or Method;

    public bool OfTypes => Value == Type;

    /// <summary>The most often that the block or edge ran; 0 of the other kinds.</summary>
    public long Executions => Value is Number or LongNumber && Kind >> 6 is Block or Edge && Values.Length > 0 ? Values.Max() : 0;

    /// <summary>
    /// Each probe is a byte of which fields differ from those of the one before, those differences, and the values, each as the difference to the last of
    /// its sort. All are in the signed numbers of variable length that metadata signatures have, widened to 64 bits.
    /// </summary>
    public static List<Probe> ReadAll(byte[] packed)
    {
        var probes = new List<Probe>();
        ReadOnlySpan<byte> rest = packed;
        int offset = 0, kind = 0, count = 0, other = 0;
        Span<long> last = stackalloc long[5];
        while (true)
        {
            var differs = Next(ref rest);
            if ((differs & 1) != 0) offset += (int)Next(ref rest);
            if ((differs & 2) != 0) kind += (int)Next(ref rest);
            if ((differs & 4) != 0) count += (int)Next(ref rest);
            if ((differs & 8) != 0) other += (int)Next(ref rest);
            if (kind == 0) return probes;
            var value = kind & 0xF;
            if (value > Method) throw new InvalidDataException($"A probe of the kind {kind:x} is not known here.");
            var sort = value == LongNumber ? Number : value;
            var values = new long[value == 0 ? 0 : count];
            for (var i = 0; i < values.Length; i++) values[i] = last[sort] += Next(ref rest);
            probes.Add(new(offset, kind, other, values));
        }
    }

    static long Next(ref ReadOnlySpan<byte> rest)
    {
        var first = rest[0];
        var (length, number) = first switch
        {
            < 0x80 => (1, Signed(first, 6)),
            < 0xC0 => (2, Signed(BinaryPrimitives.ReadUInt16BigEndian(rest) & 0x3FFF, 13)),
            0xC1 => (9, BinaryPrimitives.ReadInt64BigEndian(rest[1..])),
            _ => (5, BinaryPrimitives.ReadInt32BigEndian(rest[1..])),
        };
        rest = rest[length..];
        return number;
    }

    // The sign is the lowest bit; of a negative number all bits above the others are ones.
    static long Signed(int packed, int bits) => (packed >> 1) - ((packed & 1) << bits);
}
