using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Security.Authentication;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Examining;

/// <summary>Makes the destinations to look at: of a URL, or of a configuration with what it says of each.</summary>
internal static class ExaminedDestinations
{
    private const int MostOthers = 8;

    /// <summary>Reads a URL; a query is taken along.</summary>
    public static bool TryOfUrl(
        string url, [NotNullWhen(true)] out ExaminedDestination? destination, [NotNullWhen(false)] out string? mistake, out string? suggestion)
    {
        destination = null;
        var query = url.IndexOf('?', StringComparison.Ordinal);
        if (!DestinationAddress.TryParse(query < 0 ? url : url[..query], out var address, out mistake, out suggestion)) return false;
        if (!Uri.TryCreate(query < 0 ? address : address + url[query..], UriKind.Absolute, out var uri))
        {
            mistake = "is not a valid URL";
            return false;
        }

        var shown = UnixDestinations.Display(uri.GetLeftPart(UriPartial.Path));
        if (uri.AbsolutePath == "/") shown = shown.TrimEnd('/');
        destination = new ExaminedDestination { Name = shown, Id = shown, Address = uri, PathIsNamed = uri.PathAndQuery != "/" };
        return true;
    }

    /// <summary>All destinations of a valid configuration, in the order of their clusters' and their own names.</summary>
    public static IReadOnlyList<ExaminedDestination> Of(ConfigResult config) =>
    [
        .. from cluster in config.Clusters
           from destination in cluster.Destinations ?? new Dictionary<string, DestinationConfig>()
           orderby cluster.ClusterId, destination.Key
           select Of(config, cluster, destination.Key, destination.Value),
    ];

    /// <summary>Another path for the health check; it is asked at the destination's own address.</summary>
    public static ExaminedDestination WithHealth(this ExaminedDestination destination, string path) => destination with { Health = new Uri(destination.Address, path) };

    private static ExaminedDestination Of(ConfigResult config, ClusterConfig cluster, string id, DestinationConfig configured)
    {
        var settings = config.Settings!.ForCluster(cluster.ClusterId);
        var client = cluster.HttpClient;
        var request = cluster.HttpRequest;
        var address = new Uri(configured.Address);
        var active = cluster.HealthCheck?.Active;
        var tls = client?.DangerousAcceptAnyServerCertificate == true ? settings.UpstreamTls with { Verify = false } : settings.UpstreamTls;
        return new ExaminedDestination
        {
            Name = $"{cluster.ClusterId}/{id}",
            Id = id,
            Cluster = cluster.ClusterId,
            Address = address,
            PathIsNamed = address.PathAndQuery != "/",
            Health = active is { Enabled: true } or { Path: not null } ? HealthOf(configured, active) : null,
            HealthTimeout = active?.Timeout ?? TimeSpan.FromSeconds(10),
            HostField = configured.Host,
            Version = request?.Version ?? HttpVersion.Version20,
            VersionPolicy = request?.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower,
            Timeouts = settings.Timeouts,
            Tls = tls,
            Protocols = client?.SslProtocols ?? SslProtocols.None,
            HeadLimit = config.Settings!.Limits.ResponseHeaders,
            Source = config.Lines.OfDestination(cluster.ClusterId, id),
            ForwardProxy = client?.WebProxy?.Address?.GetLeftPart(UriPartial.Authority),
            OtherConfigured = OthersOn(address, config.Clusters),
        };
    }

    /// <summary>As YARP puts it together: the destination's health address or its own, then the cluster's path and query.</summary>
    private static Uri HealthOf(DestinationConfig destination, ActiveHealthCheckConfig active)
    {
        var root = string.IsNullOrEmpty(destination.Health) ? destination.Address : destination.Health;
        var path = active.Path is { Length: > 0 } own ? own : "/";
        return new Uri(root.TrimEnd('/') + (path.StartsWith('/') ? path : "/" + path) + active.Query);
    }

    /// <summary>By their literal addresses: no name is looked up for this.</summary>
    private static List<IPEndPoint> OthersOn(Uri address, IReadOnlyList<ClusterConfig> clusters)
    {
        if (!IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip)) return [];
        return
        [
            .. clusters.SelectMany(c => c.Destinations?.Values ?? [])
                .Select(d => Uri.TryCreate(d.Address, UriKind.Absolute, out var other) ? other : null).OfType<Uri>()
                .Where(o => o.Port != address.Port && IPAddress.TryParse(o.Host.Trim('[', ']'), out var theirs) && theirs.Equals(ip))
                .Select(o => new IPEndPoint(ip, o.Port)).Distinct().Take(MostOthers),
        ];
    }
}
