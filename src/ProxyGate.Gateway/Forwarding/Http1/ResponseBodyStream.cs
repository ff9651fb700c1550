using System.Buffers.Text;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// The body of one answer, framed by length, chunks or close (RFC 9112 section 6.3). It ends cleanly only when the framing says so:
/// whatever else ends it is an exception, so that a cut answer can never look whole.
/// </summary>
internal sealed class ResponseBodyStream : AsyncOnlyStream
{
    private const int LargestPart = 64 * 1024;
    private const int WorthPiping = 16 * 1024;
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

            Got(read);
            return read;
        }
        catch (Exception e) when (e is not UpstreamBodyException)
        {
            // The app refused the upload and reset: its refusal is what the client must see, whole or not.
            if (_untilClose && _earlyRefusal && !_attempt.Failed && Attempt.Find<System.Net.Sockets.SocketException>(e) is not null)
            {
                _done = true;
                _attempt.Answered();
                _connection.Dispose();
                return 0;
            }

            Broke(e);
            cancellationToken.ThrowIfCancellationRequested();
            throw new UpstreamBodyException(_attempt);
        }
    }

    /// <summary>
    /// Whether what is left can go through a <see cref="KernelPipe"/>: its length is known, so that nothing in it has to be looked at, and it is worth the calls.
    /// </summary>
    public bool CanFill => !_done && !_chunked && _left >= WorthPiping && _connection.CanFill;

    /// <summary>The next part into the pipe, as <see cref="ReadAsync(Memory{byte}, CancellationToken)"/> reads it into memory. Never 0: a body that ends too early is an exception.</summary>
    public async ValueTask<int> FillAsync(KernelPipe pipe)
    {
        _attempt.AwaitsBody();
        try
        {
            var read = await _connection.FillAsync(pipe, (int)Math.Min(_left, KernelPipe.Most));
            if (read == 0) throw _connection.FailBody(AttemptEnd.PeerClosed);
            Got(read);
            return read;
        }
        catch (Exception e) when (e is not UpstreamBodyException)
        {
            Broke(e);
            throw new UpstreamBodyException(_attempt);
        }
    }

    private void Got(int read)
    {
        _attempt.GotBody();
        _attempt.BodyBytesReceived += read;
        if (_untilClose) return;
        _left -= read;
        if (_left == 0 && !_chunked) End();
    }

    private void Broke(Exception error)
    {
        _done = true;
        _connection.Broken(error);
        _connection.Dispose();
    }

    private void End()
    {
        _done = true;
        _connection.Completed();
    }

    /// <summary>Reads the line that begins a chunk. False at the last chunk, after its trailers.</summary>
    private async ValueTask<bool> NextChunkAsync()
    {
        if (!_firstChunk) await TakeChunkEndAsync();
        _firstChunk = false;
        _left = TakeChunkSize(await LineAsync(LongestChunkLine));
        if (_left > 0) return true;
        for (int room = MostTrailers, taken; (taken = TakeTrailer(await LineAsync(room))) > 0; room -= taken)
        {
            // Each is passed on as it is read.
        }

        return false;
    }

    /// <summary>The line break behind a chunk's data; anything else there means that the sizes do not fit the data.</summary>
    private async ValueTask TakeChunkEndAsync()
    {
        while (_connection.Buffered.Length < 2 && (_connection.Buffered.IsEmpty || _connection.Buffered[0] == '\r'))
        {
            if (await _connection.FillBodyAsync() == 0) throw _connection.FailBody(AttemptEnd.PeerClosed);
        }

        if (!_connection.Buffered.StartsWith("\r\n"u8)) throw Malformed("no line break after a chunk");
        _connection.Take(2);
    }

    /// <summary>Where the buffered line's LF stands, once it is there; a line, its end included, may be so long. What comes in pieces is judged as what comes at once.</summary>
    private ValueTask<int> LineAsync(int most)
    {
        var lf = FindLine(most);
        return lf >= 0 ? new ValueTask<int>(lf) : AwaitLineAsync(most);
    }

    private async ValueTask<int> AwaitLineAsync(int most)
    {
        while (true)
        {
            if (await _connection.FillBodyAsync() == 0) throw _connection.FailBody(AttemptEnd.PeerClosed);
            if (FindLine(most) is >= 0 and var lf) return lf;
        }
    }

    private int FindLine(int most)
    {
        var lf = _connection.Buffered.IndexOf((byte)'\n');
        return lf < most && (lf >= 0 || _connection.Buffered.Length <= most) ? lf : throw Malformed($"a line of more than {most} bytes in the framing");
    }

    /// <summary>
    /// The size of the next chunk. Extensions mean nothing to us, but where they end must be beyond doubt. RFC 9112 section 2.2 lets a lone LF end a start line
    /// or a field, and so also the fields of a trailer section; of chunks it says nothing, their grammar (section 7.1) has CRLF alone, and nobody older than
    /// HTTP/1.1 ever sent any. Who takes the LF for the line's end and who takes it for a part of an extension find different chunks in the same bytes, which is
    /// how messages are smuggled: nginx and Go have stopped taking it, and .NET 10's own client takes it still.
    /// </summary>
    private long TakeChunkSize(int lf)
    {
        var line = _connection.Buffered[..lf];
        if (line is not [.. var content, (byte)'\r']) throw Malformed("a chunk size that does not end in CRLF");
        var semicolon = content.IndexOf((byte)';');
        var digits = (semicolon < 0 ? content : content[..semicolon]).TrimEnd(" \t"u8);
        if (digits.Length is 0 or > 15 || !Utf8Parser.TryParse(digits, out long size, out var used, 'x') || used != digits.Length || size < 0)
        {
            throw Malformed($"chunk size '{Encoding.Latin1.GetString(content[..Math.Min(content.Length, 60)])}'");
        }

        if (semicolon >= 0 && !ResponseHead.IsFieldText(content[semicolon..])) throw Malformed("a control character in a chunk extension");
        _connection.Take(lf + 1);
        return size;
    }

    /// <summary>One line of the trailer section, held to what a field of the head is held to; how many bytes it took, 0 for the empty one at the end.</summary>
    private int TakeTrailer(int lf)
    {
        var line = _connection.Buffered[..lf];
        if (line is [.. var content, (byte)'\r']) line = content;
        if (line.IsEmpty)
        {
            _connection.Take(lf + 1);
            return 0;
        }

        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || !ResponseHead.IsFieldName(line[..colon])) throw Malformed("malformed trailer section");
        var value = line[(colon + 1)..].Trim(" \t"u8);
        if (!ResponseHead.IsFieldText(value)) throw Malformed("a control character in the trailer section");
        var name = FieldNames.Get(line[..colon]);
        if (HopByHop.MayTrail(name)) OnTrailer?.Invoke(name, Encoding.Latin1.GetString(value));
        _connection.Take(lf + 1);
        return lf + 1;
    }

    private UpstreamBodyException Malformed(string what) => _connection.FailBody(AttemptEnd.ChunkInvalid, what);

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
