using System.Buffers.Binary;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Counting;

/// <summary>
/// The ids of failures that have no line of their own, five bytes each, in no order: what a visitor reads out in a storm is found by them.
/// Bounded; what does not fit is only counted.
/// </summary>
internal sealed class FoldedIds
{
    public const int IdLength = 5;

    /// <summary>Ten lines a second hold so the ids of a storm of 600,000 failures a second.</summary>
    private const int Most = 65_536;

    private byte[] _bytes = [];
    private int _length;

    /// <summary>Ids that did not fit since they were last taken.</summary>
    public int Left { get; private set; }

    public void Add(string id)
    {
        var bits = FailureId.BitsOf(id);
        if (bits < 0 || _length == Most * IdLength)
        {
            Left++;
            return;
        }

        if (_length == _bytes.Length) Array.Resize(ref _bytes, Math.Max(64 * IdLength, _bytes.Length * 2));
        Write(_bytes.AsSpan(_length, IdLength), bits);
        _length += IdLength;
    }

    public byte[] Take()
    {
        var taken = _bytes.AsSpan(0, _length).ToArray();
        (_bytes, _length, Left) = ([], 0, 0);
        return taken;
    }

    /// <summary>The five bytes of an id as it is written; absent for anything else.</summary>
    public static byte[]? BytesOf(string id)
    {
        var bits = FailureId.BitsOf(id);
        if (bits < 0) return null;
        var bytes = new byte[IdLength];
        Write(bytes, bits);
        return bytes;
    }

    /// <summary>Whether one of the ids is this one; bytes of two neighbours that look like it are none.</summary>
    public static bool Contain(ReadOnlySpan<byte> ids, ReadOnlySpan<byte> id)
    {
        for (var from = 0; ids[from..].IndexOf(id) is >= 0 and var found; from += found + 1)
        {
            if ((from + found) % IdLength == 0) return true;
        }

        return false;
    }

    private static void Write(Span<byte> to, long bits)
    {
        to[0] = (byte)(bits >> 32);
        BinaryPrimitives.WriteUInt32BigEndian(to[1..], (uint)bits);
    }
}
