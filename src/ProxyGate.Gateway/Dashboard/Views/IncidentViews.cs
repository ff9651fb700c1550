using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Gateway.Incidents;

namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>One page of the list of incidents.</summary>
/// <param name="Open">How many are open on this gateway.</param>
/// <param name="Dropped">How many were not kept since the start because too many were open.</param>
/// <param name="Asked">What was asked for.</param>
/// <param name="Incidents">The open ones first, then by the last failure, newest first.</param>
/// <param name="Next">The cursor of the page behind this one; absent on the last.</param>
public sealed record IncidentsView(long Open, long Dropped, IncidentsAsked Asked, IReadOnlyList<IncidentRow> Incidents, string? Next);

/// <summary>Which incidents were asked for.</summary>
/// <param name="OpenOnly">Only the open ones.</param>
/// <param name="Cause">Only of this cause.</param>
/// <param name="Route">Only of this route.</param>
/// <param name="Destination">Only of this destination.</param>
public sealed record IncidentsAsked(bool OpenOnly, string? Cause, string? Route, string? Destination);

/// <summary>An incident as a line of the list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Gateway">The gateway that saw it, where several share a store.</param>
/// <param name="Route">Absent when no route was found.</param>
/// <param name="Cluster">The route's cluster.</param>
/// <param name="Destination">Absent when none was chosen or it has no part in the failure.</param>
/// <param name="Cause">What was seen.</param>
/// <param name="Status">open, recovered, or quiet: nothing more was heard of it.</param>
/// <param name="FirstSeen">Its first failure.</param>
/// <param name="LastSeen">Its last failure.</param>
/// <param name="Count">Failures, exact.</param>
/// <param name="Saved">How many of them another attempt saved.</param>
/// <param name="LastSuccess">The destination's last good answer before it.</param>
/// <param name="RecoveredAt">When it answered well again.</param>
/// <param name="DowntimeSeconds">How long it failed in all.</param>
/// <param name="Flaps">How often it recovered and failed again soon.</param>
/// <param name="WorsenedAt">When it last grew worse.</param>
/// <param name="Sentence">The newest sample in one sentence.</param>
/// <param name="Hint">The newest sample's likeliest root cause.</param>
public sealed record IncidentRow(
    string Id, string Gateway, string? Route, string? Cluster, string? Destination, string Cause, string Status,
    DateTimeOffset FirstSeen, DateTimeOffset LastSeen, long Count, long Saved, DateTimeOffset? LastSuccess, DateTimeOffset? RecoveredAt,
    double DowntimeSeconds, int Flaps, DateTimeOffset? WorsenedAt, string? Sentence, string? Hint)
{
    internal bool IsOpen => Status == "open";

    /// <summary>What stands in the sentence's place before a sample is kept.</summary>
    internal string CauseTitle => CauseCatalogue.TryGet(Cause, out var cause) ? cause.Title : Cause;

    internal string? HintTitle => Hint is { } id && HintGuides.TryGet(id, out var guide) ? guide.Title : null;

    internal static IncidentRow Of(Incident i) => new(
        i.Id, Shown.Line(i.Gateway, 100), Shown.Line(i.Route), Shown.Line(i.Cluster), Shown.Line(i.Destination), i.Cause, StatusOf(i.Status),
        i.FirstSeen, i.LastSeen, i.Count, i.Saved, i.LastSuccess, i.RecoveredAt, Math.Round(i.Downtime.TotalSeconds, 3), i.Flaps, i.WorsenedAt, Shown.Line(i.Sentence, 1024), i.Hint);

    private static string StatusOf(IncidentStatus status) => status switch
    {
        IncidentStatus.Open => "open",
        IncidentStatus.Recovered => "recovered",
        _ => "quiet",
    };
}

/// <summary>One incident whole.</summary>
/// <param name="Incident">Its line.</param>
/// <param name="PerMinute">Failures a minute, oldest first; minutes without are left out.</param>
/// <param name="Outages">Its stretches of failing, oldest first.</param>
/// <param name="Paths">The paths that failed.</param>
/// <param name="Clients">The clients it met.</param>
/// <param name="Timeline">What happened when, oldest first.</param>
/// <param name="Samples">Failures that were kept: the first, some between, the last; newest first.</param>
/// <param name="NotKept">Failures that no sample shows.</param>
/// <param name="Sample">The newest sample whole; absent when none can be read.</param>
/// <param name="Findings">What looks at network and host found, newest first.</param>
/// <param name="Look">How a look that was asked for does; absent when none was.</param>
public sealed record IncidentView(
    IncidentRow Incident, IReadOnlyList<MinutePoint> PerMinute, IReadOnlyList<OutageSpan> Outages, AffectedNames Paths, AffectedNames Clients,
    IReadOnlyList<TimelineEntry> Timeline, IReadOnlyList<FailureRow> Samples, long NotKept, FailureEvent? Sample, IReadOnlyList<FindingEvent> Findings, LookView? Look);

/// <param name="Minute">Its beginning.</param>
/// <param name="Count">How many.</param>
public sealed record MinutePoint(DateTimeOffset Minute, long Count);

/// <param name="From">The first failure.</param>
/// <param name="To">The first good answer after the last one; absent while it lasts.</param>
public sealed record OutageSpan(DateTimeOffset From, DateTimeOffset? To);

/// <param name="Known">The most failures first.</param>
/// <param name="Others">Failures of further ones, which were not told apart.</param>
public sealed record AffectedNames(IReadOnlyList<AffectedName> Known, long Others);

/// <param name="Name">Which.</param>
/// <param name="Count">Failures.</param>
public sealed record AffectedName(string Name, long Count);

/// <summary>One thing that happened.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">good, bad, change or look.</param>
/// <param name="Text">What.</param>
public sealed record TimelineEntry(DateTimeOffset At, string Kind, string Text);

/// <summary>A look that was asked for.</summary>
/// <param name="State">waiting, looking, done or failed.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="Text">How it does, in words.</param>
public sealed record LookView(string State, DateTimeOffset AskedAt, string Text)
{
    internal bool IsRunning => State is "waiting" or "looking";
}
