using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>
/// Marks forwarded requests with this gateway's own token, so that one that comes back is known for a loop at its second pass.
/// The field is RFC 8586's CDN-Loop: unlike Via it changes nothing in how apps answer (nginx stops compressing when it sees Via).
/// </summary>
internal static class HopMark
{
    public const string Field = "CDN-Loop";
    private static readonly string Token = "proxygate-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6));
    private static readonly byte[] Line = Encoding.ASCII.GetBytes($"{Field}: {Token}\r\n");

    public static bool IsOurs(RequestRecord record)
    {
        record.HasHops = record.Context.Request.Headers.TryGetValue(Field, out var values);
        return record.HasHops == true && values.ToString().Contains(Token, StringComparison.Ordinal);
    }

    public static void Add(HttpContext context, HttpRequestMessage request)
    {
        request.Headers.Remove(Field);
        var earlier = context.Request.Headers[Field].ToString();
        request.Headers.TryAddWithoutValidation(Field, earlier.Length == 0 ? Token : $"{earlier}, {Token}");
    }

    /// <summary>The same as a line of a request head.</summary>
    public static void Write(RequestRecord record, ArrayBufferWriter<byte> output)
    {
        if (record.HasHops != false && record.Context.Request.Headers.TryGetValue(Field, out var earlier) && earlier.ToString() is { Length: > 0 } before) RequestHead.WriteField(output, Field, $"{before}, {Token}");
        else output.Write(Line);
    }
}
