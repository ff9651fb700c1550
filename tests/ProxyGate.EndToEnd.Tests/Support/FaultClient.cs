using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>What a client saw of one request, byte for byte.</summary>
internal sealed record Seen
{
    public int Status { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Fields { get; init; } = [];

    public string Body { get; init; } = "";

    /// <summary>The answer ended before its framing said so.</summary>
    public bool Aborted { get; init; }

    /// <summary>Not one byte came.</summary>
    public bool Nothing { get; init; }

    public string? Field(string name) => Fields.FirstOrDefault(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;

    public IEnumerable<string> All(string name) => Fields.Where(f => f.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(f => f.Value);
}

/// <summary>
/// A client that can do what well-made ones cannot: stall, leave, break its own framing; and that tells a cut answer from a whole one.
/// </summary>
internal static class FaultClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static async Task<Seen> SendAsync(Uri gateway, string prefix, FaultRequest request, string accept, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Limit);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Port, limit.Token);
        client.NoDelay = true;
        var stream = client.GetStream();
        try
        {
            await WriteAsync(stream, gateway, prefix, request, accept, limit.Token);
        }
        catch (IOException)
        {
            // The gateway answered and closed before the whole request was sent: the answer is what counts.
        }

        switch (request.Behaviour)
        {
            case ClientBehaviour.AbortWaiting or ClientBehaviour.AbortUpload:
                await Task.Delay(request.After, limit.Token);
                client.Client.LingerState = new LingerOption(true, 0);
                return new Seen { Nothing = true };
            case ClientBehaviour.AbortDuringAnswer:
                await stream.ReadAtLeastAsync(new byte[64], 1, false, limit.Token);
                client.Client.LingerState = new LingerOption(true, 0);
                return new Seen { Nothing = true };
        }

        return await ReadAsync(stream, request.Method == "HEAD", limit.Token);
    }

    private static async Task WriteAsync(NetworkStream stream, Uri gateway, string prefix, FaultRequest request, string accept, CancellationToken cancellationToken)
    {
        if (request.Behaviour == ClientBehaviour.MalformedRequestLine)
        {
            await stream.WriteAsync("THIS IS NOT A REQUEST LINE\r\n\r\n"u8.ToArray(), cancellationToken);
            return;
        }

        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"{request.Method} {prefix}{request.Path} HTTP/1.1\r\nHost: {gateway.Authority}\r\nAccept: {accept}\r\n");
        foreach (var (name, value) in request.Headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        if (request.WebSocket)
        {
            head.Append("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        }
        else
        {
            head.Append("Connection: close\r\n");
        }

        if (request.Chunked || request.Behaviour == ClientBehaviour.BadChunk) head.Append("Transfer-Encoding: chunked\r\n");
        else if (request.BodyLength > 0) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {request.BodyLength}\r\n");
        if (request.Behaviour == ClientBehaviour.OversizedHead) head.Append("X-Big: ").Append('x', 200_000).Append("\r\n");
        if (request.Behaviour == ClientBehaviour.StallHead)
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(head.ToString()), cancellationToken);
            return;
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(head.Append("\r\n").ToString()), cancellationToken);
        if (request.Behaviour == ClientBehaviour.BadChunk)
        {
            await stream.WriteAsync("5\r\nhello\r\nZZ\r\nbroken\r\n"u8.ToArray(), cancellationToken);
            return;
        }

        var left = request.Behaviour is ClientBehaviour.AbortUpload or ClientBehaviour.StallUpload ? request.BodyLength / 2 : request.BodyLength;
        var block = new byte[64 * 1024];
        while (left > 0)
        {
            var part = (int)Math.Min(block.Length, left);
            if (request.Chunked) await stream.WriteAsync(Encoding.ASCII.GetBytes($"{part:x}\r\n"), cancellationToken);
            await stream.WriteAsync(block.AsMemory(0, part), cancellationToken);
            if (request.Chunked) await stream.WriteAsync("\r\n"u8.ToArray(), cancellationToken);
            left -= part;
        }

        if (request.Chunked) await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken);
    }

    private static async Task<Seen> ReadAsync(NetworkStream stream, bool headOnly, CancellationToken cancellationToken)
    {
        var received = new MemoryStream();
        var buffer = new byte[64 * 1024];
        var reset = false;
        while (true)
        {
            int read;
            try
            {
                read = await stream.ReadAsync(buffer, cancellationToken);
            }
            catch (IOException)
            {
                reset = true;
                break;
            }

            if (read == 0) break;
            received.Write(buffer, 0, read);
            if (Parse(received, headOnly, ended: false) is { Aborted: false } whole) return whole;
        }

        return Parse(received, headOnly, ended: !reset) ?? new Seen { Nothing = true };
    }

    /// <summary>Null while there is no head; Aborted while the body is not whole by its framing.</summary>
    private static Seen? Parse(MemoryStream received, bool headOnly, bool ended)
    {
        var text = Encoding.Latin1.GetString(received.GetBuffer(), 0, (int)received.Length);
        var start = 0;
        while (true)
        {
            var end = text.IndexOf("\r\n\r\n", start, StringComparison.Ordinal);
            if (end < 0) return null;
            var lines = text[start..end].Split("\r\n");
            var status = int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture);
            if (status is >= 100 and < 200 and not 101)
            {
                start = end + 4;
                continue;
            }

            var fields = lines[1..].Select(l => l.Split(':', 2)).Select(p => KeyValuePair.Create(p[0], p[1].Trim())).ToArray();
            var seen = new Seen { Status = status, Fields = fields };
            var body = text[(end + 4)..];
            if (headOnly || status is 204 or 304) return seen;
            if (status == 101) return seen with { Body = body, Aborted = !ended };
            if (seen.Field("Transfer-Encoding") is not null)
            {
                var (content, whole) = Unchunk(body);
                return seen with { Body = content, Aborted = !whole };
            }

            if (seen.Field("Content-Length") is { } length)
            {
                return seen with { Body = body, Aborted = body.Length < long.Parse(length, CultureInfo.InvariantCulture) };
            }

            return seen with { Body = body, Aborted = !ended };
        }
    }

    private static (string Content, bool Whole) Unchunk(string body)
    {
        var content = new StringBuilder();
        while (true)
        {
            var line = body.IndexOf("\r\n", StringComparison.Ordinal);
            if (line < 0) return (content.ToString(), false);
            var size = int.Parse(body[..line].Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size == 0) return (content.ToString(), body.EndsWith("\r\n\r\n", StringComparison.Ordinal));
            if (body.Length < line + 2 + size + 2) return (content.Append(body.AsSpan(line + 2)).ToString(), false);
            content.Append(body.AsSpan(line + 2, size));
            body = body[(line + 2 + size + 2)..];
        }
    }
}
