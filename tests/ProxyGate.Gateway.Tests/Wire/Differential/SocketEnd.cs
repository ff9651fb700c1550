using System.Net.Sockets;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>One end of a connection as bytes: what has come and was not taken yet, and how it ended.</summary>
internal sealed class SocketEnd(Socket socket, CancellationToken over) : IDisposable
{
    private byte[] _bytes = new byte[16 * 1024];
    private int _from;
    private int _to;

    public ReadOnlySpan<byte> Received => _bytes.AsSpan(_from, _to - _from);

    /// <summary>Whether the peer reset it; otherwise it closed in order.</summary>
    public bool WasReset { get; private set; }

    /// <summary>Waits for more; false when nothing more comes.</summary>
    public async Task<bool> FillAsync()
    {
        if (_from == _to) _from = _to = 0;
        if (_to == _bytes.Length) Array.Resize(ref _bytes, 2 * _bytes.Length);
        try
        {
            var read = await socket.ReceiveAsync(_bytes.AsMemory(_to), SocketFlags.None, over);
            _to += read;
            return read > 0;
        }
        catch (SocketException)
        {
            WasReset = true;
            return false;
        }
    }

    public void Take(int count) => _from += count;

    /// <summary>Sends as far as the peer takes it.</summary>
    public async Task<bool> SendAsync(IEnumerable<byte[]> pieces)
    {
        try
        {
            foreach (var piece in pieces)
            {
                for (var sent = 0; sent < piece.Length;) sent += await socket.SendAsync(piece.AsMemory(sent), SocketFlags.None, over);
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Closes in order: what the peer still sends is read, or its unread bytes would make a reset of it.</summary>
    public async Task CloseAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(over);
        limit.CancelAfter(TimeSpan.FromSeconds(2));
        var waste = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(waste, SocketFlags.None, limit.Token) > 0)
            {
                // Nobody wants it.
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // It is gone, or stays silent: enough has been said.
        }
    }

    public void Reset()
    {
        socket.LingerState = new LingerOption(true, 0);
        socket.Dispose();
    }

    public void Dispose() => socket.Dispose();
}
