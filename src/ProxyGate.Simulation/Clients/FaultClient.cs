using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Simulation.Clients;

/// <summary>
/// A client that sends what a fault needs, byte by byte, behaves as badly as it asks, and tells exactly how the answer ended:
/// HTTP libraries hide the difference between a cut and a reset.
/// </summary>
public static class FaultClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Sends a fault's request, with its warm-ups, to <paramref name="server"/> (<c>http://host:port</c>, <c>https://…</c> or <c>http://unix:/path</c>).</summary>
    /// <param name="server">The gateway, or the fault itself.</param>
    /// <param name="request">What to send.</param>
    /// <param name="prefix">Path before the request's own, e.g. <c>/faults/connect-refused</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ClientObservation> SendAsync(
        string server, FaultRequest request, string prefix = "", CancellationToken cancellationToken = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var socket = await ConnectAsync(server, limit.Token);
        await using var stream = await OpenAsync(socket, server, limit.Token);
        var reader = new AnswerReader(stream);
        var path = prefix + request.Path;
        for (var n = 0; n < request.WarmUps; n++)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), limit.Token);
            var warm = await reader.ReadAsync("GET", limit.Token);
            if (warm.End is not AnswerEnd.Complete)
                return warm;
        }

        using var crowd = await Crowd.GatherAsync(request.Crowd, server, path, limit.Token);
        if (request.Rest > TimeSpan.Zero)
            await Task.Delay(request.Rest, limit.Token);
        var sendingBroke = false;
        try
        {
            if (!await WriteAsync(stream, request, path, limit.Token))
                return await LeaveAsync(socket, request, limit.Token);
        }
        catch (IOException)
        {
            // The server stopped reading; what it said before is still to be read.
            sendingBroke = true;
        }

        switch (request.Behaviour)
        {
            case ClientBehaviour.AbortWaiting:
                return await LeaveAsync(socket, request, limit.Token);
            case ClientBehaviour.StallAnswer:
                await Task.Delay(request.After, limit.Token);
                return await reader.ReadAsync(request.Method, limit.Token);
            case ClientBehaviour.AbortDuringAnswer:
                await stream.ReadExactlyAsync(new byte[1], limit.Token);
                return await LeaveAsync(socket, request, limit.Token);
            default:
                var seen = await reader.ReadAsync(request.Method, limit.Token);
                // The kernel tells of an RST once: sending has had the news already.
                return sendingBroke && seen.End is AnswerEnd.Closed ? seen with { End = AnswerEnd.Reset } : seen;
        }
    }

    /// <summary>Whether the client is still there after sending.</summary>
    private static async Task<bool> WriteAsync(Stream stream, FaultRequest request, string path, CancellationToken cancellationToken)
    {
        var head = Head(request, path);
        if (request.Behaviour is ClientBehaviour.StallHead)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head[..(head.Length / 2)]), cancellationToken);
            return true;
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(head), cancellationToken);
        if (request.Behaviour is ClientBehaviour.BadChunk)
        {
            await stream.WriteAsync("5\r\nhello\r\nZZ\r\nworld\r\n0\r\n\r\n"u8.ToArray(), cancellationToken);
            return true;
        }

        var half = request.Behaviour is ClientBehaviour.AbortUpload or ClientBehaviour.StallUpload;
        var left = half ? request.BodyLength / 2 : request.BodyLength;
        var part = new byte[32 * 1024];
        Array.Fill(part, (byte)'b');
        while (left > 0)
        {
            var now = part.AsMemory(0, (int)Math.Min(left, part.Length));
            if (request.Chunked)
                await stream.WriteAsync(Encoding.ASCII.GetBytes(now.Length.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), cancellationToken);
            await stream.WriteAsync(now, cancellationToken);
            if (request.Chunked)
                await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
            left -= now.Length;
        }

        if (request.Chunked && !half)
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);
        return request.Behaviour is not ClientBehaviour.AbortUpload;
    }

    private static string Head(FaultRequest request, string path)
    {
        if (request.Behaviour is ClientBehaviour.MalformedRequestLine)
            return "this is no request\r\nHost: localhost\r\n\r\n";
        var head = new StringBuilder($"{request.Method} {path} HTTP/1.1\r\nHost: localhost\r\n");
        foreach (var (name, value) in request.Headers)
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (request.Behaviour is ClientBehaviour.OversizedHead)
            head.Append("Cookie: ").Append('c', 200_000).Append("\r\n");
        if (request.WebSocket)
            head.Append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        if (request.Chunked)
            head.Append("Transfer-Encoding: chunked\r\n");
        else if (request.BodyLength > 0)
            head.Append("Content-Length: ").Append(request.BodyLength).Append("\r\n");
        return head.Append("\r\n").ToString();
    }

    private static async Task<ClientObservation> LeaveAsync(Socket socket, FaultRequest request, CancellationToken cancellationToken)
    {
        await Task.Delay(request.After, cancellationToken);
        socket.LingerState = new LingerOption(true, 0);
        socket.Close();
        return new ClientObservation(null, [], [], AnswerEnd.ClientLeft);
    }

    internal static async Task<Socket> ConnectAsync(string server, CancellationToken cancellationToken)
    {
        const string UnixPrefix = "http://unix:";
        var unix = server.StartsWith(UnixPrefix, StringComparison.Ordinal);
        var socket = unix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (unix)
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(server[UnixPrefix.Length..]), cancellationToken);
            else
                await socket.ConnectAsync(new DnsEndPoint(new Uri(server).Host, new Uri(server).Port), cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    internal static async Task<Stream> OpenAsync(Socket socket, string server, CancellationToken cancellationToken)
    {
        var plain = new NetworkStream(socket, ownsSocket: false);
        if (!server.StartsWith("https:", StringComparison.Ordinal))
            return plain;
#pragma warning disable CA5359 // This client measures servers that are wrong on purpose; it must see what they say.
        var tls = new SslStream(plain, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = new Uri(server).Host }, cancellationToken);
        return tls;
    }
}
