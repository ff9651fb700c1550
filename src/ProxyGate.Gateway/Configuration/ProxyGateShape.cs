using ProxyGate.Diagnostics.Explanation.Languages;
using static ProxyGate.Gateway.Configuration.Shapes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Every key of the <c>ProxyGate</c> section.</summary>
internal static class ProxyGateShape
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public static SectionShape Section { get; } = Make();

    private static SectionShape Make()
    {
        var certificate = Certificate();
        var timeouts = Timeouts();
        var upstreamTls = UpstreamTls(certificate);
        var retries = ResilienceShapes.Retries();
        var breaker = ResilienceShapes.CircuitBreaker();
        var concurrency = ResilienceShapes.Concurrency();
        return new SectionShape(
        [
            new("Listen", new ListShape(Listen()),
                "Where clients connect: http:// or https://, then localhost (both loopback families), an IP address or * (all), then :port (default 80 or 443; 0 lets the system choose); or http://unix:/path for a unix socket. A change needs a restart.",
                "[\"http://localhost:8080\"]"),
            new("Certificates", new ListShape(certificate),
                "Certificates of the https addresses, chosen by the server name the client asks for: exact name first, then wildcard, then the first of the list. Read again when the files change.", "[]"),
            new("RedirectToHttps", Flag(), "Answer requests on http addresses with a 308 to the https address.", "false"),
            new("Admin", AdminShape.Section(), "The admin listener: dashboard, API, health and metrics."),
            new("TrustedProxies", new ListShape(Network(orUnix: true)),
                "Addresses or networks (CIDR) of proxies in front of the gateway whose Forwarded and X-Forwarded-* fields are believed; \"unix:\" for everyone on a unix socket. From anyone else these fields are replaced.", "[]"),
            new("OperatorNetworks", new ListShape(Network(orUnix: false)),
                "Addresses or networks (CIDR), judged by the real peer address, that see the full diagnosis instead of the public page. A direct loopback connection always does.", "[]"),
            new("Events", Events(), "The failure event log."),
            new("AccessLog", AccessLog(), "The access log."),
            new("OpenTelemetry", OpenTelemetry(), "Metrics, traces and logs over OTLP."),
            new("Incidents", Incidents(), "Failures of the same kind gathered into incidents."),
            new("Pages", Pages(), "The pages visitors see when a request fails. Operators' pages stay as they are."),
            new("Limits", Limits(), "Limits of requests and responses."),
            new("Timeouts", timeouts, "How long each phase of an attempt may take; each has its own cause when it passes."),
            new("UpstreamTls", upstreamTls, "How https upstreams are spoken to."),
            new("Forwarder", Choice("Direct", "Yarp"),
                "Who carries requests to HTTP/1.1 upstreams: Direct is the gateway's own forwarder, which costs less, and leaves to YARP's what needs it (HTTP/2 upstreams, upgrades, routes with transforms of fields); Yarp is YARP's forwarder for all.", "\"Direct\""),
            new("Transport", Choice("EventLoop", "Sockets"),
                "Who waits for the sockets: EventLoop is the gateway's own loops on Linux, one for each processor, on which a request needs no change of thread; Sockets is .NET's sockets and thread pool. A change needs a restart.", "\"EventLoop\""),
            new("Drain", TrafficShape.Drain(), "How the gateway stops."),
            new("Retries", retries, "When a failed request is tried again: only where the evidence says that it is safe, within these bounds."),
            new("CircuitBreaker", breaker, "When a destination that keeps failing is left alone for a moment, so that requests go elsewhere or fail fast."),
            new("Concurrency", concurrency, "How many requests a destination gets at once."),
            new("Overload", ResilienceShapes.Overload(), "How many requests the gateway takes on at once."),
            new("Routes", new MapShape("route", new SectionShape(
            [
                new("Timeouts", timeouts, "Timeouts of this route; what is left out comes from its cluster."),
            ])), "Settings of single routes, by the route's id in ReverseProxy:Routes."),
            new("Clusters", new MapShape("cluster", new SectionShape(
            [
                new("Timeouts", timeouts, "Timeouts of this cluster; what is left out comes from ProxyGate:Timeouts."),
                new("UpstreamTls", upstreamTls, "TLS towards this cluster; what is left out comes from ProxyGate:UpstreamTls."),
                new("Retries", retries, "Retries of this cluster; what is left out comes from ProxyGate:Retries."),
                new("CircuitBreaker", breaker, "Circuit breaker of this cluster's destinations; what is left out comes from ProxyGate:CircuitBreaker."),
                new("Concurrency", concurrency, "Limits of this cluster's destinations; what is left out comes from ProxyGate:Concurrency."),
                new("Investigate", Flag(), "Whether the gateway may look at the destination after a failure.", "true"),
                .. TrafficShape.OfCluster(),
            ])), "Settings of single clusters, by the cluster's id in ReverseProxy:Clusters."),
        ]);
    }

    private static SectionShape Certificate() => new(
    [
        new("Certificate", Name("the path of a PEM or PFX file"),
            "Path of a PEM file (certificate, then its chain) or a PFX file, relative to this file.") { Required = true },
        new("Key", Name("the path of a PEM key file") with { Nullable = true },
            "Path of the PEM private key. Leave out for PFX, or when the key stands in the certificate's file.", "null"),
        new("Password", Text() with { Nullable = true }, "Password of the PFX file or of the encrypted key.", "null"),
        new("Names", new ListShape(Name("a server name such as example.org or *.example.org")),
            "Server names to answer for, e.g. example.org or *.example.org. Empty: the names in the certificate.", "[]"),
    ]);

    private static SectionShape Events() => new(
    [
        new("File", Name("a path") with { Nullable = true },
            "Path of the event log, one JSON object a line, relative to this file. null: no file.", "\"logs/events.jsonl\""),
        new("MaxFileBytes", Size(64 << 10, 1L << 40), "Size at which the file is rolled: bytes, 64KiB to 1TiB.", "\"64MiB\""),
        new("MaxFiles", Whole(1, 10_000), "How many files are kept, the one being written included: 1 to 10000.", "10"),
        new("Console", Flag() with { Nullable = true },
            "Also write a readable line each to standard output. null: only on a terminal or under systemd.", "null"),
        new("LinesPerSecond", Whole(1, 1_000_000) with { Nullable = true },
            "How many events of one incident are written a second behind its first 20, because a storm would fill the disk with the same line: 1 to 1000000. The others are counted in the next line's occurrences, so counts stay exact. null: every event is written.", "10"),
    ]);

    private static SectionShape AccessLog() => new(
    [
        new("File", Name("a path") with { Nullable = true }, "Path of the access log, relative to this file. null: no access log.", "null"),
        new("Format", Choice("json", "combined"), "json, or combined: nginx's combined format with the cause appended.", "\"json\""),
        new("MaxFileBytes", Size(64 << 10, 1L << 40), "Size at which the file is rolled: bytes, 64KiB to 1TiB.", "\"64MiB\""),
        new("MaxFiles", Whole(1, 10_000), "How many files are kept, the one being written included: 1 to 10000.", "10"),
    ]);

    private static SectionShape OpenTelemetry() => new(
    [
        new("Endpoint", Destination() with { Nullable = true }, "OTLP endpoint, e.g. http://localhost:4317. null: nothing is sent.", "null"),
        new("Protocol", Choice("grpc", "http/protobuf"), "How OTLP is spoken: grpc or http/protobuf.", "\"grpc\""),
    ]);

    private static SectionShape Incidents() => new(
    [
        new("Store", Choice("sqlite", "postgres", "memory"),
            "Where incidents are kept: sqlite, a file of this gateway; postgres, a server that several gateways share so that each shows all; memory, until the gateway stops.", "\"sqlite\""),
        new("File", Name("a path"), "Path of the sqlite database, relative to this file. Where it cannot be written, incidents are kept in memory and the gateway says so.", "\"data/incidents.db\""),
        new("ConnectionString", ConnectionString() with { Nullable = true },
            "The postgres server, e.g. \"Host=db;Database=proxygate;Username=proxygate\"; give the password by ProxyGate__Incidents__ConnectionString or a passfile rather than in this file. null: none.", "null"),
        new("Gateway", Name("a name") with { Nullable = true },
            "The name this gateway's incidents carry in the store, to tell several apart. null: the machine's name.", "null"),
        new("MaxAge", Duration(TimeSpan.FromHours(1), TimeSpan.FromDays(3650)), "Incidents and failures older than this are deleted: 1h to 3650d.", "\"30d\""),
        new("MaxSize", Size(16 << 20, 1L << 42),
            "Above this size the oldest failures are deleted, then the oldest closed incidents, because a full disk would stop more than the incidents: 16MiB to 4TiB.", "\"256MiB\""),
        new("Webhooks", new ListShape(new SectionShape(
        [
            new("Url", Destination(), "Where the message is posted (schema proxygate.incident.1.schema.json): http:// or https://.") { Required = true },
            new("Secret", Secret(), "Signs each message: ProxyGate-Signature holds t=SECONDS,v1=HMAC-SHA256 of SECONDS.BODY in hex, so that the receiver can tell it from anyone else's. At least 16 characters.") { Required = true },
            new("On", new ListShape(Choice("opened", "worsened", "recovered")), "Which moments are told.", "[\"opened\", \"worsened\", \"recovered\"]"),
        ])), "Who is told when an incident opens, grows worse or recovers. A receiver that is away is tried again for some minutes; nothing waits for it.", "[]"),
    ]);

    private static SectionShape Pages()
    {
        string[] languages = [.. PublicLanguages.All.Select(l => l.Tag)];
        return new(
        [
            new("Language", Choice(languages),
                "Language for visitors whose browser asks for none of the languages there are: en (English) or de (German).", "\"en\""),
            new("Contact", Line("text, a URL, mailto: or an e-mail address", 200) with { Nullable = true },
                "Where visitors can ask, shown on every page: text, a URL, mailto: or an e-mail address. null: nothing.", "null"),
            new("Message", Line("a sentence", 500) with { Nullable = true }, "A sentence of your own, shown on every page. null: none.", "null"),
            new("Templates", new ListShape(new SectionShape(
            [
                new("File", Name("the path of an HTML file"),
                    "Path of an HTML page of your own in UTF-8, relative to this file, at most 256KiB. It can hold {{id}}, {{status}}, {{time}}, {{title}}, {{sentence}}, {{advice}}, {{message}}, {{contact}}, {{retry_after}}, {{language}} and {{return}}. Read again when it changes.") { Required = true },
                new("Cause", Cause() with { Nullable = true }, "Only for this cause. null: any.", "null"),
                new("Route", Name("a route's id") with { Nullable = true }, "Only for this route of ReverseProxy:Routes. null: any, and requests without a route.", "null"),
                new("Status", Status() with { Nullable = true }, "Only for this status: 502, or 5xx for all of them. null: any.", "null"),
                new("Language", Choice(languages) with { Nullable = true }, "Only for visitors who get this language. null: any.", "null"),
            ])),
                "HTML pages of your own in place of the public page. Where several fit, the most exact one is taken: Cause before Route before Status (502 before 5xx) before Language.", "[]"),
        ]);
    }

    private static SectionShape Limits() => new(
    [
        new("RequestHeaders", Size(1 << 10, 1 << 20), "Largest request head, all fields together: bytes, 1KiB to 1MiB.", "\"32KiB\""),
        new("RequestHeadersTimeout", Duration(Millisecond, Day), "How long a client may take to send a request head: 1ms to 1d.", "\"30s\""),
        new("RequestBody", Size(0, 1L << 50) with { Nullable = true }, "Largest request body: bytes. null: no limit.", "null"),
        new("RequestBodyIdle", Duration(Millisecond, Day), "How long a client may pause while it sends a body: 1ms to 1d.", "\"60s\""),
        new("KeepAlive", Duration(Millisecond, Day), "How long an idle client connection is kept open: 1ms to 1d.", "\"75s\""),
        new("ResponseHeaders", Size(1 << 10, 1 << 24), "Largest response head of an upstream: bytes, 1KiB to 16MiB.", "\"64KiB\""),
    ]);

    private static SectionShape Timeouts() => new(
    [
        new("Dns", Duration(Millisecond, Day), "Resolving the destination's name: 1ms to 1d.", "\"2s\""),
        new("Connect", Duration(Millisecond, Day), "Connecting, for each address of the name: 1ms to 1d.", "\"3.5s\""),
        new("Tls", Duration(Millisecond, Day), "The TLS handshake: 1ms to 1d.", "\"5s\""),
        new("Send", Duration(Millisecond, Day), "No progress in sending the request: 1ms to 1d.", "\"30s\""),
        new("FirstByte", Duration(Millisecond, Day), "From the request sent to the response head: 1ms to 1d.", "\"60s\""),
        new("Idle", Duration(Millisecond, Day), "No byte of the response body, or in either direction of a tunnel: 1ms to 1d.", "\"60s\""),
        new("Total", Duration(Millisecond, Day) with { Nullable = true }, "The whole request, all its attempts: 1ms to 1d. null: no limit.", "null"),
        new("KeepAlive", Duration(Millisecond, Day),
            "How long an idle connection to the app is kept for the next request: 1ms to 1d. Below the 60 s and more after which most servers close; a Keep-Alive: timeout= of the app, or a shorter limit seen when it closes, counts before this.",
            "\"55s\""),
    ]);

    private static SectionShape UpstreamTls(SectionShape certificate) => new(
    [
        new("TrustedCaFile", Name("the path of a PEM file") with { Nullable = true },
            "PEM file of the only roots trusted for upstreams, relative to this file. null: the system's.", "null"),
        new("Verify", Flag(), "Whether the upstream's certificate is verified.", "true"),
        new("ServerName", Name("a host name") with { Nullable = true },
            "Name sent (SNI) and verified. null: the host of the destination's address.", "null"),
        new("ClientCertificate", certificate with { Nullable = true }, "Certificate shown to upstreams that ask for one. null: none.", "null"),
    ]);
}
