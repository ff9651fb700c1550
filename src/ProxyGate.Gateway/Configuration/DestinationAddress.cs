using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The address of a destination: <c>http://host:port/path</c>, <c>https://…</c>, or <c>http://unix:/run/app.sock</c>.</summary>
internal static class DestinationAddress
{
    /// <summary>Reads an address as a person wrote it into one that a <see cref="Uri"/> can hold.</summary>
    public static bool TryParse(
        string text,
        [NotNullWhen(true)] out string? address,
        [NotNullWhen(false)] out string? mistake,
        out string? suggestion)
    {
        address = null;
        suggestion = null;
        if (UnixDestinations.IsUnix(text))
            return UnixDestinations.TryEncode(text, out address, out mistake);

        mistake = null;
        var http = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase);
        if (!http && !text.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            mistake = text.Length == 0 ? "is empty; write http://host:port" : "must begin with http:// or https://";
            suggestion = Suggest(text);
            return false;
        }

        if (text.AsSpan().IndexOfAny(" \t\r\n") >= 0)
        {
            mistake = "contains white space";
        }
        else if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            mistake = PortMistake(text) ?? "is not a valid URL";
        }
        else if (uri.Host.Length == 0)
        {
            mistake = "names no host";
        }
        else if (uri.UserInfo.Length > 0)
        {
            mistake = "carries a user name; send credentials with a RequestHeader transform instead";
        }
        else if (uri.Query.Length > 0 || uri.Fragment.Length > 0)
        {
            mistake = "has a query or fragment; a destination is scheme, host, port and an optional path";
            suggestion = uri.GetLeftPart(UriPartial.Path);
        }
        else if (uri.Port is 0)
        {
            mistake = "has the port 0; a port is a number from 1 to 65535";
        }

        address = mistake is null ? text : null;
        return mistake is null;
    }

    private static string? PortMistake(string text)
    {
        var authority = text[(text.IndexOf("://", StringComparison.Ordinal) + 3)..];
        authority = authority.Split('/', 2)[0];
        var colon = authority.LastIndexOf(':');
        if (colon < 0 || colon < authority.IndexOf(']', StringComparison.Ordinal))
            return null;
        var port = authority[(colon + 1)..];
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? null
            : $"has the port \"{port}\"; a port is a number from 1 to 65535";
    }

    private static string? Suggest(string text)
    {
        var split = text.IndexOf("://", StringComparison.Ordinal);
        if (split > 0)
        {
            var scheme = text[..split].ToUpperInvariant() switch
            {
                "WS" => "http",
                "WSS" => "https",
                "UNIX" => null,
                var other => Spelling.Nearest(other, ["http", "https"]),
            };
            if (text.StartsWith("unix:///", StringComparison.OrdinalIgnoreCase))
                return "http://unix:" + text[7..];
            return scheme is null ? null : scheme + text[split..];
        }

        if (text.StartsWith("unix:", StringComparison.OrdinalIgnoreCase))
            return "http://" + text;
        if (text.StartsWith('/'))
            return "http://unix:" + text;
        if (ushort.TryParse(text.TrimStart(':'), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
            return string.Create(CultureInfo.InvariantCulture, $"http://localhost:{port}");
        foreach (var half in (ReadOnlySpan<string>)["http:/", "https:/", "http:", "https:"])
        {
            if (text.StartsWith(half, StringComparison.OrdinalIgnoreCase))
                return Checked(half.TrimEnd('/') + "//" + text[half.Length..]);
        }

        // Port 443 and its kin speak TLS; everything else an app listens on by itself is plain.
        return Checked((text.EndsWith(":443", StringComparison.Ordinal) ? "https://" : "http://") + text.TrimStart('/'));
    }

    private static string? Checked(string url) =>
        url.Length > 7 && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0 && !url.Contains(' ', StringComparison.Ordinal) ? url : null;
}
