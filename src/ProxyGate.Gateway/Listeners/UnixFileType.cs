using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace ProxyGate.Gateway.Listeners;

/// <summary>What .NET does not tell of a file: whether it is a socket.</summary>
internal static class UnixFileType
{
    private const int AtFdCwd = -100;
    private const int NoFollow = 0x100;
    private const uint StatxType = 0x1;
    private const int ModeOffset = 28;
    private const int StructSize = 256;
    private const int TypeMask = 0xF000;
    private const int Socket = 0xC000;

    /// <summary>statx(2) has the same layout on every architecture, stat(2) has not.</summary>
    public static bool IsSocket(string path)
    {
        var result = new byte[StructSize];
        return StatX(AtFdCwd, path, NoFollow, StatxType, result) == 0
            && (BinaryPrimitives.ReadUInt16LittleEndian(result.AsSpan(ModeOffset)) & TypeMask) == Socket;
    }

    [DllImport("libc", EntryPoint = "statx")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int directory, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, byte[] result);
}
