using System.Net;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>Answers in the form that YARP's forwarder wants.</summary>
internal static class ResponseMessages
{
    /// <summary>As the message that YARP copies from; it leaves the hop-by-hop fields out itself, but those that Connection names.</summary>
    public static HttpResponseMessage ToMessage(this ResponseHead head, HttpRequestMessage request, Stream body)
    {
        var content = new StreamedContent { Body = body };
        var message = new HttpResponseMessage((HttpStatusCode)head.Status)
        {
            Version = head.IsHttp10 ? HttpVersion.Version10 : HttpVersion.Version11,
            RequestMessage = request,
            Content = content,
        };
        if (head.Reason is not null) message.ReasonPhrase = head.Reason;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.Kind == ResponseFieldKind.NamedByConnection || (field.Kind == ResponseFieldKind.ContentLength && !head.MayTellLength)) continue;
            if (field.Kind == ResponseFieldKind.ContentLength || !message.Headers.TryAddWithoutValidation(field.Name, field.Value)) content.Headers.TryAddWithoutValidation(field.Name, field.Value);
        }

        return message;
    }
}
