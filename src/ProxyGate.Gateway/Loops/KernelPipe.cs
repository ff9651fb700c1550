using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// A pipe(2) through which bytes go from one socket to another without being copied into this process and out again: splice(2) moves the kernel's own
/// pages. One at a time fills it, and empties it before it is filled again.
/// </summary>
internal sealed class KernelPipe : IDisposable
{
    /// <summary>So many bytes at most are taken at once: much for one call, little to wait for behind a slow client.</summary>
    public const int Most = 512 * 1024;

    /// <summary>An ordinary user may have 64 MiB in pipes, all together; beyond that each new one has room for two pages.</summary>
    private const int MostPipes = 128;
    private const int MostIdle = 16;

    /// <summary>Counted in pages: each piece of what a socket has received takes up one, and holds up to 32 KiB.</summary>
    private const int Room = 256 * 1024;

    private const int CloseOnExec = 0x80000;
    private const int NonBlocking = 0x800;
    private const int SetPipeSize = 1031;
    private const uint MoveWithoutWaiting = 1 | 2;
    private const int Interrupted = 4;
    private const int MoreFollows = 0x8000;
    private const int NoSignal = 0x4000;

    private static readonly ConcurrentStack<KernelPipe> s_idle = new();
    private static int s_count;

    private readonly SafeFileHandle _output;
    private readonly SafeFileHandle _input;
    private int _disposed;

    private KernelPipe(int output, int input) => (_output, _input) = (new SafeFileHandle(output, ownsHandle: true), new SafeFileHandle(input, ownsHandle: true));

    /// <summary>Bytes that came in and have not gone out.</summary>
    public int Held { get; private set; }

    /// <summary>One that is empty; absent when there are too many in use, or the system gives none. Then bytes are copied.</summary>
    public static KernelPipe? TryRent()
    {
        if (s_idle.TryPop(out var idle)) return idle;
        if (Interlocked.Increment(ref s_count) <= MostPipes && TryMake() is { } made) return made;
        Interlocked.Decrement(ref s_count);
        return null;
    }

    private static KernelPipe? TryMake()
    {
        Span<int> ends = stackalloc int[2];
        if (pipe2(ref MemoryMarshal.GetReference(ends), CloseOnExec | NonBlocking) != 0) return null;
        var made = new KernelPipe(ends[0], ends[1]);
        // Refused where the user has too much in pipes: then it has the size that it has.
        _ = fcntl(made._input, SetPipeSize, Room);
        return made;
    }

    /// <summary>Gives it back. One that still holds bytes is of no use to anybody else.</summary>
    public void Return()
    {
        if (Held == 0 && _disposed == 0 && s_idle.Count < MostIdle) s_idle.Push(this);
        else Dispose();
    }

    /// <summary>Takes what the socket has received.</summary>
    /// <param name="socket">Does not block.</param>
    /// <param name="most">Bytes to take at most.</param>
    /// <param name="count">Those taken; 0 at the peer's close, unless there was nothing yet.</param>
    /// <returns>An errno; 0 when there is none.</returns>
    public int Fill(SafeHandle socket, int most, out int count)
    {
        var errno = Move(socket, _input, most, out count);
        Held += count;
        return errno;
    }

    /// <summary>Gives the socket what it takes of the bytes held.</summary>
    public int Empty(SafeHandle socket, out int count)
    {
        var errno = Move(_output, socket, Held, out count);
        Held -= count;
        return errno;
    }

    /// <summary>Sends what comes before that which a pipe holds, in one packet with it as far as there is room.</summary>
    public static int SendBefore(SafeHandle socket, ReadOnlySpan<byte> bytes, out int count)
    {
        while (true)
        {
            var sent = (int)send(socket, ref MemoryMarshal.GetReference(bytes), bytes.Length, MoreFollows | NoSignal);
            count = Math.Max(sent, 0);
            if (sent >= 0) return 0;
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted) return errno;
        }
    }

    private static int Move(SafeHandle from, SafeHandle to, int most, out int count)
    {
        while (true)
        {
            var moved = (int)splice(from, 0, to, 0, most, MoveWithoutWaiting);
            count = Math.Max(moved, 0);
            if (moved >= 0) return 0;
            var errno = Marshal.GetLastPInvokeError();
            if (errno != Interrupted) return errno;
        }
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        _output.Dispose();
        _input.Dispose();
        Interlocked.Decrement(ref s_count);
    }

#pragma warning disable SYSLIB1054 // Numbers, references to numbers, and handles that stay open for as long as a call takes.
#pragma warning disable IDE1006 // Called as the manual pages call them.
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int pipe2(ref int ends, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int fcntl(SafeHandle descriptor, int command, int argument);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint send(SafeHandle socket, ref byte bytes, nint length, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint splice(SafeHandle from, nint fromAt, SafeHandle to, nint toAt, nint most, uint flags);
#pragma warning restore IDE1006
#pragma warning restore SYSLIB1054
}
