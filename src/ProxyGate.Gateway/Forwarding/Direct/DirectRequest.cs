using System.Buffers;
using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Forwarding.Http1;
using ProxyGate.Gateway.Listeners;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>The client's request as it goes to an HTTP/1.1 upstream, written from the server's own header fields without a message in between.</summary>
internal sealed class DirectRequest : OutgoingRequest
{
    private readonly RequestRecord _record;
    private readonly HttpContext _context;
    private readonly RoutePlan _plan;
    private readonly DestinationState? _destination;
    private readonly ClientBody? _body;
    private readonly string _target;
    private CancellationTokenSource? _stop;

    public DirectRequest(RequestRecord record, RoutePlan plan, DestinationState? destination, string target)
    {
        (_record, _context, _plan, _destination, _body, _target) = (record, record.Context, plan, destination, record.ClientBody, target);
        if (_body is null) return;
        var context = _context;
        // RFC 9112 section 6.3: Transfer-Encoding overrides Content-Length.
        Length = StringValues.IsNullOrEmpty(context.Request.Headers.TransferEncoding) ? context.Request.ContentLength : null;
        ExpectsContinue = context.Request.Headers.Expect.ToString().Contains("100-continue", StringComparison.OrdinalIgnoreCase);
    }

    public override bool IsHead => HttpMethods.IsHead(_context.Request.Method);

    public override bool HasBody => _body is not null && Length != 0;

    public override long? Length { get; }

    public override bool ExpectsContinue { get; }

    public override string? Upgrade => null;

    public override string? WebSocketKey => null;

    /// <summary>What is sent of the body, once its sending has begun.</summary>
    public RequestBodyStream? Body { get; private set; }

    public override void WriteHead(ArrayBufferWriter<byte> output, UpstreamTarget target)
    {
        var request = _context.Request;
        RequestHead.WriteStart(output, request.Method, _target, HostFor(target));
        var peer = _plan.Forwarded is null ? null : RealPeer.Of(_context);
        WriteFields(output, request.Headers, _plan.Forwarded?.LeftOut(peer));
        if (_plan.Forwarded is { } forwarded) output.Write(forwarded.Lines(_context, peer).Span);
        _record.Trace.Write(output);
        HopMark.Write(_record, output);
        WriteFraming(output, request);
        output.Write("\r\n"u8);
    }

    private string HostFor(UpstreamTarget target)
    {
        // As the client wrote it: the server's own property tells an IDNA name in Unicode.
        if (_plan.OriginalHost && _context.Request.Headers.Host is [{ Length: > 0 } original]) return original;
        return _destination?.Model.Config.Host is { Length: > 0 } host ? host : target.HostField;
    }

    private void WriteFields(ArrayBufferWriter<byte> output, IHeaderDictionary headers, FrozenSet<string>? leftOut)
    {
        var named = ConnectionField.NamesIn(headers.Connection);
        foreach (var (name, values) in headers)
        {
            if (IsWrittenHere(name) || HopByHop.Contains(name) || leftOut?.Contains(name) == true || (named?.Contains(name) == true && !HopByHop.Frames(name))) continue;
            if (values.Count == 1)
            {
                RequestHead.WriteField(output, name, values[0] ?? "");
                continue;
            }

            // HTTP/2 lets a client split its cookies into several fields; HTTP/1.1 wants one (RFC 9113 section 8.2.3).
            if (name.Equals(HeaderNames.Cookie, StringComparison.OrdinalIgnoreCase)) RequestHead.WriteField(output, name, string.Join("; ", values.ToArray()));
            else foreach (var value in values) RequestHead.WriteField(output, name, value ?? "");
        }

        // RFC 9113 section 8.2.2: the only thing that TE may say there, and an app may need to hear it.
        if (HttpProtocol.IsHttp2(_context.Request.Protocol) && headers.TE.ToString().Contains("trailers", StringComparison.OrdinalIgnoreCase)) output.Write("TE: trailers\r\n"u8);
    }

    private static bool IsWrittenHere(string name) => name.Length switch
    {
        4 => name.Equals(HeaderNames.Host, StringComparison.OrdinalIgnoreCase),
        8 => name.Equals(HopMark.Field, StringComparison.OrdinalIgnoreCase),
        11 => name.Equals(HeaderNames.TraceParent, StringComparison.OrdinalIgnoreCase),
        14 => name.Equals(HeaderNames.ContentLength, StringComparison.OrdinalIgnoreCase),
        _ => name[0] == ':',
    };

    private void WriteFraming(ArrayBufferWriter<byte> output, HttpRequest request)
    {
        if (HasBody)
        {
            if (Length is not { } length)
            {
                output.Write(RequestHead.ChunkedLine);
                return;
            }

            output.Write("Content-Length: "u8);
            System.Buffers.Text.Utf8Formatter.TryFormat(length, output.GetSpan(20), out var digits);
            output.Advance(digits);
            output.Write("\r\n"u8);
        }
        else if (request.ContentLength == 0 || HttpMethods.IsPost(request.Method) || HttpMethods.IsPut(request.Method) || HttpMethods.IsPatch(request.Method))
        {
            // RFC 9110 section 8.6: say that there is no body where one is expected.
            output.Write("Content-Length: 0\r\n"u8);
        }
    }

    public override async Task SendBodyAsync(RequestBodyStream body, RequestEnds ends)
    {
        Body = body;
        _stop = CancellationTokenSource.CreateLinkedTokenSource(ends.First, ends.Second);
        try
        {
            await body.CopyFromAsync(_body!, _stop.Token);
        }
        catch (IOException) when (body.Failed)
        {
            // The upstream takes no more; what it has to say about that is read by now.
        }
    }

    /// <summary>Nobody wants the rest of the body: ends its sending, and waits for that. How it ended is the sender's and the recorder's to know.</summary>
    public async Task StopAsync()
    {
        if (Sending is not { } sending) return;
        if (!sending.IsCompleted && _stop is { } stop) await stop.CancelAsync();
        await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Sent();
    }

    /// <summary>Nothing is sent any more: the gateway's stop, which outlives every request, need not know of this one.</summary>
    public void Sent()
    {
        _stop?.Dispose();
        _stop = null;
    }
}
