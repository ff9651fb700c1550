namespace ProxyGate.Gateway.EventLog;

/// <summary>Takes the values out of a request target's query: <c>/a?token=x&amp;b</c> becomes <c>/a?token=…&amp;b</c>.</summary>
internal static class QueryValues
{
    private const char Mark = '…';

    public static string Redact(string target)
    {
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 || query == target.Length - 1 ? target : RedactFrom(target, query + 1);
    }

    /// <summary>The same for a URL of the client's, e.g. the Referer, whose fragment and user information go too.</summary>
    public static string RedactUrl(string url)
    {
        var fragment = url.IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0) url = url[..fragment];
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        if (scheme >= 0)
        {
            var end = url.IndexOfAny(['/', '?'], scheme + 3);
            var at = url.AsSpan(0, end < 0 ? url.Length : end).LastIndexOf('@');
            if (at > scheme) url = string.Concat(url.AsSpan(0, scheme + 3), url.AsSpan(at + 1));
        }

        return Redact(url);
    }

    private static string RedactFrom(string target, int start)
    {
        var redacted = new System.Text.StringBuilder(target.Length).Append(target, 0, start);
        for (var at = start; at <= target.Length;)
        {
            var end = target.IndexOfAny(['&', ';'], at);
            if (end < 0) end = target.Length;
            var equals = target.AsSpan(at, end - at).IndexOf('=');
            // What has no "=" may be a value as a whole (a search, a token), but then nobody could tell requests apart; short flags stay.
            if (equals >= 0) redacted.Append(target, at, equals + 1).Append(Mark);
            else if (end - at <= 16) redacted.Append(target, at, end - at);
            else redacted.Append(Mark);
            if (end < target.Length) redacted.Append(target[end]);
            at = end + 1;
        }

        return redacted.ToString();
    }
}
