using System.Net;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>An answer's content: the stream itself, never buffered.</summary>
internal sealed class StreamedContent : HttpContent
{
    public Stream Body { get; set; } = Stream.Null;

    protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult(Body);

    protected override Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) => Task.FromResult(Body);

    protected override Task SerializeToStreamAsync(Stream target, TransportContext? context) => Body.CopyToAsync(target);

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) Body.Dispose();
        base.Dispose(disposing);
    }
}
