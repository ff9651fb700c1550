namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// Follows WebSocket frame headers (RFC 6455 section 5.2), never payloads, to know whether a Close frame was sent: an end without one
/// is a broken conversation, whatever TCP says.
/// </summary>
internal sealed class WebSocketCloseScan
{
    private readonly byte[] _header = new byte[14];
    private int _headerCount;
    private ulong _payloadLeft;

    public bool CloseSeen { get; private set; }

    /// <summary>Whether the last frame is whole: another may stand here.</summary>
    public bool IsBetweenFrames => _headerCount == 0 && _payloadLeft == 0;

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && !CloseSeen)
        {
            if (_payloadLeft > 0)
            {
                var skip = (int)Math.Min((ulong)bytes.Length, _payloadLeft);
                _payloadLeft -= (ulong)skip;
                bytes = bytes[skip..];
                continue;
            }

            _header[_headerCount++] = bytes[0];
            bytes = bytes[1..];
            if (_headerCount < 2 || _headerCount < HeaderLength()) continue;
            if ((_header[0] & 0x0F) == 8) CloseSeen = true;
            _payloadLeft = PayloadLength();
            _headerCount = 0;
        }
    }

    /// <summary>Feeds no further than to the end of the frame under way.</summary>
    /// <returns>How many bytes that were.</returns>
    public int FeedToEndOfFrame(ReadOnlySpan<byte> bytes)
    {
        var fed = 0;
        while (fed < bytes.Length && !IsBetweenFrames)
        {
            var part = _payloadLeft > 0 ? (int)Math.Min((ulong)(bytes.Length - fed), _payloadLeft) : 1;
            Feed(bytes.Slice(fed, part));
            fed += part;
        }

        return fed;
    }

    private int HeaderLength() => 2 + ((_header[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 }) + ((_header[1] & 0x80) != 0 ? 4 : 0);

    private ulong PayloadLength() => (_header[1] & 0x7F) switch
    {
        126 => System.Buffers.Binary.BinaryPrimitives.ReadUInt16BigEndian(_header.AsSpan(2)),
        127 => System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(_header.AsSpan(2)),
        var small => (ulong)small,
    };
}
