namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>The configuration in force, as far as requests care.</summary>
/// <param name="File">Its file; absent when it came from the command line.</param>
/// <param name="LoadedAt">Since when it is in force.</param>
/// <param name="Reloads">How often a changed file was taken over.</param>
/// <param name="Listen">Where clients connect.</param>
/// <param name="Routes">In the order of the file.</param>
/// <param name="Clusters">The destinations and how they do.</param>
/// <param name="Certificates">Those of the https addresses.</param>
public sealed record RoutesView(
    string? File, DateTimeOffset LoadedAt, int Reloads, IReadOnlyList<string> Listen,
    IReadOnlyList<RouteView> Routes, IReadOnlyList<ClusterView> Clusters, IReadOnlyList<CertificateView> Certificates);

/// <summary>A route.</summary>
/// <param name="Id">As configured.</param>
/// <param name="Match">What it matches.</param>
/// <param name="Cluster">Where it leads.</param>
/// <param name="Order">Which comes first where several match; absent where it is not given.</param>
/// <param name="Source">Where it is written, e.g. proxygate.json:14.</param>
/// <param name="OpenIncidents">How many of its incidents are open.</param>
public sealed record RouteView(string Id, string Match, string? Cluster, int? Order, string? Source, int OpenIncidents);

/// <summary>A certificate of a listener.</summary>
/// <param name="File">Its file.</param>
/// <param name="NotAfter">When it expires.</param>
/// <param name="DaysLeft">Until then; negative when it has expired.</param>
public sealed record CertificateView(string File, DateTimeOffset NotAfter, int DaysLeft);

/// <summary>The configuration in force, and the last change that was refused.</summary>
/// <param name="File">Its file; absent when it came from the command line.</param>
/// <param name="LoadedAt">Since when it is in force.</param>
/// <param name="Reloads">How often a changed file was taken over.</param>
/// <param name="LastReloadFailedAt">When the file as it stands now was refused; absent when it is in force.</param>
/// <param name="LastReloadErrors">Why.</param>
/// <param name="Logs">How the logs do.</param>
/// <param name="Store">How the store of incidents does.</param>
public sealed record ConfigView(
    string? File, DateTimeOffset LoadedAt, int Reloads, DateTimeOffset? LastReloadFailedAt, IReadOnlyList<string> LastReloadErrors,
    IReadOnlyList<LogView> Logs, StoreView Store);

/// <summary>How a log does.</summary>
/// <param name="Log">Which.</param>
/// <param name="Dropped">Lines that could not be written since the start.</param>
/// <param name="Error">Why it cannot be written now; absent while it can.</param>
public sealed record LogView(string Log, long Dropped, string? Error);

/// <summary>How the store of incidents does.</summary>
/// <param name="Kind">sqlite, postgres or memory.</param>
/// <param name="Place">The file or server.</param>
/// <param name="Trouble">Why it is not as configured; absent when all is well.</param>
/// <param name="SamplesDropped">Failures that were counted but not kept, since the start.</param>
/// <param name="IdsDropped">Failures of storms that cannot be found by their ids, since the start.</param>
public sealed record StoreView(string Kind, string? Place, string? Trouble, long SamplesDropped, long IdsDropped);
