using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>What an <see cref="EchoApp"/> does with a request it has read.</summary>
internal enum AppMood
{
    Healthy,

    /// <summary>Resets the connection instead of answering.</summary>
    Reset,

    /// <summary>Says nothing, until its mood changes.</summary>
    Hang,

    /// <summary>Answers 500, in order.</summary>
    Error,

    /// <summary>Announces more than it sends and closes.</summary>
    Cut,
}

/// <summary>
/// An app whose every right answer is known beforehand: a POST gets its body back, a GET the bytes <see cref="PageOf"/> makes of its path. It
/// keeps connections open, changes its mood at will, and can be stopped and started on the same port as a process would be.
/// </summary>
internal sealed class EchoApp : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Socket, bool> _open = new();
    private readonly int _port;
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;
    private CancellationTokenSource _moodEnds = new();
    private volatile AppMood _mood;

    public EchoApp()
    {
        Start(0);
        _port = ((IPEndPoint)_listener!.LocalEndPoint!).Port;
    }

    public string Address => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    public AppMood Mood
    {
        get => _mood;
        set
        {
            _mood = value;
            var over = Interlocked.Exchange(ref _moodEnds, new CancellationTokenSource());
            over.Cancel();
        }
    }

    /// <summary>A path it answers with something that is no HTTP, whatever its mood.</summary>
    public string? BrokenPath { get; set; }

    public static byte[] PageOf(string path)
    {
        var page = new StringBuilder();
        for (var n = 0; n <= path.Length * 7 % 40; n++) page.Append(CultureInfo.InvariantCulture, $"{n} {path}\n");
        return Encoding.ASCII.GetBytes(page.ToString());
    }

    public void Start() => Start(_port);

    private void Start(int port)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(512);
        _listener = listener;
        _accepting = AcceptAsync(listener);
    }

    /// <summary>Ends as a process does: the port is free and every connection closed.</summary>
    public async Task StopAsync()
    {
        _listener?.Dispose();
        await _accepting;
        foreach (var socket in _open.Keys) socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _moodEnds.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                var socket = await listener.AcceptAsync();
                socket.NoDelay = true;
                _open[socket] = true;
                _ = ServeAsync(socket);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
                return;
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            await using var stream = new NetworkStream(socket, ownsSocket: true);
            using var reader = new RequestReader(stream);
            while (await reader.ReadAsync() is { } request && await AnswerAsync(socket, stream, request)) continue;
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The gateway closed the connection, or the app was stopped.
        }
        finally
        {
            _open.TryRemove(socket, out _);
        }
    }

    private async Task<bool> AnswerAsync(Socket socket, NetworkStream stream, EchoRequest request)
    {
        if (_mood == AppMood.Hang)
        {
            using var silence = CancellationTokenSource.CreateLinkedTokenSource(_moodEnds.Token);
            // The gateway's giving up also ends it.
            while (await stream.ReadAsync(new byte[1], silence.Token) > 0) continue;
            return false;
        }

        if (request.Path == BrokenPath)
        {
            await stream.WriteAsync("Segmentation fault\r\n"u8.ToArray());
            return false;
        }

        switch (_mood)
        {
            case AppMood.Reset:
                socket.LingerState = new LingerOption(true, 0);
                socket.Dispose();
                return false;
            case AppMood.Error:
                await WriteAsync(stream, "500 Internal Server Error", "it broke"u8.ToArray(), 8);
                return true;
            case AppMood.Cut:
                await WriteAsync(stream, "200 OK", new byte[100], 5000);
                return false;
            default:
                var page = request.Method == "POST" ? request.Body : PageOf(request.Path);
                await WriteAsync(stream, "200 OK", page, page.Length);
                return true;
        }
    }

    private static async Task WriteAsync(NetworkStream stream, string status, byte[] body, int announced) =>
        await stream.WriteAsync((byte[])[.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status}\r\nContent-Length: {announced}\r\n\r\n")), .. body]);
}

internal sealed record EchoRequest(string Method, string Path, byte[] Body);

/// <summary>Reads requests with a Content-Length or none.</summary>
internal sealed class RequestReader(Stream stream) : IDisposable
{
    private readonly MemoryStream _kept = new();

    public async Task<EchoRequest?> ReadAsync()
    {
        int end;
        while ((end = _kept.GetBuffer().AsSpan(0, (int)_kept.Length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync()) return null;
        }

        var head = Encoding.Latin1.GetString(_kept.GetBuffer(), 0, end).Split("\r\n");
        var announced = head.FirstOrDefault(l => l.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        var length = announced is null ? 0 : int.Parse(announced.AsSpan(15), CultureInfo.InvariantCulture);
        while (_kept.Length < end + 4 + length)
        {
            if (!await FillAsync()) return null;
        }

        var all = _kept.ToArray();
        _kept.SetLength(0);
        _kept.Write(all.AsSpan(end + 4 + length));
        var line = head[0].Split(' ');
        return new EchoRequest(line[0], line[1], all[(end + 4)..(end + 4 + length)]);
    }

    public void Dispose() => _kept.Dispose();

    private async Task<bool> FillAsync()
    {
        var part = new byte[16 * 1024];
        var read = await stream.ReadAsync(part);
        _kept.Write(part, 0, read);
        return read > 0;
    }
}
