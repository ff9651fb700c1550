using System.Net;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Reads who the proxies in front say the client is.</summary>
internal static class ForwardedChain
{
    /// <summary>Longer chains than any real one: the rest is not looked at.</summary>
    private const int MaxHops = 64;

    /// <summary>
    /// The client by the addresses given, nearest proxy last: from the right, past every trusted proxy, to the first that is not.
    /// </summary>
    /// <param name="hops">How many entries were looked at; at least 1 when a client was found.</param>
    public static IPAddress? Client(IReadOnlyList<string> chain, TrustedProxies trusted, out int hops)
    {
        IPAddress? client = null;
        hops = 0;
        for (var i = chain.Count - 1; i >= 0 && hops < MaxHops; i--)
        {
            // "unknown" and made-up names: what lies beyond cannot be judged.
            if (Address(chain[i]) is not { } address)
                break;
            client = address;
            hops++;
            if (!trusted.Trusts(address))
                break;
        }

        return client;
    }

    /// <summary>The members of a comma-separated field, over all its lines.</summary>
    public static List<string> List(StringValues values)
    {
        var list = new List<string>();
        foreach (var line in values)
        {
            foreach (var part in (line ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                list.Add(part);
        }

        return list;
    }

    /// <summary>The elements of the Forwarded field (RFC 7239, section 4) as pairs; names in lower case. Empty when the field is malformed.</summary>
    public static List<Dictionary<string, string>> Forwarded(StringValues values)
    {
        var elements = new List<Dictionary<string, string>>();
        foreach (var line in values)
        {
            var text = line ?? "";
            var at = 0;
            var element = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (at < text.Length)
            {
                SkipSpace(text, ref at);
                if (at < text.Length && text[at] is ',' or ';')
                {
                    if (text[at++] == ',' && element.Count > 0)
                    {
                        elements.Add(element);
                        element = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
                    }

                    continue;
                }

                if (at < text.Length && (!TryPair(text, ref at, out var name, out var value) || !element.TryAdd(name, value)))
                    return [];
            }

            if (element.Count > 0)
                elements.Add(element);
        }

        return elements;
    }

    /// <summary>An address with or without port, IPv6 with or without brackets.</summary>
    public static IPAddress? Address(string text)
    {
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            return end > 0 && IPAddress.TryParse(text.AsSpan(1, end - 1), out var v6) ? RealPeer.Plain(v6) : null;
        }

        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // One colon is a port; more are an IPv6 address.
        var host = colon >= 0 && text.IndexOf(':', colon + 1) < 0 ? text.AsSpan(0, colon) : text;
        // IPAddress reads "1" and "1.2" as addresses too; nobody sends those.
        return IPAddress.TryParse(host, out var address) && (host.Contains(':') || host.Count('.') == 3) ? RealPeer.Plain(address) : null;
    }

    private static bool TryPair(string text, ref int at, out string name, out string value)
    {
        value = "";
        var start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '-' or '_'))
            at++;
        name = text[start..at];
        SkipSpace(text, ref at);
        if (name.Length == 0 || at >= text.Length || text[at++] != '=')
            return false;
        SkipSpace(text, ref at);
        if (at < text.Length && text[at] == '"')
        {
            var unquoted = new System.Text.StringBuilder();
            for (at++; at < text.Length && text[at] != '"'; at++)
            {
                if (text[at] == '\\' && at + 1 < text.Length)
                    at++;
                unquoted.Append(text[at]);
            }

            value = unquoted.ToString();
            return at++ < text.Length;
        }

        start = at;
        while (at < text.Length && text[at] is not (',' or ';' or ' ' or '\t'))
            at++;
        value = text[start..at];
        return value.Length > 0;
    }

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
            at++;
    }
}
