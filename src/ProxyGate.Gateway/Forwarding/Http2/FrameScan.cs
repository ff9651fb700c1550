using System.Buffers.Binary;
using System.Text;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>
/// Reads the frame headers an upstream sends on one HTTP/2 connection (RFC 9113 section 4.1) and keeps what the HTTP client throws
/// away: GOAWAY with its text, the code of every RST_STREAM, and whether it is HTTP/2 at all.
/// </summary>
internal sealed class FrameScan
{
    /// <summary>
    /// The HTTP client sends a refused request again by itself, up to three times, unseen. It does not know this code (which RFC 9113
    /// leaves unassigned), so a REFUSED_STREAM is shown to it as this, and the request comes back to us after one real send.
    /// </summary>
    public const byte RefusedStreamMark = 0xE7;

    private const int HeaderLength = 9;
    private const int DebugKept = 256;
    private const byte RstStream = 3;
    private const byte Settings = 4;
    private const byte GoAway = 7;

    private readonly Lock _lock = new();
    private readonly byte[] _header = new byte[HeaderLength];
    private readonly byte[] _payload = new byte[8 + DebugKept];
    private readonly byte[] _first = new byte[Dialing.SocketStream.FirstBytesKept];
    private readonly List<long> _resetCodes = [];
    private int _firstCount;
    private int _headerCount;
    private int _payloadCount;
    private int _payloadLength;
    private bool _anyFrame;

    public bool SettingsReceived { get; private set; }

    public bool IsNotHttp2 { get; private set; }

    public int MaxConcurrentStreams { get; private set; } = 100;

    public bool GoAwayReceived { get; private set; }

    public int GoAwayLastStreamId { get; private set; }

    public long GoAwayCode { get; private set; }

    public string? GoAwayDebug { get; private set; }

    public long BytesIn { get; private set; }

    public long BytesOut { get; set; }

    public byte[] FirstBytes
    {
        get
        {
            lock (_lock) return _first[.._firstCount];
        }
    }

    public bool WasReset(long code)
    {
        lock (_lock) return _resetCodes.Contains(code);
    }

    /// <summary>How many streams the upstream has reset.</summary>
    public int Resets
    {
        get
        {
            lock (_lock) return _resetCodes.Count;
        }
    }

    /// <summary>The code of the one stream that was reset since there had been so many; absent when there was none, or more than one.</summary>
    public long? ResetSince(int resets)
    {
        lock (_lock) return _resetCodes.Count == resets + 1 ? _resetCodes[resets] : null;
    }

    /// <summary>Looks at received bytes before the HTTP client does.</summary>
    public void Received(Span<byte> bytes)
    {
        lock (_lock)
        {
            BytesIn += bytes.Length;
            if (_firstCount < _first.Length)
            {
                var take = Math.Min(bytes.Length, _first.Length - _firstCount);
                bytes[..take].CopyTo(_first.AsSpan(_firstCount));
                _firstCount += take;
            }

            if (IsNotHttp2) return;
            var at = 0;
            while (at < bytes.Length)
            {
                if (_headerCount < HeaderLength)
                {
                    _header[_headerCount++] = bytes[at++];
                    if (!_anyFrame && _headerCount == 4 && _header[3] is not (Settings or GoAway))
                    {
                        // RFC 9113 section 3.4: a server's first frame is SETTINGS; one that does not want us says GOAWAY at once.
                        IsNotHttp2 = true;
                        return;
                    }

                    if (_headerCount == HeaderLength)
                    {
                        _payloadLength = (_header[0] << 16) | (_header[1] << 8) | _header[2];
                        _payloadCount = 0;
                        _anyFrame = true;
                        if (_payloadLength == 0) FrameEnds(ref bytes[at - 1]);
                    }

                    continue;
                }

                var part = Math.Min(bytes.Length - at, _payloadLength - _payloadCount);
                var keep = Math.Min(part, _payload.Length - _payloadCount);
                if (keep > 0) bytes.Slice(at, keep).CopyTo(_payload.AsSpan(_payloadCount));
                _payloadCount += part;
                at += part;
                if (_payloadCount == _payloadLength) FrameEnds(ref bytes[at - 1]);
            }
        }
    }

    private void FrameEnds(ref byte last)
    {
        _headerCount = 0;
        var payload = _payload.AsSpan(0, Math.Min(_payloadLength, _payload.Length));
        switch (_header[3])
        {
            case Settings when (_header[4] & 1) == 0:
                SettingsReceived = true;
                for (var i = 0; i + 6 <= payload.Length; i += 6)
                {
                    if (BinaryPrimitives.ReadUInt16BigEndian(payload[i..]) == 3)
                    {
                        MaxConcurrentStreams = (int)Math.Min(int.MaxValue, BinaryPrimitives.ReadUInt32BigEndian(payload[(i + 2)..]));
                    }
                }

                break;
            case RstStream when payload.Length == 4:
                var code = BinaryPrimitives.ReadUInt32BigEndian(payload);
                if (_resetCodes.Count < 64) _resetCodes.Add(code);
                if (code == 7) last = RefusedStreamMark;
                break;
            case GoAway when payload.Length >= 8:
                GoAwayReceived = true;
                GoAwayLastStreamId = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & 0x7FFFFFFF);
                GoAwayCode = BinaryPrimitives.ReadUInt32BigEndian(payload[4..]);
                GoAwayDebug = payload.Length > 8 ? Encoding.Latin1.GetString(payload[8..]) : null;
                break;
        }
    }

    public Http2Facts ToFacts(long? errorCode, bool fromPeer, bool notProcessed)
    {
        lock (_lock)
        {
            return new Http2Facts
            {
                SettingsReceived = SettingsReceived,
                ErrorCode = errorCode,
                FromPeer = fromPeer,
                GoAway = GoAwayReceived,
                GoAwayLastStreamId = GoAwayReceived ? GoAwayLastStreamId : null,
                GoAwayCode = GoAwayReceived ? GoAwayCode : null,
                GoAwayDebug = GoAwayDebug,
                NotProcessed = notProcessed,
                PeerIsNotHttp2 = IsNotHttp2,
            };
        }
    }
}
