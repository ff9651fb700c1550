using System.Buffers.Binary;
using System.Text;

namespace ProxyGate.Simulation.Wire;

/// <summary>HTTP/2 by hand (RFC 9113): just enough frames to break the rest.</summary>
internal sealed class Http2Connection(UpstreamConnection connection)
{
    internal const byte Data = 0;
    internal const byte Headers = 1;
    internal const byte ResetStream = 3;
    internal const byte Settings = 4;
    internal const byte Ping = 6;
    internal const byte GoAway = 7;
    internal const byte EndStream = 1;
    internal const byte Ack = 1;
    internal const byte EndHeaders = 4;

    /// <summary><c>:status: 200</c>, from HPACK's static table.</summary>
    internal static readonly byte[] Status200 = [0x88];

    private const int FrameLimit = 1 << 20;

    internal UpstreamConnection Wire { get; } = connection;

    /// <summary>Takes the preface and the peer's first request, and sends our SETTINGS; the request's stream id, or 0 when none came.</summary>
    internal async Task<int> OpenAsync(CancellationToken cancellationToken)
    {
        if ((await Wire.ReadAsync(24, cancellationToken)).Length < 24)
            return 0;
        await SendAsync(Settings, 0, 0, [], cancellationToken);
        return await NextRequestAsync(cancellationToken);
    }

    /// <summary>The stream id of the next request; 0 at the end of the connection. SETTINGS and PING are answered meanwhile.</summary>
    internal async Task<int> NextRequestAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var header = await Wire.ReadAsync(9, cancellationToken);
            if (header.Length < 9)
                return 0;
            var length = (header[0] << 16) | (header[1] << 8) | header[2];
            if (length > FrameLimit)
                return 0;
            var payload = await Wire.ReadAsync(length, cancellationToken);
            var (type, flags) = (header[3], header[4]);
            var stream = (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(5)) & 0x7fffffff);
            if (type == Settings && (flags & Ack) == 0)
                await SendAsync(Settings, Ack, 0, [], cancellationToken);
            else if (type == Ping && (flags & Ack) == 0)
                await SendAsync(Ping, Ack, 0, payload, cancellationToken);
            else if (type == Headers)
                return stream;
        }
    }

    internal Task SendAsync(byte type, byte flags, int stream, byte[] payload, CancellationToken cancellationToken) =>
        Wire.SendAsync(Frame(type, flags, stream, payload), cancellationToken);

    internal Task ResetAsync(int stream, int code, CancellationToken cancellationToken) =>
        SendAsync(ResetStream, 0, stream, Number(code), cancellationToken);

    internal Task GoAwayAsync(int lastStream, int code, string debug, CancellationToken cancellationToken) =>
        SendAsync(GoAway, 0, 0, [.. Number(lastStream), .. Number(code), .. Encoding.ASCII.GetBytes(debug)], cancellationToken);

    internal static byte[] Frame(byte type, byte flags, int stream, byte[] payload, int? claimedLength = null)
    {
        var length = claimedLength ?? payload.Length;
        return [(byte)(length >> 16), (byte)(length >> 8), (byte)length, type, flags, .. Number(stream), .. payload];
    }

    private static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
