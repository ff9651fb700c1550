namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>Field names that come in nearly every answer, so that their strings are not made anew each time.</summary>
internal static class FieldNames
{
    private static readonly string[][] ByLength = Index(
    [
        "Date", "Server", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Keep-Alive", "Vary", "ETag", "Last-Modified",
        "Cache-Control", "Set-Cookie", "Location", "Content-Encoding", "Accept-Ranges", "Expires", "Pragma", "Age", "Via", "Content-Language",
        "Content-Disposition", "Content-Range", "X-Powered-By", "X-Request-Id", "X-Frame-Options", "X-Content-Type-Options", "Trailer", "Upgrade",
        "Strict-Transport-Security", "Content-Security-Policy", "Referrer-Policy", "Access-Control-Allow-Origin", "Alt-Svc", "Link",
        "date", "server", "content-type", "content-length", "transfer-encoding", "connection", "keep-alive", "vary", "etag", "last-modified",
        "cache-control", "set-cookie", "location", "content-encoding",
    ]);

    public static string Get(ReadOnlySpan<byte> name)
    {
        if (name.Length < ByLength.Length)
        {
            foreach (var candidate in ByLength[name.Length])
            {
                if (System.Text.Ascii.Equals(name, candidate)) return candidate;
            }
        }

        return System.Text.Encoding.ASCII.GetString(name);
    }

    private static string[][] Index(string[] names)
    {
        var longest = names.Max(n => n.Length);
        return [.. Enumerable.Range(0, longest + 1).Select(length => names.Where(n => n.Length == length).ToArray())];
    }
}
