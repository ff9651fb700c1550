using System.Collections.Frozen;
using System.Runtime.CompilerServices;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// The <c>ProxyGate</c> section as it is in force: immutable, complete (defaults filled in) and already validated. Paths are absolute.
/// YARP's <c>ReverseProxy</c> section is not part of it.
/// </summary>
internal sealed record GatewaySettings
{
    /// <summary>What clusters without settings of their own get, made once for each set of settings: it is asked for with every request.</summary>
    private static readonly ConditionalWeakTable<GatewaySettings, ClusterSettings> OtherClusters = [];

    /// <summary>Where clients connect: <c>http://host:port</c>, <c>https://host:port</c> or <c>http://unix:/path</c>.</summary>
    public IReadOnlyList<string> Listen { get; init; } = ["http://localhost:8080"];

    public IReadOnlyList<CertificateSettings> Certificates { get; init; } = [];

    /// <summary>Answer plain-http requests with a 308 to https. Off by default.</summary>
    public bool RedirectToHttps { get; init; }

    public AdminSettings Admin { get; init; } = new();

    /// <summary>Addresses or networks (CIDR) whose Forwarded and X-Forwarded-* fields are believed.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>Networks (CIDR), judged by the real peer address, that see the operator view.</summary>
    public IReadOnlyList<string> OperatorNetworks { get; init; } = [];

    public EventSettings Events { get; init; } = new();

    public AccessLogSettings AccessLog { get; init; } = new();

    public OpenTelemetrySettings OpenTelemetry { get; init; } = new();

    public IncidentSettings Incidents { get; init; } = new();

    public PageSettings Pages { get; init; } = new();

    public LimitSettings Limits { get; init; } = new();

    public TimeoutSettings Timeouts { get; init; } = new();

    public UpstreamTlsSettings UpstreamTls { get; init; } = new();

    /// <summary>Who carries requests to HTTP/1.1 upstreams.</summary>
    public ForwarderKind Forwarder { get; init; } = ForwarderKind.Direct;

    /// <summary>Who waits for the sockets.</summary>
    public TransportKind Transport { get; init; } = TransportKind.EventLoop;

    public DrainSettings Drain { get; init; } = new();

    public RetrySettings Retries { get; init; } = new();

    public CircuitBreakerSettings CircuitBreaker { get; init; } = new();

    public ConcurrencySettings Concurrency { get; init; } = new();

    public OverloadSettings Overload { get; init; } = new();

    /// <summary>Settings of single clusters, by YARP cluster id; what a cluster leaves out comes from the section above.</summary>
    public IReadOnlyDictionary<string, ClusterSettings> Clusters { get; init; } = new Dictionary<string, ClusterSettings>();

    /// <summary>Settings of single routes, by YARP route id.</summary>
    public IReadOnlyDictionary<string, RouteSettings> Routes { get; init; } = new Dictionary<string, RouteSettings>();

    /// <summary>The settings in force for a cluster: its own, completed by the section's.</summary>
    public ClusterSettings ForCluster(string clusterId) =>
        Clusters.TryGetValue(clusterId, out var own) ? own : OtherClusters.GetValue(this, static s => s.ForOtherClusters());

    /// <summary>The limits in force for a route: its own, completed by its cluster's.</summary>
    public TimeoutSettings TimeoutsOf(string? routeId, ClusterSettings cluster) =>
        Routes.Count > 0 && routeId is not null && Routes.TryGetValue(routeId, out var route) ? route.Over(cluster.Timeouts) : cluster.Timeouts;

    private ClusterSettings ForOtherClusters() => new()
    {
        Timeouts = Timeouts,
        UpstreamTls = UpstreamTls,
        Retries = Retries,
        CircuitBreaker = CircuitBreaker,
        Concurrency = Concurrency,
    };
}

/// <summary>Who carries requests to HTTP/1.1 upstreams.</summary>
internal enum ForwarderKind
{
    /// <summary>The gateway itself, wherever a route's transforms allow it.</summary>
    Direct,

    /// <summary>YARP's forwarder, always.</summary>
    Yarp,
}

/// <summary>Who waits for the bytes of clients and upstreams.</summary>
internal enum TransportKind
{
    /// <summary>The gateway's own loops, one for each processor, where the system has epoll.</summary>
    EventLoop,

    /// <summary>.NET's sockets and its thread pool.</summary>
    Sockets,
}

internal sealed record CertificateSettings
{
    /// <summary>A PEM file (certificate and chain), or a PFX file.</summary>
    public required string Certificate { get; init; }

    /// <summary>The PEM key; absent for PFX or when the key is in the same file.</summary>
    public string? Key { get; init; }

    /// <summary>The password of a PFX file or an encrypted key.</summary>
    public string? Password { get; init; }

    /// <summary>Server names this certificate answers for; empty: the names in the certificate.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];
}

internal sealed record EventSettings
{
    /// <summary>The failure event log; absent: none.</summary>
    public string? File { get; init; } = "logs/events.jsonl";

    public long MaxFileBytes { get; init; } = 64 * 1024 * 1024;

    public int MaxFiles { get; init; } = 10;

    /// <summary>Also write a readable line each to standard output (journald, terminal). Absent: only on a terminal or under systemd.</summary>
    public bool? Console { get; init; }

    /// <summary>How many events of one incident are written a second, in a storm; the others are counted in their lines. Absent: every one is written.</summary>
    public int? LinesPerSecond { get; init; } = 10;
}

internal sealed record AccessLogSettings
{
    /// <summary>Absent: no access log.</summary>
    public string? File { get; init; }

    /// <summary><c>json</c> or <c>combined</c> (nginx's combined format, with the cause appended).</summary>
    public string Format { get; init; } = "json";

    public long MaxFileBytes { get; init; } = 64 * 1024 * 1024;

    public int MaxFiles { get; init; } = 10;
}

internal sealed record OpenTelemetrySettings
{
    /// <summary>OTLP endpoint, e.g. <c>http://localhost:4317</c>; absent: nothing is sent.</summary>
    public string? Endpoint { get; init; }

    /// <summary><c>grpc</c> or <c>http/protobuf</c>.</summary>
    public string Protocol { get; init; } = "grpc";
}

internal sealed record LimitSettings
{
    public int RequestHeaders { get; init; } = 32 * 1024;

    public TimeSpan RequestHeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Bytes; absent: no limit.</summary>
    public long? RequestBody { get; init; }

    public TimeSpan RequestBodyIdle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long an idle client connection is kept open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(75);

    public int ResponseHeaders { get; init; } = 64 * 1024;
}

internal sealed record TimeoutSettings
{
    public TimeSpan Dns { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Per address.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(3.5);

    public TimeSpan Tls { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>No progress in sending the request for this long.</summary>
    public TimeSpan Send { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>From the request sent to the response head.</summary>
    public TimeSpan FirstByte { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>No byte of the response body, or in either direction of a tunnel, for this long.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The whole request, all its attempts; absent: no limit.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>How long an idle connection to an upstream is kept for the next request, unless the app is known to close sooner.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(55);
}

internal sealed record UpstreamTlsSettings
{
    /// <summary>PEM file of the roots trusted for upstreams, instead of the system's; absent: the system's.</summary>
    public string? TrustedCaFile { get; init; }

    public bool Verify { get; init; } = true;

    /// <summary>The name sent (SNI) and verified; absent: the host of the destination's address.</summary>
    public string? ServerName { get; init; }

    public CertificateSettings? ClientCertificate { get; init; }
}

internal sealed record ClusterSettings
{
    public TimeoutSettings Timeouts { get; init; } = new();

    public UpstreamTlsSettings UpstreamTls { get; init; } = new();

    public bool Investigate { get; init; } = true;

    public HealthSettings Health { get; init; } = new();

    /// <summary>By destination id; one that is not named has the weight of its metadata, or 1.</summary>
    public IReadOnlyDictionary<string, int> Weights { get; init; } = FrozenDictionary<string, int>.Empty;

    public HashSettings Hash { get; init; } = new();

    /// <summary>Whether a name's addresses are one destination or several.</summary>
    public NameUse Resolve { get; init; }

    public RetrySettings Retries { get; init; } = new();

    public CircuitBreakerSettings CircuitBreaker { get; init; } = new();

    public ConcurrencySettings Concurrency { get; init; } = new();
}

/// <summary>The settings in force, and word of their change. A change is taken over whole or not at all.</summary>
internal interface IGatewaySettingsSource
{
    GatewaySettings Current { get; }

    /// <summary>Raised after <see cref="Current"/> has changed.</summary>
    event Action<GatewaySettings>? Changed;
}
