using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// How many requests were answered, by route, cluster and class of status. A route's counts are found by the very object that is its name in the
/// configuration, so that a request neither hashes nor compares a text.
/// </summary>
internal sealed class AnsweredRequests
{
    private static readonly string[] s_classes = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"];

    private readonly CountedSeries<(string Route, string Cluster, int Class)> _series = new(static k =>
        [new("route", k.Route), new("cluster", k.Cluster), new(GatewayMetrics.StatusTag, s_classes[k.Class])]);

    private readonly ConditionalWeakTable<string, OfRoute> _routes = [];

    public void Add(string? route, string? cluster, int statusClass)
    {
        var (name, led) = (route ?? "", cluster ?? "");
        if (!_routes.TryGetValue(name, out var known)) known = First(name, led);
        (known.Cluster == led ? known.Of(statusClass) : _series.Of((name, led, statusClass))).Add(1);
    }

    /// <summary>A method of its own: what its function catches would be made for every request.</summary>
    private OfRoute First(string route, string cluster) => _routes.GetValue(route, _ => new OfRoute(this, route, cluster));

    public IEnumerable<Measurement<long>> Read() => _series.Read();

    /// <summary>0 for what is no status of HTTP.</summary>
    public static int ClassOf(int status) => status is >= 100 and <= 599 ? status / 100 : 0;

    /// <summary>A route that led to one cluster. Made when it is first answered, and each class when it first comes.</summary>
    private sealed class OfRoute(AnsweredRequests all, string route, string cluster)
    {
        private readonly CountedSeries<(string Route, string Cluster, int Class)>.Series?[] _classes = new CountedSeries<(string, string, int)>.Series?[s_classes.Length];

        public string Cluster => cluster;

        public CountedSeries<(string Route, string Cluster, int Class)>.Series Of(int statusClass) =>
            Volatile.Read(ref _classes[statusClass]) ?? (_classes[statusClass] = all._series.Of((route, cluster, statusClass)));
    }
}
