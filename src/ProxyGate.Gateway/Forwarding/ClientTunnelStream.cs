using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>The client's side of a tunnel: its end is told to the upstream, its break is noted as the client's.</summary>
internal sealed class ClientTunnelStream(Stream inner, RequestRecord record, bool webSocket) : AsyncOnlyStream
{
    private readonly WebSocketGoodbye? _goodbye = webSocket && record.Drain is { } drain ? new WebSocketGoodbye(inner, drain.Finishing) : null;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            if (read == 0 && buffer.Length > 0 && record.Tunnel is { } tunnel)
            {
                if (record.TunnelEnd == TunnelEnd.None) record.TunnelEnd = TunnelEnd.Normal;
                await tunnel.ClientClosedAsync();
            }

            return read;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Broke();
            throw;
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            if (_goodbye is not null) await _goodbye.WriteAsync(buffer, cancellationToken);
            else await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Broke();
            throw;
        }
    }

    private void Broke()
    {
        if (record.TunnelEnd == TunnelEnd.None) record.TunnelEnd = TunnelEnd.ClientBroke;
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _goodbye?.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    public override bool CanRead => true;

    public override bool CanWrite => true;
}
