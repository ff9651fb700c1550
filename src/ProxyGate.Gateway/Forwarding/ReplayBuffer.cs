using System.Buffers;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// The beginning of a client's body, kept so that another attempt can send it again. Bounded for each request and over all of them:
/// where there is no room the request is only not tried again.
/// </summary>
internal sealed class ReplayBuffer(int limit, int expected) : IDisposable
{
    private const int FirstRoom = 4 * 1024;
    private const long RoomForAll = 64L << 20;

    private static long s_inUse;

    private byte[]? _bytes;
    private bool _given;

    /// <summary>How many bytes are kept; 0 once they are too many.</summary>
    public int Count { get; private set; }

    /// <summary>Whether everything that came is here.</summary>
    public bool IsWhole => !_given;

    /// <summary>Bytes kept of all requests.</summary>
    public static long InUse => Volatile.Read(ref s_inUse);

    /// <summary>Keeps the next bytes. How many: all, or none when they do not fit; then nothing is kept any more.</summary>
    public int Keep(ReadOnlySpan<byte> bytes)
    {
        if (_given || bytes.IsEmpty) return 0;
        if (bytes.Length > limit - Count || !HasRoomFor(Count + bytes.Length))
        {
            GiveUp();
            return 0;
        }

        bytes.CopyTo(_bytes.AsSpan(Count));
        Count += bytes.Length;
        return bytes.Length;
    }

    public int Read(Memory<byte> into, int from)
    {
        var take = Math.Min(into.Length, Count - from);
        _bytes.AsSpan(from, take).CopyTo(into.Span);
        return take;
    }

    private bool HasRoomFor(int size)
    {
        if (_bytes is not null && _bytes.Length >= size) return true;
        var wanted = Math.Max(size, _bytes is null ? Math.Clamp(expected, 1, Math.Max(1, limit)) : Math.Min(limit, 2 * _bytes.Length));
        if (_bytes is null && expected == 0) wanted = Math.Max(size, Math.Min(limit, FirstRoom));
        var larger = ArrayPool<byte>.Shared.Rent(wanted);
        if (Interlocked.Add(ref s_inUse, larger.Length) > RoomForAll)
        {
            Return(larger);
            return false;
        }

        if (_bytes is not null)
        {
            _bytes.AsSpan(0, Count).CopyTo(larger);
            Return(_bytes);
        }

        _bytes = larger;
        return true;
    }

    private void GiveUp()
    {
        _given = true;
        Count = 0;
        if (_bytes is null) return;
        Return(_bytes);
        _bytes = null;
    }

    private static void Return(byte[] bytes)
    {
        Interlocked.Add(ref s_inUse, -bytes.Length);
        ArrayPool<byte>.Shared.Return(bytes);
    }

    public void Dispose() => GiveUp();
}
