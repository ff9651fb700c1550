namespace ProxyGate.Investigation.Probing.Services;

/// <summary>Passes everything through and keeps the first bytes read, which tell the protocol even when TLS does not understand them.</summary>
internal sealed class FirstBytesStream(Stream inner) : Stream
{
    public const int Kept = 64;
    private readonly byte[] _first = new byte[Kept];
    private int _count;

    public ReadOnlyMemory<byte> First => _first.AsMemory(0, _count);

    /// <summary>Whether the peer has ended its side.</summary>
    public bool Ended { get; private set; }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var length = await inner.ReadAsync(buffer, cancellationToken);
            return Keep(buffer.Span, length);
        }
        catch (IOException)
        {
            Ended = true;
            throw;
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => Keep(buffer.AsSpan(offset, count), inner.Read(buffer, offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => inner.WriteAsync(buffer, cancellationToken);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => inner.WriteAsync(buffer, offset, count, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    private int Keep(ReadOnlySpan<byte> buffer, int length)
    {
        if (length == 0 && buffer.Length > 0) Ended = true;
        var kept = Math.Min(length, Kept - _count);
        if (kept <= 0) return length;
        buffer[..kept].CopyTo(_first.AsSpan(_count));
        _count += kept;
        return length;
    }
}
