using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>Passes an HTTP/2 connection's bytes through, showing those received to the <see cref="FrameScan"/>.</summary>
internal sealed class ScannedStream(Stream inner, FrameScan scan) : AsyncOnlyStream
{
    /// <summary>How reading ended: 0 bytes (the peer closed).</summary>
    public bool PeerClosed { get; private set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        if (read > 0) scan.Received(buffer.Span[..read]);
        else if (buffer.Length > 0) PeerClosed = true;
        return read;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        scan.BytesOut += buffer.Length;
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;
}
