using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProxyGate.Gateway.Loops;

/// <summary>What of the kernel .NET does not hand out: epoll(7), and connect(2) that does not wait. Linux only.</summary>
internal static class Epoll
{
    public const uint In = 0x1;
    public const uint Out = 0x4;
    public const uint Error = 0x8;
    public const uint HangUp = 0x10;
    public const uint PeerShutDown = 0x2000;
    public const uint EdgeTriggered = 1u << 31;

    public const int InProgress = 115;
    private const int Interrupted = 4;
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int SocketAddressRoom = 128;

    /// <summary>A struct epoll_event is packed where the kernel has to serve 32-bit programs too, which is on x86 only.</summary>
    public static readonly int EventLength = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86 ? 12 : 16;

    private static readonly int s_keyAt = EventLength - sizeof(ulong);

    public static int Create()
    {
        var descriptor = epoll_create1(CloseOnExec);
        return descriptor >= 0 ? descriptor : throw Failure("epoll_create1");
    }

    /// <summary>
    /// Whose limit of open files is reached, this process's (EMFILE) or the whole machine's (ENFILE), which .NET does not tell apart; absent when there is room.
    /// </summary>
    public static int? WhyNoDescriptor()
    {
        var descriptor = epoll_create1(CloseOnExec);
        if (descriptor < 0) return Marshal.GetLastPInvokeError();
        new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
        return null;
    }

    /// <summary>Tells of this descriptor, by its key, until it is closed.</summary>
    public static void Watch(int epoll, SafeHandle descriptor, uint events, ulong key)
    {
        Span<byte> wanted = stackalloc byte[EventLength];
        BinaryPrimitives.WriteUInt32LittleEndian(wanted, events);
        BinaryPrimitives.WriteUInt64LittleEndian(wanted[s_keyAt..], key);
        if (epoll_ctl(epoll, Add, descriptor, ref MemoryMarshal.GetReference(wanted)) != 0) throw Failure("epoll_ctl");
    }

    /// <summary>Waits without an end for something to tell; how many there are.</summary>
    public static int Wait(int epoll, byte[] events)
    {
        while (true)
        {
            var count = epoll_wait(epoll, ref MemoryMarshal.GetArrayDataReference(events), events.Length / EventLength, -1);
            if (count >= 0) return count;
            if (Marshal.GetLastPInvokeError() != Interrupted) throw Failure("epoll_wait");
        }
    }

    public static (uint Events, ulong Key) Event(byte[] events, int index)
    {
        var at = events.AsSpan(index * EventLength, EventLength);
        return (BinaryPrimitives.ReadUInt32LittleEndian(at), BinaryPrimitives.ReadUInt64LittleEndian(at[s_keyAt..]));
    }

    /// <summary>0 when it is connected, <see cref="InProgress"/> when that will turn out, else the errno of why not.</summary>
    public static int Connect(SafeHandle descriptor, EndPoint to)
    {
        var address = to.Serialize();
        return connect(descriptor, ref MemoryMarshal.GetReference(address.Buffer.Span), address.Size) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }

    /// <summary>Our own end of a connection made by <see cref="Connect"/>, which the socket object knows nothing of; absent once it is closed.</summary>
    public static IPEndPoint? LocalEndPoint(Socket socket)
    {
        var address = new SocketAddress(socket.AddressFamily, SocketAddressRoom);
        var length = SocketAddressRoom;
        if (getsockname(socket.SafeHandle, ref MemoryMarshal.GetReference(address.Buffer.Span), ref length) != 0 || length > SocketAddressRoom) return null;
        address.Size = length;
        return (IPEndPoint)new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0).Create(address);
    }

    private static InvalidOperationException Failure(string call) => new InvalidOperationException($"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

#pragma warning disable SYSLIB1054 // Numbers, references to bytes, and handles that stay open for as long as a call takes.
#pragma warning disable IDE1006 // Called as the manual pages call them.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int epoll_create1(int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int epoll_ctl(int epoll, int operation, SafeHandle descriptor, ref byte wanted);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int epoll_wait(int epoll, ref byte events, int most, int milliseconds);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int connect(SafeHandle descriptor, ref byte address, int length);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int getsockname(SafeHandle descriptor, ref byte address, ref int length);
#pragma warning restore IDE1006
#pragma warning restore SYSLIB1054
}
