using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Views;

/// <summary>One page of the list of failures.</summary>
/// <param name="Asked">What was asked for.</param>
/// <param name="Failures">Newest first.</param>
/// <param name="Next">The cursor of the page behind this one; absent on the last.</param>
/// <param name="Folded">Where the text asked for is the id of a failure of a storm that has no line of its own.</param>
public sealed record FailuresView(FailuresAsked Asked, IReadOnlyList<FailureRow> Failures, string? Next, FoldedView? Folded = null);

/// <summary>Which failures were asked for.</summary>
/// <param name="Cause">Only of this cause.</param>
/// <param name="Party">Only where this party must act.</param>
/// <param name="Route">Only of this route.</param>
/// <param name="Destination">Only of this destination.</param>
/// <param name="Incident">Only of this incident.</param>
/// <param name="From">Not before.</param>
/// <param name="To">Before.</param>
/// <param name="Text">With this text in id, cause, route, destination, request, client or sentence.</param>
public sealed record FailuresAsked(
    string? Cause, string? Party, string? Route, string? Destination, string? Incident, DateTimeOffset? From, DateTimeOffset? To, string? Text)
{
    internal bool IsAnything => (Cause ?? Party ?? Route ?? Destination ?? Incident ?? Text) is not null || From is not null || To is not null;
}

/// <summary>A failure as a line of the list.</summary>
/// <param name="Id">Its id, as in page, header and log.</param>
/// <param name="Incident">The incident it belongs to.</param>
/// <param name="Gateway">The gateway that saw it, where several share a store.</param>
/// <param name="Time">When.</param>
/// <param name="Route">Absent when no route was found.</param>
/// <param name="Cluster">The route's cluster.</param>
/// <param name="Destination">Absent when none was chosen.</param>
/// <param name="Cause">What was seen.</param>
/// <param name="Stage">Where the conversation stood.</param>
/// <param name="Party">Who must act.</param>
/// <param name="Status">What was sent to the client; 499 when it had gone.</param>
/// <param name="Saved">Whether a later attempt answered the client well.</param>
/// <param name="Occurrences">How many alike failures this one stands for.</param>
/// <param name="Method">The request's method.</param>
/// <param name="Host">The host asked for.</param>
/// <param name="Path">The path, without its query.</param>
/// <param name="Client">The client's address.</param>
/// <param name="DurationMs">How long the request took.</param>
/// <param name="Sentence">What happened.</param>
/// <param name="Hint">The likeliest root cause.</param>
public sealed record FailureRow(
    string Id, string Incident, string Gateway, DateTimeOffset Time, string? Route, string? Cluster, string? Destination, string Cause, string Stage, string Party,
    int Status, bool Saved, long Occurrences, string Method, string Host, string Path, string Client, double DurationMs, string Sentence, string? Hint)
{
    internal static FailureRow Of(FailureEntry e) => new(
        e.Id, e.Incident, Shown.Line(e.Gateway, 100), e.Time, Shown.Line(e.Route), Shown.Line(e.Cluster), Shown.Line(e.Destination), e.Cause, e.Stage, e.Party,
        e.Status, e.Saved, e.Occurrences, Shown.Line(e.Method, 32), Shown.Line(e.Host), Shown.Line(e.Path, 512), Shown.Line(e.Client, 100),
        Math.Round(e.DurationMs, 3), Shown.Line(e.Sentence, 1024), e.Hint);
}

/// <summary>One failure.</summary>
/// <param name="Line">Its line in the list.</param>
/// <param name="Event">Everything that was seen; absent when another version of ProxyGate wrote it.</param>
/// <param name="Folded">Where another failure was asked for, which has no record of its own.</param>
public sealed record FailureView(FailureRow Line, Diagnostics.Events.FailureEvent? Event, FoldedView? Folded = null);

/// <summary>A failure of a storm that has no record of its own: one line stands for it and others.</summary>
/// <param name="Id">The id that was asked for.</param>
/// <param name="Incident">Its incident.</param>
/// <param name="FoldedInto">The failure whose line stands for it.</param>
/// <param name="Occurrences">How many failures that line stands for, itself with them.</param>
/// <param name="Note">All that in words.</param>
/// <param name="Shown">The failure that was kept and is shown in its place: the line's, or the nearest of the same incident.</param>
public sealed record FoldedView(string Id, string Incident, string FoldedInto, long Occurrences, string Note, FailureRow Shown)
{
    internal static FoldedView Of(FoldedInto folded, FailureRow shown) => new(folded.Id, shown.Incident, folded.Line, folded.Count, folded.InWords(shown.Id), shown);
}
