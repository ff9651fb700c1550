using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Answers recorded answers over HTTP/1.1 on a unix socket or a loopback port, and keeps what it was asked.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private readonly Dictionary<string, (int Status, byte[] Body)> _answers = [];

    public FakeEngine(string? socketPath)
    {
        _listener = socketPath is null ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _listener.Bind(socketPath is null ? new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0) : new UnixDomainSocketEndPoint(socketPath));
        _listener.Listen();
        _serving = ServeAsync();
    }

    public List<string> Asked { get; } = [];

    public Uri Address => new($"http://{_listener.LocalEndPoint}/");

    public FakeEngine Answer(string path, string body, int status = 200) => Answer(path, Encoding.UTF8.GetBytes(body), status);

    public FakeEngine Answer(string path, byte[] body, int status = 200)
    {
        _answers[path] = (status, body);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _serving;
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true) connections.Add(ServeAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        try
        {
            await using var stream = new NetworkStream(connection, ownsSocket: true);
            using var reader = new StreamReader(stream, Encoding.ASCII);
            while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } request)
            {
                lock (Asked) Asked.Add(request);
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } header) if (header.StartsWith("Authorization", StringComparison.OrdinalIgnoreCase)) lock (Asked) Asked.Add(header);
                var (status, body) = _answers.GetValueOrDefault(request.Split(' ')[1], (404, Encoding.UTF8.GetBytes("""{"message":"no such container"}""")));
                await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status} X\r\nContent-Length: {body.Length}\r\n\r\n"), _end.Token);
                await stream.WriteAsync(body, _end.Token);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            lock (Asked) Asked.Add(error.GetType().Name);
        }
    }
}
