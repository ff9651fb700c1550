using System.Net.Sockets;

namespace ProxyGate.Gateway.Loops;

/// <summary>Linux errno numbers of socket errors (<c>asm-generic/errno.h</c>); SocketAsyncEventArgs reports only the portable name.</summary>
internal static class Errno
{
    public static int? Of(SocketError error, bool unixSocket) => error switch
    {
        // A missing socket file arrives as "address not available"; the kernel said ENOENT.
        SocketError.AddressNotAvailable when unixSocket => 2,
        SocketError.AddressNotAvailable => 99,
        SocketError.ConnectionRefused => 111,
        SocketError.ConnectionReset => 104,
        SocketError.ConnectionAborted => 103,
        SocketError.TimedOut => 110,
        SocketError.HostUnreachable => 113,
        SocketError.HostDown => 112,
        SocketError.NetworkUnreachable => 101,
        SocketError.NetworkDown => 100,
        SocketError.AccessDenied => 13,
        SocketError.OperationNotSupported => 95,
        SocketError.TooManyOpenSockets => 24,
        SocketError.NoBufferSpaceAvailable => 105,
        SocketError.AddressFamilyNotSupported => 97,
        SocketError.AddressAlreadyInUse => 98,
        SocketError.InvalidArgument => 22,
        SocketError.WouldBlock or SocketError.TryAgain => 11,
        SocketError.Shutdown => 32,
        SocketError.NotConnected => 107,
        _ => null,
    };

    /// <summary>.NET's name of an errno that <c>connect(2)</c> or <c>splice(2)</c> gave.</summary>
    public static SocketError Named(int errno) => errno switch
    {
        1 or 13 => SocketError.AccessDenied,
        11 => SocketError.WouldBlock,
        12 or 105 => SocketError.NoBufferSpaceAvailable,
        22 => SocketError.InvalidArgument,
        24 => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown,
        97 => SocketError.AddressFamilyNotSupported,
        98 => SocketError.AddressAlreadyInUse,
        99 => SocketError.AddressNotAvailable,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        107 => SocketError.NotConnected,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        _ => SocketError.SocketError,
    };
}
