using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>Is no HTTP server: it greets with markup that would run if a page showed it as it is.</summary>
internal sealed class HostileUpstream : IAsyncDisposable
{
    public const string Payload = "</pre><script>window.ran=1</script><img src=x onerror=window.ran=2>\"'><svg onload=window.ran=3>";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Task _serving;

    public HostileUpstream()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _serving;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync(Encoding.Latin1.GetBytes(Payload + "\r\n\r\n"));
                while (await client.GetStream().ReadAsync(new byte[4096]) > 0) continue;
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Stopped.
                return;
            }
            catch (IOException)
            {
                // The gateway has heard enough: the next.
            }
        }
    }
}
