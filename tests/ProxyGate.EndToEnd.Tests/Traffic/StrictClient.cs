using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>
/// One request after the other on a kept connection, over a bare socket: it repeats nothing, so that a request that is lost is seen as lost.
/// It heeds <c>Connection: close</c>, as every client does.
/// </summary>
internal sealed class StrictClient(int port) : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(120);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private Socket? _socket;
    private int _kept;

    public int Connections { get; private set; }

    /// <summary>The body of a 200; anything else is told as trouble.</summary>
    public async Task<(string? Body, string? Trouble)> GetAsync(string path, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(Longest);
        var fresh = _socket is null;
        try
        {
            if (_socket is null)
            {
                _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await _socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), limit.Token);
                (Connections, _kept) = (Connections + 1, 0);
            }

            await _socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), limit.Token);
            var (head, body) = await ReadAsync(limit.Token);
            if (head.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase)) Close();
            return head.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) ? (body, null) : (null, $"{path}: {head} {body}");
        }
        catch (Exception e) when (e is SocketException or IOException || (e is OperationCanceledException && !stop.IsCancellationRequested))
        {
            Close();
            return (null, $"{path}: {(fresh ? "new" : "kept")} connection: {e.Message}");
        }
    }

    public void Dispose() => Close();

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
    }

    private async Task<(string Head, string Body)> ReadAsync(CancellationToken stop)
    {
        int end;
        while ((end = _buffer.AsSpan(0, _kept).IndexOf("\r\n\r\n"u8)) < 0) await FillAsync(stop);
        var head = Encoding.Latin1.GetString(_buffer, 0, end + 2);
        Consume(end + 4);
        if (head.Contains("\r\nTransfer-Encoding: chunked", StringComparison.OrdinalIgnoreCase)) return (head, await ReadChunksAsync(stop));
        var at = head.IndexOf("\r\nContent-Length: ", StringComparison.OrdinalIgnoreCase);
        var length = at < 0 ? 0 : int.Parse(head.AsSpan(at + 18, head.IndexOf("\r\n", at + 18, StringComparison.Ordinal) - at - 18), System.Globalization.CultureInfo.InvariantCulture);
        return (head, await TakeAsync(length, stop));
    }

    private async Task<string> ReadChunksAsync(CancellationToken stop)
    {
        var body = new StringBuilder();
        while (true)
        {
            int line;
            while ((line = _buffer.AsSpan(0, _kept).IndexOf("\r\n"u8)) < 0) await FillAsync(stop);
            var size = Convert.ToInt32(Encoding.ASCII.GetString(_buffer, 0, line), 16);
            Consume(line + 2);
            body.Append(await TakeAsync(size, stop));
            await TakeAsync(2, stop);
            if (size == 0) return body.ToString();
        }
    }

    private async Task<string> TakeAsync(int length, CancellationToken stop)
    {
        while (_kept < length) await FillAsync(stop);
        var text = Encoding.UTF8.GetString(_buffer, 0, length);
        Consume(length);
        return text;
    }

    private void Consume(int length)
    {
        _buffer.AsSpan(length, _kept - length).CopyTo(_buffer);
        _kept -= length;
    }

    private async Task FillAsync(CancellationToken stop)
    {
        var read = await _socket!.ReceiveAsync(_buffer.AsMemory(_kept), stop);
        if (read == 0) throw new IOException("closed without an answer");
        _kept += read;
    }
}
