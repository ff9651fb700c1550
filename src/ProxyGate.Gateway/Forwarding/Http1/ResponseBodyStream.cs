using System.Buffers.Text;
using System.Text;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// The body of one answer, framed by length, chunks or close (RFC 9112 section 6.3). It ends cleanly only when the framing says so:
/// whatever else ends it is an exception, so that a cut answer can never look whole.
/// </summary>
internal sealed class ResponseBodyStream : AsyncOnlyStream
{
    private const int LargestPart = 64 * 1024;
    private const int LongestChunkLine = 1024;
    private const int MostTrailers = 16 * 1024;

    private readonly Http1Connection _connection;
    private readonly Attempt _attempt;
    private readonly bool _chunked;
    private readonly bool _untilClose;
    private readonly bool _earlyRefusal;
    private long _left;
    private bool _firstChunk = true;
    private bool _done;

    public ResponseBodyStream(Http1Connection connection, ResponseHead head)
    {
        _connection = connection;
        _attempt = connection.Attempt;
        _chunked = head.Chunked;
        _untilClose = !head.Chunked && head.ContentLength is null;
        _left = head.Chunked ? 0 : head.ContentLength ?? 0;
        _earlyRefusal = head.Status >= 400 && !_attempt.RequestComplete;
    }

    /// <summary>Called for each field of the trailer section.</summary>
    public Action<string, string>? OnTrailer { get; set; }

    /// <summary>How large a part to read next.</summary>
    public int ReadSize => _left is > 0 and < LargestPart ? (int)_left : LargestPart;

    /// <summary>Whether the body is known to be whole without another read: so its end can go out with its last bytes.</summary>
    public bool IsAtEnd()
    {
        if (_done || !_chunked || _left > 0 || !_connection.Buffered.SequenceEqual("\r\n0\r\n\r\n"u8)) return _done;
        _connection.Take(7);
        End();
        return true;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_done || buffer.IsEmpty) return 0;
        _attempt.AwaitsBody();
        try
        {
            if (_attempt.BodyBytesReceived == 0 && _connection.Buffered.IsEmpty) await LiveAnswer.SendHeadAsync(_attempt.Request.Context);
            if (_chunked && _left == 0 && !await NextChunkAsync())
            {
                End();
                return 0;
            }

            var wanted = _untilClose || buffer.Length <= _left ? buffer : buffer[..(int)_left];
            var read = await _connection.ReadBodyAsync(wanted);
            if (read == 0)
            {
                if (!_untilClose) throw _connection.FailBody(AttemptEnd.PeerClosed);
                End();
                return 0;
            }

            _attempt.GotBody();
            _attempt.BodyBytesReceived += read;
            if (_untilClose) return read;
            _left -= read;
            if (_left == 0 && !_chunked) End();
            return read;
        }
        catch (Exception e) when (e is not UpstreamBodyException)
        {
            _done = true;
            // The app refused the upload and reset: its refusal is what the client must see, whole or not.
            if (_untilClose && _earlyRefusal && !_attempt.Failed && Attempt.Find<System.Net.Sockets.SocketException>(e) is not null)
            {
                _attempt.Answered();
                _connection.Dispose();
                return 0;
            }

            _connection.Broken(e);
            _connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamBodyException(_attempt);
        }
    }

    private void End()
    {
        _done = true;
        _connection.Completed();
    }

    /// <summary>Reads the line that begins a chunk. False at the last chunk, after its trailers.</summary>
    private async ValueTask<bool> NextChunkAsync()
    {
        if (!_firstChunk && (await ReadLineAsync()).Length != 0) throw _connection.FailBody(AttemptEnd.ChunkInvalid, "no line break after a chunk");
        _firstChunk = false;
        _left = ChunkSize(await ReadLineAsync());
        if (_left > 0) return true;
        var trailerBytes = 0;
        while (true)
        {
            var line = await ReadLineAsync();
            if (line.Length == 0) return false;
            trailerBytes += line.Length;
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || trailerBytes > MostTrailers) throw _connection.FailBody(AttemptEnd.ChunkInvalid, "malformed trailer section");
            OnTrailer?.Invoke(line[..colon], line[(colon + 1)..].Trim());
        }
    }

    private long ChunkSize(string line)
    {
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        var digits = Encoding.Latin1.GetBytes((semicolon < 0 ? line : line[..semicolon]).TrimEnd(' ', '\t'));
        if (digits.Length is 0 or > 15 || !Utf8Parser.TryParse(digits, out long size, out var used, 'x') || used != digits.Length || size < 0)
        {
            throw _connection.FailBody(AttemptEnd.ChunkInvalid, $"chunk size '{(line.Length > 60 ? line[..60] : line)}'");
        }

        return size;
    }

    private async ValueTask<string> ReadLineAsync()
    {
        while (true)
        {
            if (TakeLine() is { } line) return line;
            if (_connection.Buffered.Length > LongestChunkLine) throw _connection.FailBody(AttemptEnd.ChunkInvalid, "chunk line too long");
            if (await _connection.FillBodyAsync() == 0) throw _connection.FailBody(AttemptEnd.PeerClosed);
        }
    }

    private string? TakeLine()
    {
        var buffered = _connection.Buffered;
        var lf = buffered.IndexOf((byte)'\n');
        if (lf < 0) return null;
        var line = buffered[..lf];
        if (line is [.. var content, (byte)'\r']) line = content;
        var text = line.IsEmpty ? "" : Encoding.Latin1.GetString(line);
        _connection.Take(lf + 1);
        return text;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_done)
        {
            _done = true;
            _connection.Abandoned();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;
}
