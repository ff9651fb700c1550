using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Tests.Resilience;

/// <summary>A port that is ours and refuses: bound, so that nobody else gets it, and not listening until it is told to.</summary>
internal sealed class RefusingPort : IAsyncDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private Task _answering = Task.CompletedTask;

    public RefusingPort() => _socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_socket.LocalEndPoint!).Port}";

    /// <summary>The app is back: every request is answered with 200.</summary>
    public void Recover()
    {
        _socket.Listen(512);
        _answering = Task.Run(async () =>
        {
            while (!_stop.IsCancellationRequested)
            {
                try
                {
                    var connection = await _socket.AcceptAsync(_stop.Token);
                    _ = AnswerAsync(connection);
                }
                catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
                {
                    return;
                }
            }
        });
    }

    private async Task AnswerAsync(Socket connection)
    {
        using var owned = connection;
        var buffer = new byte[16384];
        try
        {
            while (await connection.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) > 0)
            {
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), SocketFlags.None, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The gateway left first, or the test is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _socket.Dispose();
        await _answering;
        _stop.Dispose();
    }
}
