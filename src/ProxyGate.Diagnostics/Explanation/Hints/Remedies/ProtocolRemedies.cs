using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>What is said over the connection.</summary>
internal static class ProtocolRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["keepalive_race"] = new(
            s => [Step("After how long does the app close an unused connection? (the second request comes after 6 s)"), Twice(s), Step("How often has it happened?"), "proxygate events --since 1h --cause stale_connection"],
            s =>
            [
                Step("Let the app keep unused connections longer, for instance 75 s (Node: server.keepAliveTimeout = 75000, uvicorn: --timeout-keep-alive 75, gunicorn: --keep-alive 75, Apache: KeepAliveTimeout 75)."),
                Step("Or let it say in its answers how long it keeps them (Keep-Alive: timeout=5): ProxyGate then stops using them in time."),
            ]),
        ["app_protocol_mismatch"] = new(
            s => [Step("What does it answer to plain HTTP?"), Checks.Curl(s, "http", "-sv --http0.9 -o - --max-time 10") + " | head -c 200 | cat -v", .. Checks.Listener(s)],
            s =>
            [
                Step("Give the app an HTTP port (uwsgi: http-socket instead of socket, Tomcat: its HTTP port instead of AJP), or put a web server that speaks its protocol between (for php-fpm: Caddy, Apache or nginx)."),
                .. ChangeAddress(s, "to that HTTP port"),
            ]),
        ["h2c_or_grpc"] = new(
            s =>
            [
                Step("Which version of HTTP does it answer? Once HTTP/2, once HTTP/1.1:"),
                s.Attempt?.UsesTls == true ? Checks.Curl(s, options: "-skv --http2 -o /dev/null --max-time 10") : Checks.Curl(s, options: "-sv --http2-prior-knowledge -o /dev/null --max-time 10"),
                Checks.Curl(s, options: "-skv --http1.1 -o /dev/null --max-time 10"),
            ],
            s =>
            [
                s.Attempt?.Protocol is "h2" or "h2c"
                    ? Step($"Remove Version and VersionPolicy from {Clusters(s)}, or set \"Version\": \"1.1\". For gRPC, let the app speak HTTP/2 instead.")
                    : Step($"Set {Clusters(s)} to {{ \"Version\": \"2\", \"VersionPolicy\": \"RequestVersionExact\" }}."),
                CheckConfig(s),
            ]),
        ["upgrade_not_supported"] = new(
            s => [Step("Does the app itself open it? It should answer \"101 Switching Protocols\":"), Upgrade(s)],
            s => [Step("Switch WebSocket on in the app for this path, or correct the path the page asks for.")]),
        ["no_heartbeat"] = new(
            s => [.. Checks.AppLog(s, "Does the app send anything while nothing happens?")],
            s => [Step($"Let the app or the page send a ping (WebSocket) or a comment line (event stream) more often than {s.Limit}, or raise {Setting(s, "Timeouts:Idle")}."), CheckConfig(s)]),
        ["http2_server_limits"] = new(
            s => [.. Checks.AppLog(s, "Does the app's server say that it closes connections, and why?"), "proxygate events --since 1h --cause http2_goaway_or_refused"],
            s => [Step("Raise the server's limits: age and idle time of a connection, streams at once, and how often pings may come (gRPC: MaxConnectionAge, MinTime of the keepalive policy).")]),
        ["app_refuses_gateway"] = new(
            s => [Step("Here, and then on the app's own machine: is the answer another?"), Checks.Curl(s), .. Checks.AppLog(s, "Does its log name ProxyGate's address?")],
            s => [Step("Put the address of ProxyGate's machine on the app's list of allowed ones:"), "ip -br addr"]),
        ["next_gateway_failed"] = new(
            s => [Step($"Who answers at {s.Where}, and what does it say?"), Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10"), .. Checks.AppLog(s, "The log of that gateway has the reason:")],
            s => [Step("Mend what that gateway's log names. Or let ProxyGate contact the app itself:"), .. ChangeAddress(s, "to the app's own")]),
        ["wrong_host_header"] = new(
            s => [Step($"The Host that arrived is \"{Seen.Short(s.Request.Host)}\". Does the app answer to it?"), .. s.Attempt is null ? [] : new[] { Checks.Curl(s, options: $"-sv -o /dev/null --max-time 10 -H {Shell.Word("Host: " + s.Request.Host)}") }],
            s =>
            [
                Step("What stands in front of ProxyGate must pass the Host on unchanged (nginx: proxy_set_header Host $host)."),
                Step($"If the app needs the visitor's host, add the transform {{ \"RequestHeaderOriginalHost\": \"true\" }} to route \"{Seen.Short(s.Request.Route ?? "<route>")}\"."),
            ]),
        ["middle_proxy"] = new(
            s => [Step("The answer as it comes here; run the same on the app's own machine and compare:"), Checks.Curl(s, options: "-s -D - -o /dev/null --max-time 10")],
            s => [Step("Let ProxyGate contact the app itself, or switch off in between what changes the answer (compression, buffering, header rules)."), .. ChangeAddress(s, "to the app's own")]),
    };

    private static string Clusters(Seen s) => $"ReverseProxy:Clusters:{s.Cluster}:HttpRequest";

    /// <summary>Two requests over one connection with a pause between: whether the second finds it closed.</summary>
    private static string Twice(Seen s) => Checks.Curl(s, options: "-sv -o /dev/null --max-time 20 --rate 10/m")
        + " " + Checks.Curl(s, options: "-o /dev/null")["curl ".Length..] + " 2>&1 | grep -iE 'connection #|re-using|closed|keep-alive'";

    private static string Upgrade(Seen s) => Checks.Curl(
        s,
        options: "-si --http1.1 --max-time 5 -H 'Connection: Upgrade' -H 'Upgrade: websocket' -H 'Sec-WebSocket-Version: 13' -H 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='") + " | head -n 12 | cat -v";
}
