using System.Runtime.InteropServices;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>
/// The calls of the C library that .NET's sockets do not offer: the exact errno of a connect, the error queue (ip(7), IP_RECVERR), netlink.
/// All structures used have one layout on 64-bit little-endian Linux (x64, arm64; glibc and musl).
/// </summary>
internal static partial class Libc
{
    public const int Inet = 2, Inet6 = 10, Netlink = 16;
    public const int Stream = 1, Datagram = 2, Raw = 3, NonBlocking = 0x800, CloseOnExec = 0x80000;
    public const int Tcp = 6, Udp = 17, Icmp = 1, Icmp6 = 58;

    public const int SolSocket = 1, SolIp = 0, SolIp6 = 41;
    public const int SoError = 4, SoReceiveTimeout = 20, SoLinger = 13;
    public const int IpTtl = 2, IpReceiveErrors = 11, Ip6UnicastHops = 16, Ip6ReceiveErrors = 25;
    public const int TcpInfo = 11;

    public const int PollIn = 1, PollOut = 4, PollError = 8, PollHangUp = 16;
    public const int MsgErrorQueue = 0x2000, MsgNoSignal = 0x4000, MsgDontWait = 0x40;

    public const int Eperm = 1, Eintr = 4, Eacces = 13, Einval = 22, Enetunreach = 101, Econnrefused = 111, Ehostunreach = 113, Einprogress = 115;

    /// <summary>Whether these calls can be made on this machine.</summary>
    public static bool Available { get; } = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64 && BitConverter.IsLittleEndian;

    public const string NotAvailable = "it is read from the Linux kernel (x64 and arm64), and this machine has another";

    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Descriptor;
        public short Events;
        public short Seen;
    }

    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct IoVector
    {
        public void* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    public unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial int Connect(SocketDescriptor descriptor, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial int LocalName(SocketDescriptor descriptor, byte* address, uint* length);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial nint Send(SocketDescriptor descriptor, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial nint Receive(SocketDescriptor descriptor, byte* bytes, nuint length, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial nint ReceiveMessage(SocketDescriptor descriptor, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial int GetOption(SocketDescriptor descriptor, int level, int option, byte* value, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial int SetOption(SocketDescriptor descriptor, int level, int option, byte* value, uint length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial int Poll(PollEntry* entries, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "if_indextoname", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static unsafe partial byte* InterfaceName(uint index, byte* name);
}
