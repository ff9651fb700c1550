using static ProxyGate.Diagnostics.Causes.CauseId;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>
/// What people say who have no message in hand: where it happens, when, and to whom. Each leads to what is usual there; a message that is known
/// word for word always comes before these.
/// </summary>
internal static class EverydayWords
{
    /// <summary>Longer texts are pasted lines, in which such a word says little.</summary>
    private const int MostWords = 12;

    private static readonly Entry[] s_entries =
    [
        new("between containers, these are the usual ones", ["docker", "container", "containers", "compose", "podman"],
            "localhost_in_container", "not_same_network", "app_bound_to_loopback", "wrong_port", "stale_dns"),
        new("in Kubernetes, these are the usual ones", ["kubernetes", "k8s", "pod", "pods"],
            "deploy_without_drain", DnsNotFound, "wrong_port", "app_starting", "oom_killed", "stale_dns"),
        new("when most requests work and some fail, these are the usual ones",
            ["sometimes", "intermittent", "intermittently", "sporadic", "sporadically", "random", "randomly", "occasional", "occasionally", "flaky", "now and then", "from time to time", "every few"],
            "keepalive_race", StaleConnection, "deploy_without_drain", "worker_pool_full", "app_crashed_on_request", "packets_lost", "conntrack_full"),
        new("when it works elsewhere and not through ProxyGate, these are the usual ones",
            ["works locally", "works on", "works in", "works without", "works with", "works directly", "works from", "curl works", "localhost works", "directly works", "but it works", "works fine"],
            "localhost_in_container", "app_bound_to_loopback", "localhost_ipv6", "firewall_drop", "wrong_host_header", "private_ca"),
        new("around a deploy or a restart, these are the usual ones",
            ["deploy", "deploys", "deployment", "deploying", "redeploy", "release", "rollout", "update", "updated", "upgraded", "restart", "restarting", "reboot", "rebooted"],
            UpstreamRestarting, "deploy_without_drain", UpstreamStarting, "stale_dns", StaleConnection, "app_down"),
        new("with uploads, these are the usual ones", ["upload", "uploads", "uploading", "large file", "large files", "big file", "big files"],
            ClientRequestTooLarge, UploadRejectedEarly, "upload_limit", RequestSendTimeout, ClientBodyTimeout),
        new("with downloads and cut answers, these are the usual ones",
            ["download", "downloads", "cut off", "truncated", "half loaded", "incomplete", "page stops"],
            ResponseBodyTruncated, ResponseBodyReset, ResponseBodyStalled, ResponseChunkInvalid, ClientDisconnected),
        new("when it fails for some visitors, or only when signed in, these are the usual ones",
            ["login", "log in", "logged in", "logging in", "signed in", "sign in", "sso", "cookie", "cookies", "some users", "one user", "some browsers", "incognito"],
            ResponseHeadTooLarge, ClientRequestTooLarge, "headers_too_big", "request_headers_too_big"),
        new("under load, these are the usual ones", ["load", "busy", "traffic", "many users", "many visitors", "peak", "overloaded"],
            ListenBacklogFull, "worker_pool_full", ResponseTimeout, GatewayOverloaded, "too_much_traffic", GatewayFdsExhausted, GatewayPortsExhausted),
        new("with certificates and encryption, these are the usual ones", ["certificate", "certificates", "cert", "certs", "ssl", "tls", "https", "encryption"],
            TlsCertExpired, TlsCertUntrusted, TlsCertNameMismatch, TlsToPlainHttpPort, PlainHttpToTlsPort, TlsVersionOrCipherMismatch, TlsClientCertRequired),
        new("with gRPC and HTTP/2, these are the usual ones", ["grpc", "h2c", "http2", "http 2", "h2"],
            HttpVersionMismatch, HttpVersionNotNegotiated, "h2c_or_grpc", Http2GoawayOrRefused, Http2ProtocolError, Http2StreamReset),
        new("with live connections, these are the usual ones", ["websocket", "websockets", "socket io", "signalr", "live connection"],
            UpgradeFailed, UpgradeIdleTimeout, UpgradeBroken, "upgrade_not_supported", "no_heartbeat"),
        new("when a program ends, these are the usual ones", ["crash", "crashes", "crashed", "crashing", "dies", "died", "killed", "exits"],
            UpstreamProcessExited, UpstreamClosedWithoutResponse, "app_crashed_on_request", UpstreamOomKilled, "worker_timeout_kill"),
        new("when an address leads in a circle, these are the usual ones", ["too many redirects", "redirect loop", "endless loop", "circle"],
            ProxyLoop, "loop"),
    ];

    /// <summary>Words that say nothing of where or when.</summary>
    private static readonly HashSet<string> s_neutral =
    [
        "after", "app", "application", "apps", "backend", "bad", "behind", "broken", "comes", "during", "fail", "failing", "fails", "gateway", "get", "gets", "getting", "go", "got", "hangs", "happens", "help", "http",
        "just", "me", "new", "nginx", "only", "page", "problem", "proxy", "proxygate", "request", "requests", "see", "server", "service", "since", "site", "still", "through", "under", "upstream", "we", "website",
    ];

    /// <summary>Everything the text says is of this kind.</summary>
    public static IEnumerable<(string Id, string Why)> All(string[] words) => Rest(words).All(w => s_neutral.Contains(w) || WordSearch.IsFiller(w) || w.All(char.IsAsciiDigit)) ? Any(words) : [];

    /// <summary>Something in the text is, in the table's order; nothing for a text that is long or has none of these words.</summary>
    public static IEnumerable<(string Id, string Why)> Any(string[] words) => words.Length > MostWords ? [] :
        from entry in s_entries
        let said = entry.Phrases.FirstOrDefault(p => words.AsSpan().IndexOf(p) >= 0)
        where said is not null
        from id in entry.Ids
        select (id, $"\"{string.Join(' ', said)}\": {entry.Where}");

    /// <summary>The words that belong to no phrase.</summary>
    private static HashSet<string> Rest(string[] words)
    {
        var rest = words.ToHashSet();
        foreach (var phrase in s_entries.SelectMany(e => e.Phrases).Where(p => words.AsSpan().IndexOf(p) >= 0)) rest.ExceptWith(phrase);
        return rest;
    }

    /// <summary>For the tests: every id that a word leads to.</summary>
    internal static IEnumerable<string> Ids => s_entries.SelectMany(e => e.Ids);

    private sealed class Entry(string where, string[] phrases, params string[] ids)
    {
        public string Where => where;

        public string[][] Phrases { get; } = [.. phrases.Select(SearchWords.Of)];

        public string[] Ids => ids;
    }
}
