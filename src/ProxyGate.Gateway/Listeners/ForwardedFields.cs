using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Listeners;

/// <summary>The fields that tell an upstream who the client is, as one route sends them.</summary>
internal sealed class ForwardedFields
{
    private readonly string[] _fields;
    private readonly string[] _ofProxies;
    private readonly FrozenSet<string> _leftOut;
    private readonly FrozenSet<string> _leftOutOfTrusted;

    /// <param name="fields">Those that are set.</param>
    /// <param name="ofProxies">Those that are taken out unless a trusted proxy wrote them.</param>
    public ForwardedFields(IEnumerable<string> fields, string[] ofProxies)
    {
        _fields = [.. fields];
        _ofProxies = ofProxies;
        _leftOutOfTrusted = _fields.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _leftOut = _fields.Concat(ofProxies).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    private static bool IsBelieved(HttpContext context) => RealPeer.Of(context) is { IsBelieved: true };

    /// <summary>Fields of the client's that nobody may believe.</summary>
    public IReadOnlyList<string> TakenOut(HttpContext context) => IsBelieved(context) ? [] : _ofProxies;

    /// <summary>Whose fields of the client's are not passed on as they are.</summary>
    public FrozenSet<string> LeftOut(RealPeer? peer) => peer is { IsBelieved: true } ? _leftOutOfTrusted : _leftOut;

    /// <summary>Each field that is set, in order; without a value it is only taken out.</summary>
    public IEnumerable<(string Name, string? Value)> Of(HttpContext context)
    {
        var request = context.Request;
        var peer = RealPeer.Of(context);
        var trusted = peer is { IsBelieved: true };
        var address = trusted ? RealPeer.Plain(context.Connection.RemoteIpAddress) : peer?.Address;
        var client = trusted ? address?.ToString() : peer?.Text;
        var host = HostOf(request);
        foreach (var field in _fields)
        {
            yield return (field, field switch
            {
                "X-Forwarded-For" => trusted ? Continue(request, field, peer?.Text) : client,
                "X-Forwarded-Proto" => request.Scheme,
                "X-Forwarded-Host" => string.IsNullOrEmpty(host) ? null : host,
                "X-Real-IP" => client,
                _ => trusted && request.Headers.ContainsKey(field)
                    ? Continue(request, field, "for=" + Node(peer?.Address, peer?.Text))
                    : Element(Node(address, client), host, request.Scheme),
            });
        }
    }

    /// <summary>
    /// The same as lines of a request head. For a client that is no trusted proxy they are the same from one request to the next, so its connection
    /// keeps them.
    /// </summary>
    public ReadOnlyMemory<byte> Lines(HttpContext context, RealPeer? peer)
    {
        if (peer is not { IsBelieved: false }) return MakeLines(context);
        var host = HostOf(context.Request);
        var scheme = context.Request.Scheme;
        if (peer.Lines is { } kept && ReferenceEquals(kept.Fields, this) && kept.Host == host && kept.Scheme == scheme) return kept.Bytes;
        var made = MakeLines(context);
        peer.Lines = new ForwardedLines(this, host, scheme, made);
        return made;
    }

    /// <summary>As the client wrote it: the server's own property tells an IDNA name in Unicode, which is nothing for a header field.</summary>
    private static string? HostOf(HttpRequest request) => request.Headers.Host;

    private byte[] MakeLines(HttpContext context)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in Of(context))
        {
            if (value is not null) text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private static string? Continue(HttpRequest request, string field, string? next)
    {
        var before = request.Headers[field];
        if (before.Count == 0) return next;
        var joined = string.Join(", ", before.ToArray());
        return next is null ? joined : $"{joined}, {next}";
    }

    private static string Element(string node, string? host, string scheme) =>
        string.IsNullOrEmpty(host) ? $"for={node};proto={scheme}" : $"for={node};host={Quoted(host)};proto={scheme}";

    /// <summary>RFC 7239, section 6: an IPv6 address in brackets and quotes; "unknown" where there is no address.</summary>
    private static string Node(IPAddress? address, string? text) => address is null || text is null ? "unknown"
        : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"\"[{text}]\"" : text;

    /// <summary>A host without a colon is a token; anything else is quoted.</summary>
    private static string Quoted(string host) => host.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_')
        ? host
        : "\"" + host.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}

/// <summary>The lines of one connection's last request, and what they were made of.</summary>
internal sealed record ForwardedLines(ForwardedFields Fields, string? Host, string Scheme, ReadOnlyMemory<byte> Bytes);
