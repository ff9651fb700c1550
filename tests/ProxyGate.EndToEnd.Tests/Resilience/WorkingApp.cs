using System.Net;
using System.Net.Sockets;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>An app with so many workers, each busy for a while with a request. What comes beyond waits for a worker, and slows all of them down.</summary>
internal sealed class WorkingApp : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _workers;
    private readonly TimeSpan _work;
    private readonly Task _accepting;

    public WorkingApp(int workers, TimeSpan work)
    {
        (_workers, _work) = (new SemaphoreSlim(workers), work);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(512);
        _accepting = Task.Run(AcceptAsync);
    }

    public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var socket = await _listener.AcceptAsync(_stop.Token);
                _ = Task.Run(() => ServeAsync(socket));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using var owned = socket;
        var buffer = new byte[8192];
        try
        {
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) > 0)
            {
                await _workers.WaitAsync(_stop.Token);
                try
                {
                    await Task.Delay(_work, _stop.Token);
                }
                finally
                {
                    _workers.Release();
                }

                await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8.ToArray(), SocketFlags.None, _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The gateway left first, or the run is over.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _workers.Dispose();
        _stop.Dispose();
    }
}
