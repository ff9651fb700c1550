using System.Globalization;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>A status alone, such as <c>502</c> or <c>504 Gateway Timeout</c>: it can stand for many causes.</summary>
internal static class StatusSearch
{
    private static readonly HashSet<string> s_wordsAroundAStatus =
    [
        "http", "https", "1", "2", "0", "status", "code", "error", "errors", "response", "bad", "gateway", "service", "temporarily", "unavailable", "timeout", "time", "out",
        "internal", "server", "not", "found", "forbidden", "too", "many", "requests", "request", "client", "closed", "the", "a", "i", "get", "got",
    ];

    /// <summary>What is behind such a status most often; the others follow in the order of a request's life.</summary>
    private static readonly string[] s_usualFirst =
    [
        CauseId.ConnectRefused, CauseId.UpstreamClosedWithoutResponse, CauseId.StaleConnection, CauseId.DnsNotFound, CauseId.UpstreamResetWithoutResponse,
        CauseId.HostUnreachable, CauseId.ResponseTimeout, CauseId.ConnectTimeout, CauseId.NoHealthyDestination, CauseId.UpstreamRestarting,
    ];

    /// <summary>The words a browser shows of a status when its number is left out.</summary>
    private static readonly Dictionary<string, int> s_byName = new()
    {
        ["bad gateway"] = 502,
        ["gateway timeout"] = 504,
        ["gateway time out"] = 504,
        ["service unavailable"] = 503,
        ["service temporarily unavailable"] = 503,
        ["content too large"] = 413,
        ["payload too large"] = 413,
        ["request entity too large"] = 413,
        ["too many requests"] = 429,
    };

    /// <summary>The status that the text names and nothing else; null for other texts.</summary>
    public static int? Of(string[] words)
    {
        var bare = words is ["http", .. var rest] ? rest : words;
        if (s_byName.TryGetValue(string.Join(' ', bare is [.. var most, "error"] ? most : bare), out var named)) return named;
        int? status = null;
        foreach (var word in words)
        {
            if (word.Length == 3 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                if (status is not null || number is < 400 or > 599) return null;
                status = number;
            }
            else if (!s_wordsAroundAStatus.Contains(word))
            {
                return null;
            }
        }

        return status;
    }

    /// <summary>None for a status that ProxyGate never gives by itself.</summary>
    public static IEnumerable<Cause> Causes(int status) => status is not (414 or 431) && CauseCatalogue.All.All(c => c.Status != status) ? [] : CauseCatalogue.All
        .Where(c => c.Status == status || (status == 431 && c.Id == CauseId.ClientRequestTooLarge) || (status == 414 && c.Id == CauseId.ClientRequestTooLarge)
            // The app's own status is passed on, whichever it is; another gateway's mostly is one of these.
            || (status >= 500 && c.Id == CauseId.UpstreamErrorPassedThrough)
            || (status is 502 or 503 or 504 && c.Id == CauseId.UpstreamIsAGateway))
        .OrderBy(c => c.Status == status ? 0 : 1)
        .ThenBy(c => Rank(c.Id));

    /// <summary>Smaller for what is met more often.</summary>
    public static int Rank(string cause) => Array.IndexOf(s_usualFirst, cause) is var i && i < 0 ? int.MaxValue : i;
}
