using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProxyGate.Simulation;

/// <summary>
/// Writes the gateway configuration that puts every running fault behind a route of its own: <c>/faults/ID/…</c>. The path goes to
/// the fault without that prefix.
/// </summary>
public sealed class FaultGatewayConfig
{
    private static readonly JsonSerializerOptions s_indented = new() { WriteIndented = true };

    private readonly JsonObject _routes = [];
    private readonly JsonObject _clusters = [];
    private readonly JsonObject _settings = [];
    private int? _maxRequests;

    /// <summary>Where the gateway listens.</summary>
    public required IReadOnlyList<string> ListenAt { get; init; }

    /// <summary>The admin address; absent: none is written, and the gateway takes its default.</summary>
    public string? AdminAt { get; init; }

    /// <summary>The event log's file; absent: none is written, and the gateway takes its default.</summary>
    public string? EventsFile { get; init; }

    /// <summary>The limits written into the configuration.</summary>
    public FaultTimeouts Patience { get; init; } = FaultTimeouts.Brief;

    /// <summary>Whether failures are looked into. What a look finds refines the verdicts of later failures, so who wants those of the wire alone says no.</summary>
    public bool Investigates { get; init; } = true;

    /// <summary>The path under which a fault is met.</summary>
    public static string PrefixOf(Fault fault) => $"/faults/{fault.Id}";

    /// <summary>The id of a fault's route and cluster.</summary>
    public static string IdOf(Fault fault) => $"fault-{fault.Id}";

    /// <summary>Puts an app behind a path pattern of YARP.</summary>
    public void AddApp(string id, string path, string destination)
    {
        _routes[id] = Route(id, path);
        _clusters[id] = Cluster(destination);
    }

    public void Add(RunningFault running)
    {
        var (fault, cluster) = (running.Fault, running.Cluster);
        if (!cluster.HasRoute)
            return;
        var id = IdOf(fault);
        var route = Route(id, PrefixOf(fault) + "/{**rest}");
        if (!cluster.KeepsPath)
            route["Transforms"] = new JsonArray(new JsonObject { ["PathRemovePrefix"] = PrefixOf(fault) });
        _routes[id] = route;

        var yarp = Cluster(running.Destination);
        if (cluster.HttpVersion is { } version)
            yarp["HttpRequest"] = new JsonObject { ["Version"] = version, ["VersionPolicy"] = cluster.VersionPolicy };
        if (cluster.HeedsFailures)
        {
            yarp["HealthCheck"] = new JsonObject
            {
                ["Passive"] = new JsonObject { ["Enabled"] = true, ["ReactivationPeriod"] = "00:05:00" },
                ["AvailableDestinationsPolicy"] = "HealthyAndUnknown",
            };
        }

        _clusters[id] = yarp;

        var tls = new JsonObject();
        if (cluster.TrustedCaFile is { } roots)
            tls["TrustedCaFile"] = roots;
        if (cluster.ServerName is { } name)
            tls["ServerName"] = name;
        if (cluster.ClientCertificateFile is { } certificate)
            tls["ClientCertificate"] = new JsonObject { ["Certificate"] = certificate, ["Key"] = cluster.ClientKeyFile };
        var settings = new JsonObject();
        if (tls.Count > 0)
            settings["UpstreamTls"] = tls;
        if (cluster.FailuresToOpen is { } failures)
            settings["CircuitBreaker"] = new JsonObject { ["Enabled"] = true, ["MinimumFailures"] = failures, ["Break"] = "5s" };
        if (cluster.MaxPerDestination is { } most)
            settings["Concurrency"] = new JsonObject { ["MaxPerDestination"] = most, ["Queue"] = 0 };
        if (cluster.Total is { } total)
            settings["Timeouts"] = new JsonObject { ["Total"] = Text(total) };
        _maxRequests ??= cluster.MaxRequests;
        if (!Investigates)
            settings["Investigate"] = false;
        if (settings.Count > 0)
            _settings[id] = settings;
    }

    public override string ToString()
    {
        var gateway = new JsonObject
        {
            ["Listen"] = new JsonArray([.. ListenAt.Select(address => (JsonNode)address)]),
            ["Limits"] = new JsonObject { ["RequestHeadersTimeout"] = Text(Patience.Client), ["RequestBodyIdle"] = Text(Patience.Client) },
            ["Timeouts"] = new JsonObject
            {
                ["Dns"] = Text(Patience.Dns),
                ["Connect"] = Text(Patience.Connect),
                ["Tls"] = Text(Patience.Tls),
                ["Send"] = Text(Patience.Send),
                ["FirstByte"] = Text(Patience.FirstByte),
                ["Idle"] = Text(Patience.Idle),
            },
            // Every visit is to meet the fault itself, not the memory of the last one; where the memory is the fault, its cluster says so.
            ["CircuitBreaker"] = new JsonObject { ["Enabled"] = false },
            ["Clusters"] = _settings.DeepClone(),
        };
        if (_maxRequests is { } maxRequests)
            gateway["Overload"] = new JsonObject { ["MaxRequests"] = maxRequests };
        if (AdminAt is not null)
            gateway["Admin"] = new JsonObject { ["Listen"] = AdminAt };
        if (EventsFile is not null)
            gateway["Events"] = new JsonObject { ["File"] = EventsFile, ["LinesPerSecond"] = null }; // who looks for one fault wants its own line
        return new JsonObject
        {
            ["ReverseProxy"] = new JsonObject { ["Routes"] = _routes.DeepClone(), ["Clusters"] = _clusters.DeepClone() },
            ["ProxyGate"] = gateway,
        }.ToJsonString(s_indented);
    }

    private static JsonObject Route(string cluster, string path) => new()
    {
        ["ClusterId"] = cluster,
        ["Match"] = new JsonObject { ["Path"] = path },
    };

    private static JsonObject Cluster(string? destination)
    {
        var destinations = new JsonObject();
        if (destination is not null)
            destinations["app"] = new JsonObject { ["Address"] = destination };
        return new JsonObject { ["Destinations"] = destinations };
    }

    private static string Text(TimeSpan time) => time.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture) + "ms";
}
