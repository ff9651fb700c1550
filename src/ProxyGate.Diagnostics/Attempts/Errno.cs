using System.Net.Sockets;

namespace ProxyGate.Diagnostics.Attempts;

/// <summary>
/// Linux errno numbers (<c>asm-generic/errno.h</c>) and .NET's names of them, the one table of both: whoever calls the kernel itself names its errors as .NET
/// would have, so that a diagnosis does not depend on who called. Tests hold it to .NET.
/// </summary>
public static class Errno
{
    /// <summary>.NET's name of an errno; <see cref="SocketError.SocketError"/> where it has none.</summary>
    public static SocketError Named(int errno) => errno switch
    {
        0 => SocketError.Success,
        1 or 13 => SocketError.AccessDenied,
        2 or 99 => SocketError.AddressNotAvailable,
        4 => SocketError.Interrupted,
        9 or 125 => SocketError.OperationAborted,
        11 => SocketError.WouldBlock,
        14 => SocketError.Fault,
        22 => SocketError.InvalidArgument,
        23 or 24 => SocketError.TooManyOpenSockets,
        32 => SocketError.Shutdown,
        61 => SocketError.NoData,
        88 => SocketError.NotSocket,
        89 => SocketError.DestinationAddressRequired,
        90 => SocketError.MessageSize,
        91 => SocketError.ProtocolType,
        92 => SocketError.ProtocolOption,
        93 => SocketError.ProtocolNotSupported,
        94 => SocketError.SocketNotSupported,
        95 => SocketError.OperationNotSupported,
        96 => SocketError.ProtocolFamilyNotSupported,
        97 => SocketError.AddressFamilyNotSupported,
        98 => SocketError.AddressAlreadyInUse,
        100 => SocketError.NetworkDown,
        101 => SocketError.NetworkUnreachable,
        102 => SocketError.NetworkReset,
        103 => SocketError.ConnectionAborted,
        104 => SocketError.ConnectionReset,
        105 => SocketError.NoBufferSpaceAvailable,
        106 => SocketError.IsConnected,
        107 => SocketError.NotConnected,
        108 => SocketError.Disconnecting,
        110 => SocketError.TimedOut,
        111 => SocketError.ConnectionRefused,
        112 => SocketError.HostDown,
        113 => SocketError.HostUnreachable,
        114 => SocketError.AlreadyInProgress,
        115 => SocketError.InProgress,
        _ => SocketError.SocketError,
    };

    /// <summary>
    /// The errno behind a name of .NET's, where a peer, the network or a limit was behind it: <see cref="SocketAsyncEventArgs"/> reports the name alone. The
    /// more usual one where a name stands for several: of "too many open files" <see cref="SocketException.NativeErrorCode"/> says that the whole machine has
    /// them (ENFILE), also when it is this process alone (EMFILE).
    /// </summary>
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
        SocketError.NetworkReset => 102,
        SocketError.AccessDenied => 13,
        SocketError.OperationNotSupported => 95,
        SocketError.TooManyOpenSockets => 24,
        SocketError.NoBufferSpaceAvailable => 105,
        SocketError.ProtocolType => 91,
        SocketError.ProtocolNotSupported => 93,
        SocketError.SocketNotSupported => 94,
        SocketError.ProtocolFamilyNotSupported => 96,
        SocketError.AddressFamilyNotSupported => 97,
        SocketError.AddressAlreadyInUse => 98,
        SocketError.InvalidArgument => 22,
        SocketError.WouldBlock or SocketError.TryAgain => 11,
        SocketError.Shutdown => 32,
        SocketError.NotConnected => 107,
        _ => null,
    };
}
