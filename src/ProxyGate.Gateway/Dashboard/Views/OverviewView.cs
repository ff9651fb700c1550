namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>How the gateway does, on one screen.</summary>
/// <param name="State">starting, ready or draining.</param>
/// <param name="Minutes">How far back the numbers go.</param>
/// <param name="Answers">Requests answered in that time.</param>
/// <param name="Failures">Failures in that time, by cause.</param>
/// <param name="OpenIncidents">How many incidents are open.</param>
/// <param name="Open">The open incidents, the last failure first; at most twenty.</param>
/// <param name="Ended">The last incidents that ended.</param>
/// <param name="Clusters">The destinations and how they do.</param>
/// <param name="Notices">What somebody should know of the gateway itself.</param>
public sealed record OverviewView(
    string State, int Minutes, PlotView Answers, PlotView Failures, long OpenIncidents,
    IReadOnlyList<IncidentRow> Open, IReadOnlyList<IncidentRow> Ended, IReadOnlyList<ClusterView> Clusters, IReadOnlyList<Notice> Notices);

/// <summary>Something about the gateway itself.</summary>
/// <param name="Kind">config, log, store, certificate or incidents.</param>
/// <param name="IsBad">Whether something is lost or refused already.</param>
/// <param name="Text">What.</param>
/// <param name="Details">Line by line.</param>
public sealed record Notice(string Kind, bool IsBad, string Text, IReadOnlyList<string> Details);

/// <summary>A cluster and its destinations.</summary>
/// <param name="Id">As configured.</param>
/// <param name="Policy">How a destination is chosen.</param>
/// <param name="Ready">Whether any destination is available.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Destinations">Each of them.</param>
public sealed record ClusterView(string Id, string? Policy, bool Ready, string Reason, IReadOnlyList<DestinationView> Destinations);

/// <summary>A destination.</summary>
/// <param name="Id">As configured.</param>
/// <param name="Address">Where it is.</param>
/// <param name="Source">Where it is written, e.g. proxygate.json:31.</param>
/// <param name="Health">healthy, unhealthy or unknown.</param>
/// <param name="Available">Whether it is given requests.</param>
/// <param name="Cause">What it is out of use for.</param>
/// <param name="Why">Why it is so, in words; empty where there is nothing to say.</param>
/// <param name="Since">Since when.</param>
/// <param name="LastCheck">When its health was last checked; absent where nobody checks.</param>
/// <param name="Incident">Its open incident.</param>
public sealed record DestinationView(
    string Id, string Address, string? Source, string Health, bool Available, string? Cause, string Why, DateTimeOffset? Since, DateTimeOffset? LastCheck, string? Incident);
