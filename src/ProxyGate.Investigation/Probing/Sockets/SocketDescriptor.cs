using System.Net;
using System.Runtime.InteropServices;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>A socket of the kernel with its exact error numbers; every call answers 0, a length, or an errno below zero.</summary>
internal sealed unsafe class SocketDescriptor : SafeHandle
{
    private SocketDescriptor(int descriptor) : base(-1, ownsHandle: true) => SetHandle(descriptor);

    public override bool IsInvalid => handle < 0;

    public int Number => (int)handle;

    /// <summary>Opens a socket that never blocks; null and the errno when the kernel does not allow it.</summary>
    public static SocketDescriptor? Open(int family, int type, int protocol, out int errno)
    {
        var descriptor = Libc.Socket(family, type | Libc.CloseOnExec, protocol);
        errno = descriptor < 0 ? Marshal.GetLastPInvokeError() : 0;
        return descriptor < 0 ? null : new SocketDescriptor(descriptor);
    }

    public int Connect(IPEndPoint target)
    {
        var address = KernelAddress.Of(target);
        fixed (byte* start = address) return Result(Libc.Connect(this, start, (uint)address.Length));
    }

    public IPEndPoint? LocalEnd()
    {
        Span<byte> address = stackalloc byte[KernelAddress.Longest];
        var length = (uint)address.Length;
        fixed (byte* start = address)
        {
            return Libc.LocalName(this, start, &length) == 0 ? KernelAddress.Read(address[..(int)Math.Min(length, (uint)address.Length)]) : null;
        }
    }

    public int Send(ReadOnlySpan<byte> bytes)
    {
        // An empty span has no address, and the kernel wants one.
        byte nothing = 0;
        fixed (byte* start = bytes) return Result((int)Libc.Send(this, start is null ? &nothing : start, (nuint)bytes.Length, Libc.MsgNoSignal));
    }

    public int Receive(Span<byte> bytes, int flags = 0)
    {
        fixed (byte* start = bytes) return Result((int)Libc.Receive(this, start, (nuint)bytes.Length, flags));
    }

    public int SetOption(int level, int option, int value) => Result(Libc.SetOption(this, level, option, (byte*)&value, sizeof(int)));

    public int SetOption(int level, int option, ReadOnlySpan<byte> value)
    {
        fixed (byte* start = value) return Result(Libc.SetOption(this, level, option, start, (uint)value.Length));
    }

    /// <summary>The error that ended the connecting, taken off the socket; 0 for none.</summary>
    public int TakeError()
    {
        Span<byte> value = stackalloc byte[sizeof(int)];
        return GetOption(Libc.SolSocket, Libc.SoError, value) == sizeof(int) ? BitConverter.ToInt32(value) : 0;
    }

    /// <summary>The length of the value, or an errno below zero.</summary>
    public int GetOption(int level, int option, Span<byte> value)
    {
        var length = (uint)value.Length;
        fixed (byte* start = value)
        {
            var result = Result(Libc.GetOption(this, level, option, start, &length));
            return result < 0 ? result : (int)length;
        }
    }

    /// <summary>The next entry of the error queue, without waiting; false when it is empty.</summary>
    public bool TryTakeQueuedError(out QueuedError? error)
    {
        Span<byte> payload = stackalloc byte[64];
        Span<byte> control = stackalloc byte[512];
        fixed (byte* payloadStart = payload, controlStart = control)
        {
            var vector = new Libc.IoVector { Start = payloadStart, Length = (nuint)payload.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1, Control = controlStart, ControlLength = (nuint)control.Length };
            if (Libc.ReceiveMessage(this, &message, Libc.MsgErrorQueue | Libc.MsgDontWait) < 0)
            {
                error = null;
                return false;
            }

            error = QueuedError.Read(control[..(int)Math.Min(message.ControlLength, (nuint)control.Length)]);
            return true;
        }
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;

    private static int Result(int result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;
}
