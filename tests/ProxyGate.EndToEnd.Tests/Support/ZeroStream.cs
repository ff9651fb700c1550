namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>A body of so many zero bytes whose length is not told beforehand.</summary>
internal sealed class ZeroStream(long length) : Stream
{
    private long _left = length;

    public override int Read(byte[] buffer, int offset, int count)
    {
        var take = (int)Math.Min(count, _left);
        Array.Clear(buffer, offset, take);
        _left -= take;
        return take;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
