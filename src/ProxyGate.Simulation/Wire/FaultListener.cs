using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace ProxyGate.Simulation.Wire;

/// <summary>Accepts connections and runs the script of a fault on each, until it is disposed.</summary>
internal sealed class FaultListener : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly FaultEnvironment _environment;
    private readonly Func<UpstreamConnection, CancellationToken, Task> _script;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Task, bool> _running = new();
    private readonly Task _accepting;

    internal FaultListener(
        EndPoint endpoint, FaultEnvironment environment, Func<UpstreamConnection, CancellationToken, Task> script, int? receiveBuffer = null)
    {
        _environment = environment;
        _script = script;
        _listener = Listen(endpoint, backlog: 512, receiveBuffer);
        _accepting = AcceptAsync();
    }

    internal int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>A socket that listens; it is closed again when binding fails.</summary>
    internal static Socket Listen(EndPoint endpoint, int backlog, int? receiveBuffer = null)
    {
        var socket = Bind(endpoint);
        try
        {
            if (receiveBuffer is { } size)
                socket.ReceiveBufferSize = size;
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket that holds an address without listening on it: nobody else can take it, and connecting to it is refused.</summary>
    internal static Socket Bind(EndPoint endpoint)
    {
        var socket = endpoint is UnixDomainSocketEndPoint
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_running.Keys);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stop.Token);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            var serving = ServeAsync(socket);
            _running.TryAdd(serving, true);
            _ = serving.ContinueWith(done => _running.TryRemove(done, out _), TaskScheduler.Default);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        if (socket.AddressFamily != AddressFamily.Unix)
            socket.NoDelay = true;
        using var connection = new UpstreamConnection(socket, _environment);
        try
        {
            await _script(connection, _stop.Token);
            await connection.CloseAsync(_stop.Token);
        }
        catch (Exception end) when (end is IOException or SocketException or AuthenticationException
            or OperationCanceledException or ObjectDisposedException)
        {
            // The peer ended the connection first, as it should with most faults, or the fault is being stopped.
        }
    }
}
