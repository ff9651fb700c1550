using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// Takes the client's body and sends it on, framed. What breaks here broke on the upstream's side; the client's own faults are noted by
/// <see cref="ClientBody"/>.
/// </summary>
internal sealed class RequestBodyStream(Http1Connection connection, Attempt attempt, ReadOnlyMemory<byte> head, long? length) : AsyncOnlyStream
{
    private const int PartLength = 32 * 1024;

    /// <summary>Room for a chunk's size before its bytes and for the line break behind them.</summary>
    private const int SizeRoom = 10;
    private const int BreakRoom = 2;

    private bool _headSent;
    private volatile bool _stopped;

    public Attempt Attempt => attempt;

    /// <summary>Whether writing to the upstream failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>The answer is complete: what is left of the body goes nowhere.</summary>
    public void Stop() => _stopped = true;

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_headSent) return;
        _headSent = true;
        await SendAsync(head);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty) return;
        if (!_headSent) await FlushAsync(cancellationToken);
        if (length is not null) await SendAsync(buffer);
        else await SendChunkAsync(buffer);
        attempt.BodyBytesSent += buffer.Length;
    }

    /// <summary>Sends the client's body as it comes. Its first part goes out with the head, if it is there already; else the head does not wait for it.</summary>
    public async Task CopyFromAsync(Stream source, CancellationToken cancellationToken)
    {
        var wanted = length is { } known && known < PartLength ? (int)known : PartLength;
        var rented = ArrayPool<byte>.Shared.Rent(head.Length + SizeRoom + wanted + BreakRoom);
        try
        {
            while (true)
            {
                var from = (_headSent ? 0 : head.Length) + SizeRoom;
                var room = rented.AsMemory(from, rented.Length - from - BreakRoom);
                var reading = source.ReadAsync(room, cancellationToken);
                if (!_headSent && !reading.IsCompleted) await FlushAsync(cancellationToken);
                var read = await reading;
                if (read == 0) return;
                await SendPartAsync(rented, from, read);
                attempt.BodyBytesSent += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Sends the part that lies in the buffer, framed, and the head before it when that has not gone yet: one write for all, as each would cost a packet of its own.</summary>
    private ValueTask SendPartAsync(byte[] buffer, int from, int count)
    {
        var end = from + count;
        if (length is null)
        {
            Span<byte> size = stackalloc byte[SizeRoom];
            Utf8Formatter.TryFormat(count, size, out var digits, 'x');
            "\r\n"u8.CopyTo(size[digits..]);
            from -= digits + 2;
            size[..(digits + 2)].CopyTo(buffer.AsSpan(from));
            "\r\n"u8.CopyTo(buffer.AsSpan(end));
            end += BreakRoom;
        }

        if (!_headSent)
        {
            _headSent = true;
            from -= head.Length;
            head.Span.CopyTo(buffer.AsSpan(from));
        }

        return SendAsync(buffer.AsMemory(from, end - from));
    }

    private async ValueTask SendChunkAsync(ReadOnlyMemory<byte> buffer)
    {
        var rented = ArrayPool<byte>.Shared.Rent(SizeRoom + buffer.Length + BreakRoom);
        try
        {
            buffer.CopyTo(rented.AsMemory(SizeRoom));
            await SendPartAsync(rented, SizeRoom, buffer.Length);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>The end of the body, with the client's trailers where it sent some.</summary>
    public async ValueTask FinishAsync(HttpContext context)
    {
        try
        {
            await FlushAsync(CancellationToken.None);
            if (length is null) await SendAsync(LastChunk(context));
        }
        catch (IOException)
        {
            // Noted by SendAsync as Failed; the reader of the answer says what became of it.
            return;
        }

        if (length is { } announced && announced != attempt.BodyBytesSent)
        {
            attempt.Request.Blame(Diagnostics.Attempts.ClientFault.BodyFailed, StatusCodes.Status400BadRequest);
            throw new HttpRequestException($"The client announced {announced} bytes and sent {attempt.BodyBytesSent}.");
        }
    }

    private static ReadOnlyMemory<byte> LastChunk(HttpContext context)
    {
        var trailers = context.Features.Get<IHttpRequestTrailersFeature>();
        if (trailers is not { Available: true } || trailers.Trailers.Count == 0) return "0\r\n\r\n"u8.ToArray();
        var text = new StringBuilder("0\r\n");
        foreach (var (name, values) in trailers.Trailers)
        {
            if (!HopByHop.MayTrail(name)) continue;
            foreach (var value in values) text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.Append("\r\n").ToString());
    }

    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        if (_stopped || Failed) throw new IOException("The upstream no longer takes the body.");
        try
        {
            await connection.WriteAsync(bytes);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            Failed = true;
            throw new IOException("The upstream no longer takes the body.", e);
        }
    }

    public override bool CanWrite => true;
}
