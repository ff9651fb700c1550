using System.Buffers;
using ProxyGate.Gateway.Forwarding.Dialing;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>A request as one HTTP/1.1 connection sends it: YARP's message, or the client's own request where YARP's forwarder is not needed.</summary>
internal abstract class OutgoingRequest
{
    public abstract bool IsHead { get; }

    public abstract bool HasBody { get; }

    /// <summary>How long the body is; absent: it goes in chunks.</summary>
    public abstract long? Length { get; }

    public abstract bool ExpectsContinue { get; }

    /// <summary>The Upgrade field, where a change of protocol is asked for.</summary>
    public abstract string? Upgrade { get; }

    public abstract string? WebSocketKey { get; }

    /// <summary>The sending of the body, from when it began.</summary>
    public Task? Sending { get; set; }

    public abstract void WriteHead(ArrayBufferWriter<byte> output, UpstreamTarget target);

    public abstract Task SendBodyAsync(RequestBodyStream body, RequestEnds ends);
}

/// <summary>A request as YARP made it.</summary>
internal sealed class MessageRequest : OutgoingRequest
{
    private readonly HttpRequestMessage _message;

    public MessageRequest(HttpRequestMessage message)
    {
        _message = message;
        if (message.Content is null && (message.Method == HttpMethod.Post || message.Method == HttpMethod.Put || message.Method == HttpMethod.Patch))
        {
            // RFC 9110 section 8.6: say that there is no body where one is expected.
            message.Content = new ByteArrayContent([]);
            message.Content.Headers.ContentLength = 0;
        }

        Length = message.Content?.Headers.ContentLength;
        HasBody = message.Content is not null && Length != 0;
    }

    public override bool IsHead => _message.Method == HttpMethod.Head;

    public override bool HasBody { get; }

    public override long? Length { get; }

    public override bool ExpectsContinue => _message.Headers.ExpectContinue == true;

    public override string? Upgrade => Value("Upgrade");

    public override string? WebSocketKey => Value("Sec-WebSocket-Key");

    private string? Value(string name) => _message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    public override void WriteHead(ArrayBufferWriter<byte> output, UpstreamTarget target) => RequestHead.Write(_message, target, HasBody && Length is null, output);

    public override Task SendBodyAsync(RequestBodyStream body, RequestEnds ends) => _message.Content!.CopyToAsync(body, ends.First);
}
