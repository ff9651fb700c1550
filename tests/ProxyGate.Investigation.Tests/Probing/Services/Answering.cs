using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Investigation.Tests.Probing.Services;

/// <summary>A server of a few bytes: greets, answers the first thing it hears, and closes; or, without an answer, takes connections and says nothing.</summary>
internal sealed class Answering : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly Func<byte[], byte[]>? _answer;
    private readonly byte[] _greeting;

    public Answering(Func<byte[], byte[]>? answer, byte[]? greeting = null)
    {
        (_answer, _greeting) = (answer, greeting ?? []);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        if (_answer is not null) _ = AcceptAsync(_answer);
    }

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync(Func<byte[], byte[]> answer)
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptAsync(), answer);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(Socket client, Func<byte[], byte[]> answer)
    {
        using (client)
        {
            try
            {
                if (_greeting.Length > 0) await client.SendAsync(_greeting);
                var buffer = new byte[4096];
                var length = await client.ReceiveAsync(buffer);
                if (answer(buffer[..length]) is { Length: > 0 } bytes) await client.SendAsync(bytes);
                client.Shutdown(SocketShutdown.Both);
            }
            catch (SocketException)
            {
                // The other side has gone.
            }
        }
    }
}
