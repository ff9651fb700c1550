using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Gateway.Forwarding.Http1;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>
/// The way of a body's bytes from the upstream's socket to the client's that leads through the kernel alone, for long ones of known length, where nobody
/// frames, encrypts or changes them. The server counts them as if they had been written to it.
/// </summary>
internal sealed class BodyPipe : IDisposable
{
    private readonly KernelPipe _pipe;
    private readonly LoopOutput _output;
    private readonly HttpContext _context;

    private BodyPipe(KernelPipe pipe, LoopOutput output, HttpContext context) => (_pipe, _output, _context) = (pipe, output, context);

    /// <summary>Absent where the bytes must be looked at on their way, or there is no pipe to be had: then they are copied.</summary>
    public static BodyPipe? TryOpen(HttpContext context, ResponseBodyStream body) =>
        body.CanFill && OutputOf(context) is { } output && KernelPipe.TryRent() is { } pipe ? new BodyPipe(pipe, output, context) : null;

    /// <summary>The client's connection, where what is written of a body is what is sent.</summary>
    internal static LoopOutput? OutputOf(HttpContext context)
    {
        var protocol = context.Request.Protocol;
        if (!HttpProtocol.IsHttp11(protocol) && !HttpProtocol.IsHttp10(protocol)) return null;
        // The server's own body, and nobody's around it; and no encryption between it and the socket.
        return ReferenceEquals(context.Features.Get<IHttpResponseBodyFeature>(), context.Features)
            ? context.Features.Get<IConnectionTransportFeature>()?.Transport.Output as LoopOutput
            : null;
    }

    /// <summary>Waits for the next bytes from the upstream.</summary>
    public Task<int> FillAsync(ResponseBodyStream body) => body.FillAsync(_pipe).AsTask();

    /// <summary>Has what came written with the next flush, behind the head and what else was written before.</summary>
    public async ValueTask WriteAsync()
    {
        var response = _context.Response;
        if (!response.HasStarted) await response.StartAsync();
        _output.Append(_pipe);
        // The server counts nothing that it was not asked for room for.
        _ = response.BodyWriter.GetMemory();
        response.BodyWriter.Advance(_pipe.Held);
    }

    public void Dispose() => _pipe.Return();
}
