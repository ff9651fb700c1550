using System.Buffers.Binary;
using System.Net;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>An entry of a socket's error queue (<c>struct sock_extended_err</c>, ip(7)).</summary>
/// <param name="Errno">What the kernel makes of it.</param>
/// <param name="Origin">1 the kernel itself, 2 ICMP, 3 ICMPv6.</param>
/// <param name="Type">ICMP type.</param>
/// <param name="Code">ICMP code.</param>
/// <param name="Offender">Who sent the ICMP message; absent when the kernel does not say.</param>
internal sealed record QueuedError(int Errno, int Origin, int Type, int Code, IPAddress? Offender)
{
    private const int HeaderLength = 16;
    private const int ErrorLength = 16;

    public bool IsIcmp => Origin is 2 or 3;

    /// <summary>From the control messages of a <c>recvmsg</c>; absent when none of them is such an error.</summary>
    public static QueuedError? Read(ReadOnlySpan<byte> control)
    {
        while (control.Length >= HeaderLength)
        {
            // The upper half of a 64-bit length is 0 (glibc) or padding (musl).
            var length = (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(control), int.MaxValue);
            var level = BinaryPrimitives.ReadInt32LittleEndian(control[8..]);
            var type = BinaryPrimitives.ReadInt32LittleEndian(control[12..]);
            if (length < HeaderLength || length > control.Length) return null;
            if ((level, type) is (Libc.SolIp, Libc.IpReceiveErrors) or (Libc.SolIp6, Libc.Ip6ReceiveErrors) && length >= HeaderLength + ErrorLength)
            {
                var data = control[HeaderLength..length];
                return new QueuedError(BinaryPrimitives.ReadInt32LittleEndian(data), data[4], data[5], data[6], KernelAddress.Read(data[ErrorLength..])?.Address);
            }

            var next = (length + 7) & ~7;
            if (next >= control.Length) return null;
            control = control[next..];
        }

        return null;
    }
}
