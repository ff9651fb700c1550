using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>The recorded facts of a failure as rows and pairs.</summary>
internal static class AccountRecord
{
    private const string FirstBytesName = "First bytes";
    private const string HexName = "First bytes in hex";

    public static IReadOnlyList<AttemptRow> Rows(FailureEvent failure, int most)
    {
        var causes = failure.Diagnosis.Failure.AttemptCauses;
        var rows = new AttemptRow[Math.Min(failure.Attempts.Count, most)];
        for (var i = 0; i < rows.Length; i++)
        {
            var a = failure.Attempts[i];
            rows[i] = new AttemptRow(
                a.Number.ToString(CultureInfo.InvariantCulture),
                a.Destination,
                a.Address ?? (a.AddressesTried.Count == 0 ? "none" : string.Join(", ", a.AddressesTried.Take(4).Select(t => t.Address))),
                Connection(a),
                Bytes(a.BytesSent),
                Bytes(a.BytesReceived),
                AccountWords.Time(a.DurationMs),
                i < causes.Count && causes[i] is { } cause ? cause.Id : "answered");
        }

        return rows;
    }

    /// <summary>The lines of evidence as pairs. Bytes of an HTTP answer's head are shown without the values that may be secret.</summary>
    public static IReadOnlyList<Fact> Evidence(Diagnosis d, int most, bool forStrangers)
    {
        var first = FirstBytesShown.Of(d.Failure.Attempt?.FirstBytes ?? [], everyField: forStrangers);
        var facts = new List<Fact>(d.Evidence.Count);
        foreach (var line in d.Evidence)
        {
            if (facts.Count == most) break;
            var colon = line.IndexOf(": ", StringComparison.Ordinal);
            var name = colon < 0 ? "" : line[..colon];
            var value = colon < 0 ? line : line[(colon + 2)..];
            if (first is not null && name == HexName) continue;
            if (first is not null && name == FirstBytesName) value = $"\"{first}\"";
            facts.Add(new Fact(name, value, name is FirstBytesName or HexName));
        }

        return facts;
    }

    public static IReadOnlyList<Fact> Reference(FailureEvent failure)
    {
        var d = failure.Diagnosis;
        var verdict = d.Failure;
        var facts = new List<Fact>(12)
        {
            new("Cause", $"{verdict.Cause.Id} ({LinkWords.Confidence(verdict.Confidence)})", IsCode: true),
            new("Stage and party", $"{ContractNames.Of(verdict.Stage)}, {ContractNames.Of(verdict.Party)}", IsCode: true),
            new("Sent to the client", TextAnswer.StatusLine(failure.Status)),
            new("Trying again", AccountWords.Retry(verdict)),
            new("When", TextAnswer.Moment(failure)),
            new("Failure id", failure.Id, IsCode: true),
            new("Incident", failure.Incident, IsCode: true),
        };
        if (failure.TraceId is { Length: > 0 } trace) facts.Add(new Fact("Trace", trace, IsCode: true));
        if (failure.Request.Route is { } route) facts.Add(new Fact("Route", Written(route, d.Context?.RouteMatch, d.Context?.RouteSource)));
        if (verdict.Attempt?.Destination is { } destination) facts.Add(new Fact("Destination", Written(destination, verdict.Attempt.DestinationUrl, d.Context?.DestinationSource)));
        return facts;
    }

    /// <summary>A name, what it stands for, and the line it is written in.</summary>
    private static string Written(string name, string? what, string? source)
    {
        var text = HostileText.Line(name, 200);
        if (!string.IsNullOrEmpty(what)) text += $": {HostileText.Line(what, 300)}";
        if (!string.IsNullOrEmpty(source)) text += $", written in {HostileText.Line(source, 300)}";
        return text;
    }

    private static string Connection(AttemptFacts attempt) => attempt.RequestNumber switch
    {
        0 => "none",
        1 => "fresh",
        var n => string.Create(CultureInfo.InvariantCulture, $"reused, request {n}"),
    };

    private static string Bytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes:#,0} B");
}
