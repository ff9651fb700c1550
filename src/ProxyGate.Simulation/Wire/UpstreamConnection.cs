using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Simulation.Wire;

/// <summary>One accepted connection, as the script of a fault sees it: bytes in, bytes out, and every way to end it.</summary>
internal sealed class UpstreamConnection(Socket socket, FaultEnvironment environment) : IDisposable
{
    private const int HeadLimit = 128 * 1024;
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _begin;
    private int _end;
    private bool _reset;

    internal Socket Socket { get; } = socket;

    /// <summary>What is spoken over: the socket, or TLS on top of it.</summary>
    internal Stream Stream { get; set; } = new NetworkStream(socket, ownsSocket: false);

    internal FaultEnvironment Environment { get; } = environment;

    internal FaultTimeouts Timeouts => Environment.Timeouts;

    /// <summary>A request head including its empty line, as Latin-1 text; <c>null</c> when the peer closed before it was complete.</summary>
    internal async Task<string?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        while (head.Length < HeadLimit)
        {
            var next = await ReadByteAsync(cancellationToken);
            if (next < 0)
                return null;
            head.Append((char)next);
            if (next == '\n' && head.Length >= 4 && head[^3] == '\n' && head[^4] == '\r' && head[^2] == '\r')
                return head.ToString();
        }

        throw new InvalidDataException("A request head longer than any sender here makes.");
    }

    /// <summary>A whole request; its head, or <c>null</c> when there was none.</summary>
    internal async Task<string?> ReadRequestAsync(CancellationToken cancellationToken)
    {
        var head = await ReadHeadAsync(cancellationToken);
        if (head is null)
            return null;
        if (Field(head, "transfer-encoding") is not null)
        {
            while (true)
            {
                var size = int.Parse(await ReadLineAsync(cancellationToken), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                await SkipAsync(size + 2, cancellationToken);
                if (size == 0)
                    return head;
            }
        }

        if (Field(head, "content-length") is { } length)
            await SkipAsync(long.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        return head;
    }

    /// <summary>The value of a request field, when present.</summary>
    internal static string? Field(string head, string name)
    {
        foreach (var line in head.Split("\r\n").Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Equals(name, StringComparison.OrdinalIgnoreCase))
                return line[(colon + 1)..].Trim();
        }

        return null;
    }

    /// <summary>Exactly <paramref name="count"/> bytes, or fewer when the peer closed.</summary>
    internal async Task<byte[]> ReadAsync(int count, CancellationToken cancellationToken)
    {
        var bytes = new List<byte>(count);
        for (var next = 0; bytes.Count < count && (next = await ReadByteAsync(cancellationToken)) >= 0;)
            bytes.Add((byte)next);
        return [.. bytes];
    }

    internal Task SendAsync(string latin1, CancellationToken cancellationToken) => SendAsync(Encoding.Latin1.GetBytes(latin1), cancellationToken);

    internal async Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await Stream.WriteAsync(bytes, cancellationToken);
        await Stream.FlushAsync(cancellationToken);
    }

    /// <summary>
    /// Lets the peer take in what was sent before the next thing happens, on a busy machine too. Without it, an RST may overtake a head
    /// that was to be seen.
    /// </summary>
    internal static Task PauseAsync(CancellationToken cancellationToken) => Task.Delay(200, cancellationToken);

    /// <summary>Says nothing more, until the peer goes away.</summary>
    internal async Task HangAsync(CancellationToken cancellationToken)
    {
        while (await FillAsync(cancellationToken))
            _begin = _end;
    }

    /// <summary>Ends the connection with an RST.</summary>
    internal void Reset()
    {
        _reset = true;
        Socket.LingerState = new LingerOption(true, 0);
        Socket.Dispose();
    }

    /// <summary>
    /// Ends the connection with a FIN. What the peer still sends is read away: closing with unread bytes would turn the FIN into an RST.
    /// </summary>
    internal async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_reset)
            return;
        Socket.Shutdown(SocketShutdown.Send);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(DrainLimit);
        while (await Socket.ReceiveAsync(_buffer, SocketFlags.None, limit.Token) > 0)
            continue;
    }

    public void Dispose() => Socket.Dispose();

    private async Task<string> ReadLineAsync(CancellationToken cancellationToken)
    {
        var line = new StringBuilder();
        for (var next = 0; (next = await ReadByteAsync(cancellationToken)) >= 0 && next != '\n' && line.Length < 1024;)
            line.Append((char)next);
        return line.ToString().TrimEnd('\r');
    }

    private async Task SkipAsync(long count, CancellationToken cancellationToken)
    {
        while (count > 0 && (_begin < _end || await FillAsync(cancellationToken)))
        {
            var taken = (int)Math.Min(count, _end - _begin);
            _begin += taken;
            count -= taken;
        }
    }

    private async ValueTask<int> ReadByteAsync(CancellationToken cancellationToken) =>
        _begin < _end || await FillAsync(cancellationToken) ? _buffer[_begin++] : -1;

    private async Task<bool> FillAsync(CancellationToken cancellationToken)
    {
        _begin = 0;
        _end = await Stream.ReadAsync(_buffer, cancellationToken);
        return _end > 0;
    }
}
