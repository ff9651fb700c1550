using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>
/// Asks "do you speak HTTP/1?" with a request that is nobody's business but the server's: <c>OPTIONS *</c> is the standard's own no-op
/// (RFC 9110 section 9.3.7: it names no resource and is safe), and without a Host field a server has to refuse it with a 400 by itself
/// (RFC 9112 section 3.2), before any app sees it. A server that lets it through calls the app with a request that means nothing.
/// The missing Host also spares Redis, which takes one for an attack and says so in its log.
/// </summary>
internal static class HttpGreeting
{
    public const string Agent = "ProxyGate-Investigation";

    public static ReadOnlyMemory<byte> NoOperation { get; } = Encoding.ASCII.GetBytes($"OPTIONS * HTTP/1.1\r\nUser-Agent: {Agent}\r\nConnection: close\r\n\r\n");

    public static ReadOnlyMemory<byte> Get(string path, string authority) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: {Agent}\r\nAccept: */*\r\nConnection: close\r\n\r\n");

    /// <summary>Whether a path can be written into a request line as it is.</summary>
    public static bool IsPlainPath(string path) => path.StartsWith('/') && path.All(c => c is > ' ' and < (char)0x7F);

    /// <summary>Whether enough has come: the head, or bytes that will never be one.</summary>
    public static bool Complete(byte[] heard) =>
        heard.AsSpan().IndexOf("\r\n\r\n"u8) >= 0 || (heard.Length >= 16 && !heard.AsSpan().StartsWith("HTTP/"u8)) || Name(heard) is not ("text" or "binary" or "none" or "http1_response");

    /// <summary>As <see cref="Complete"/>, and some of a 400's body: it may say that TLS is wanted.</summary>
    public static bool CompleteWithReason(byte[] heard)
    {
        var end = heard.AsSpan().IndexOf("\r\n\r\n"u8);
        return end < 0 ? Complete(heard) : Read(heard) is not { Status: 400 } || WantsTls(heard) || heard.Length - end > 1024;
    }

    /// <summary>Absent when the bytes do not begin with a status line.</summary>
    public static HttpHead? Read(ReadOnlySpan<byte> heard)
    {
        var text = Encoding.Latin1.GetString(heard[..Math.Min(heard.Length, 4096)]);
        var lines = text.Split('\n');
        var words = lines[0].TrimEnd('\r').Split(' ', 3);
        if (words is not [var version, var code, ..] || !version.StartsWith("HTTP/1.", StringComparison.Ordinal)) return null;
        if (code.Length != 3 || !int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var status)) return null;
        var server = lines.Skip(1).TakeWhile(l => l.Trim().Length > 0).FirstOrDefault(l => l.StartsWith("Server:", StringComparison.OrdinalIgnoreCase));
        return new HttpHead(status, server?[7..].Trim() is { Length: > 0 } name ? name[..Math.Min(name.Length, 100)] : null);
    }

    /// <summary>How servers say so: nginx; Go; Apache; Tomcat.</summary>
    public static bool WantsTls(ReadOnlySpan<byte> heard)
    {
        var text = Encoding.Latin1.GetString(heard);
        return text.Contains("plain HTTP request was sent to HTTPS port", StringComparison.Ordinal)
            || text.Contains("sent an HTTP request to an HTTPS server", StringComparison.Ordinal)
            || text.Contains("speaking plain HTTP to an SSL-enabled server port", StringComparison.Ordinal)
            || text.Contains("combination of host and port requires TLS", StringComparison.Ordinal);
    }

    private static string Name(byte[] heard) => FirstBytes.Name(heard);
}

/// <summary>The part of an answer's head that matters here.</summary>
internal sealed record HttpHead(int Status, string? Server);
