using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ProxyGate.Investigation.Host;

/// <summary>The device and the inode of a file.</summary>
internal readonly record struct FileIdentity(ulong Device, ulong Inode);

/// <summary>What .NET does not offer: links below /proc without a string for each, a log read without waiting, netlink.</summary>
internal static partial class Native
{
    internal const int Again = 11, NotPermitted = 1, AccessDenied = 13, BrokenPipe = 32, InvalidArgument = 22;

    private const int NonBlocking = 0x800, CloseOnExec = 0x80000, NoTerminal = 0x100;
    private const int NetlinkFamily = 16, RawSocket = 3, SocketDiagProtocol = 4;
    private const int AtFdCwd = -100;
    private const int EmptyPath = 0x1000;
    private const uint StatxInode = 0x100, StatxBasic = 0x7ff;
    private const int StatxSize = 256, StatxMode = 28, StatxInodeOffset = 32, StatxLength = 40, StatxDevice = 136;
    private const short PollIn = 1;

    /// <summary>The target of a symbolic link; absent with the error number when it cannot be read.</summary>
    internal static string? ReadLink(string path, out int error)
    {
        Span<byte> target = stackalloc byte[256];
        var length = ReadLinkCall(path, target, (nuint)target.Length);
        error = length < 0 ? Marshal.GetLastPInvokeError() : 0;
        return length < 0 ? null : Encoding.UTF8.GetString(target[..(int)length]);
    }

    /// <summary>The inode of the file at a path, links followed; absent when it cannot be seen. statx(2) is laid out alike on every architecture.</summary>
    internal static ulong? InodeOf(string path)
    {
        Span<byte> result = stackalloc byte[StatxSize];
        return StatxCall(AtFdCwd, path, 0, StatxInode, result) == 0 ? MemoryMarshal.Read<ulong>(result[StatxInodeOffset..]) : null;
    }

    /// <summary>The file a path leads to; absent when it cannot be seen.</summary>
    internal static FileSeen? Stat(string path)
    {
        Span<byte> result = stackalloc byte[StatxSize];
        return StatxCall(AtFdCwd, path, 0, StatxBasic, result) == 0 ? FileSeen.Of(result) : null;
    }

    /// <summary>The file that is open.</summary>
    internal static FileSeen? Stat(SafeFileHandle file)
    {
        Span<byte> result = stackalloc byte[StatxSize];
        return StatxCall((int)file.DangerousGetHandle(), "", EmptyPath, StatxBasic, result) == 0 ? FileSeen.Of(result) : null;
    }

    /// <summary>Opens a file to read, but nothing that would wait for another program, and not what a link at the path leads to.</summary>
    internal static SafeFileHandle OpenFile(string path)
    {
        var handle = OpenCall(path, NonBlocking | CloseOnExec | NoTerminal | s_noFollow, 0);
        return handle.IsInvalid ? throw new Win32Exception() : handle;
    }

    internal static SafeFileHandle OpenWithoutWaiting(string path)
    {
        var handle = OpenCall(path, NonBlocking | CloseOnExec, 0);
        return handle.IsInvalid ? throw new Win32Exception() : handle;
    }

    /// <summary>The number of bytes read, or the error number, negative.</summary>
    internal static int Read(SafeFileHandle handle, Span<byte> buffer)
    {
        var length = ReadCall(handle, buffer, (nuint)buffer.Length);
        return length < 0 ? -Marshal.GetLastPInvokeError() : (int)length;
    }

    internal static void Write(SafeFileHandle handle, ReadOnlySpan<byte> bytes)
    {
        if (WriteCall(handle, bytes, (nuint)bytes.Length) != bytes.Length) throw new Win32Exception();
    }

    internal static SafeFileHandle OpenSocketDiag()
    {
        var handle = SocketCall(NetlinkFamily, RawSocket | CloseOnExec | NonBlocking, SocketDiagProtocol);
        return handle.IsInvalid ? throw new Win32Exception() : handle;
    }

    internal static bool WaitReadable(SafeFileHandle handle, int milliseconds)
    {
        var poll = new PollRequest { Descriptor = (int)handle.DangerousGetHandle(), Events = PollIn };
        return PollCall(ref poll, 1, milliseconds) > 0;
    }

    /// <summary>O_NOFOLLOW is one of the few that ARM numbers otherwise.</summary>
    private static readonly int s_noFollow = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64 ? 0x8000 : 0x20000;

    /// <param name="IsRegular">Whether it is a plain file.</param>
    /// <param name="Identity">What tells it from all others.</param>
    /// <param name="Size">In bytes.</param>
    internal sealed record FileSeen(bool IsRegular, FileIdentity Identity, long Size)
    {
        private const int KindMask = 0xF000, Regular = 0x8000;

        internal static FileSeen Of(ReadOnlySpan<byte> statx) => new(
            (MemoryMarshal.Read<ushort>(statx[StatxMode..]) & KindMask) == Regular,
            new FileIdentity(MemoryMarshal.Read<ulong>(statx[StatxDevice..]), MemoryMarshal.Read<ulong>(statx[StatxInodeOffset..])),
            MemoryMarshal.Read<long>(statx[StatxLength..]));
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollRequest
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }

    [LibraryImport("libc", EntryPoint = "readlink", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadLinkCall(string path, Span<byte> target, nuint length);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int StatxCall(int folder, string path, int flags, uint mask, Span<byte> result);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle OpenCall(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReadCall(SafeFileHandle handle, Span<byte> buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint WriteCall(SafeFileHandle handle, ReadOnlySpan<byte> bytes, nuint length);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle SocketCall(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PollCall(ref PollRequest requests, nuint count, int milliseconds);
}
