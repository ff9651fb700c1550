using System.Globalization;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>One incident with everything known of it.</summary>
internal sealed record IncidentWhole
{
    public required Incident Incident { get; init; }

    /// <summary>Failures a minute, oldest first; minutes without failures are left out. At most a day of minutes.</summary>
    public IReadOnlyList<MinuteCount> Minutes { get; init; } = [];

    /// <summary>Its outages, oldest first, the last fifty; more than one means that it comes and goes.</summary>
    public IReadOnlyList<Outage> Outages { get; init; } = [];

    /// <summary>The paths that failed, the most failures first; without queries.</summary>
    public Affected Paths { get; init; } = Affected.None;

    /// <summary>The clients it met, the most failures first, by address.</summary>
    public Affected Clients { get; init; } = Affected.None;

    /// <summary>The first failures of it, oldest first.</summary>
    public IReadOnlyList<FailureEntry> First { get; init; } = [];

    /// <summary>Some between, oldest first.</summary>
    public IReadOnlyList<FailureEntry> Between { get; init; } = [];

    /// <summary>The last ones, newest first.</summary>
    public IReadOnlyList<FailureEntry> Last { get; init; } = [];

    /// <summary>
    /// The newest sample of its own cause whole: its diagnosis has the sentence, the chain, the hints with their commands, the evidence and the surroundings.
    /// Absent when none was kept, or when another version of ProxyGate wrote it.
    /// </summary>
    public FailureEvent? Sample { get; init; }

    /// <summary>What looks at network and host found, newest first, the last ten. Their diagnosis is the failure explained with the look.</summary>
    public IReadOnlyList<FindingEvent> Findings { get; init; } = [];

    /// <summary>Failures of this incident that no kept sample shows: the storm was too strong to keep each.</summary>
    public long NotKept { get; init; }
}

/// <param name="Minute">When it began, UTC.</param>
internal readonly record struct MinuteCount(DateTimeOffset Minute, long Count);

/// <summary>One stretch of failing.</summary>
/// <param name="From">Its first failure.</param>
/// <param name="To">The first good answer after its last failure; absent while it lasts, and when it only fell silent.</param>
/// <param name="Failures">How many requests failed in it.</param>
internal readonly record struct Outage(DateTimeOffset From, DateTimeOffset? To, long Failures = 0);

/// <summary>Whom or what an incident met.</summary>
/// <param name="Known">The most failures first.</param>
/// <param name="Others">Failures of further ones, which were not told apart.</param>
internal sealed record Affected(IReadOnlyList<CountedName> Known, long Others)
{
    public static readonly Affected None = new([], 0);
}

internal readonly record struct CountedName(string Name, long Count);

/// <summary>A failure as a line of a list. Texts are cleaned as in the event log, and still to be escaped for their format.</summary>
internal sealed record FailureEntry
{
    public required string Id { get; init; }

    public required string Incident { get; init; }

    public string Gateway { get; init; } = "";

    public required DateTimeOffset Time { get; init; }

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public required string Cause { get; init; }

    /// <summary>In the contract's words, as <see cref="Party"/>.</summary>
    public required string Stage { get; init; }

    public required string Party { get; init; }

    /// <summary>The status sent to the client; 499 when it had gone.</summary>
    public int Status { get; init; }

    public bool Saved { get; init; }

    /// <summary>How many alike failures this one stands for.</summary>
    public long Occurrences { get; init; } = 1;

    public string Method { get; init; } = "";

    public string Host { get; init; } = "";

    /// <summary>Without its query.</summary>
    public string Path { get; init; } = "";

    public string Client { get; init; } = "";

    public double DurationMs { get; init; }

    public string Sentence { get; init; } = "";

    /// <summary>The id of the first hint.</summary>
    public string? Hint { get; init; }
}

/// <summary>A failure with everything known of it.</summary>
/// <param name="Entry">Its line.</param>
/// <param name="Event">The event itself, from which the operator's page is made; absent when another version of ProxyGate wrote it.</param>
internal sealed record FailureWhole(FailureEntry Entry, FailureEvent? Event)
{
    /// <summary>Where another failure was asked for, that has no line of its own: this one was kept in its place.</summary>
    public FoldedInto? Folded { get; init; }
}

/// <summary>A failure of a storm, counted and answered like any other, that one line stands for with others.</summary>
/// <param name="Id">The id that was asked for.</param>
/// <param name="Line">The failure whose line stands for it.</param>
/// <param name="Time">The line's; its own is up to a second or so before.</param>
/// <param name="Count">How many failures the line stands for, itself with them.</param>
internal sealed record FoldedInto(string Id, string Line, DateTimeOffset Time, long Count)
{
    public static FoldedInto Of(Storing.FoldedFailures folded, string id) => new(id, folded.Line, folded.Time, folded.Count);

    /// <summary>For people, in two sentences.</summary>
    /// <param name="shown">The failure that is shown in its place.</param>
    public string InWords(string shown) => string.Create(CultureInfo.InvariantCulture,
        $"{Id} came in a storm and has no record of its own: the line of {Line}, {Time.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, stands for {Count:#,0} failures of one incident and cause, and it is one of them. ")
        + (shown == Line ? "What is shown is that line; the one asked for came at most a second or so before it."
            : $"That line is no longer kept; what is shown is {shown}, another failure of the same incident.");
}

/// <summary>The failures of one cause over time.</summary>
/// <param name="Points">Oldest first; each step that had failures.</param>
internal sealed record CauseSeries(string Cause, IReadOnlyList<MinuteCount> Points);
