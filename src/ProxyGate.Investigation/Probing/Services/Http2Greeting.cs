using System.Buffers.Binary;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>The HTTP/2 preface in clear text (RFC 9113 section 3.4). A server that speaks it answers with a SETTINGS frame; no request is made.</summary>
internal static class Http2Greeting
{
    private const int FrameHeader = 9;
    private const byte Settings = 4, GoAway = 7;

    public static ReadOnlyMemory<byte> Preface { get; } = (byte[])[.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, Settings, 0, 0, 0, 0, 0];

    public static bool Complete(byte[] heard) => heard.Length >= FrameHeader;

    /// <summary>A GOAWAY first is a refusal: Kestrel sends one with HTTP_1_1_REQUIRED where it speaks HTTP/1 only.</summary>
    public static bool Speaks(ReadOnlySpan<byte> heard) =>
        heard.Length >= FrameHeader && heard[3] == Settings && heard[0] == 0 && BinaryPrimitives.ReadUInt16BigEndian(heard[1..]) % 6 == 0 && Stream(heard) == 0;

    public static bool Refuses(ReadOnlySpan<byte> heard) => heard.Length >= FrameHeader && heard[3] == GoAway && Stream(heard) == 0;

    private static uint Stream(ReadOnlySpan<byte> heard) => BinaryPrimitives.ReadUInt32BigEndian(heard[5..]) & 0x7FFFFFFF;
}
