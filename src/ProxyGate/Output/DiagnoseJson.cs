using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Examining;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Output;

/// <summary>
/// A look for programs, "proxygate.diagnose/1". Members are only ever added; hostile text in them is harmless. Of one destination:
/// <c>at</c>, <c>target</c>, <c>url</c>, <c>route</c>, <c>cluster</c>, <c>destination</c>, <c>source</c>, <c>healthy</c>, <c>exit</c>, <c>duration_ms</c>,
/// <c>verdict</c>, <c>sentence</c> (what happened), <c>cause</c>, <c>stage</c>, <c>party</c>, <c>act</c> (null when it is healthy), <c>warnings</c>, <c>speaks</c>, <c>steps</c>
/// [{rung, subject, result, duration_ms, seen, commands, fix}], <c>findings</c>, <c>hints</c> as in the failure event, <c>checks</c>,
/// <c>possibilities</c>, <c>not_seen</c>, <c>attempts</c> as in the failure event, <c>look</c> as in the finding event. Of a route or cluster:
/// <c>target</c>, <c>healthy</c>, <c>exit</c>, <c>verdict</c>, and <c>destinations</c> with one such object each.
/// </summary>
internal static class DiagnoseJson
{
    public const string Schema = "proxygate.diagnose/1";

    private const int MaxText = 1024;

    public static string NameOf(Rung rung) => rung switch
    {
        Rung.Name => "name",
        Rung.Tcp => "tcp",
        Rung.Tls => "tls",
        Rung.Http => "http",
        Rung.Health => "health",
        Rung.Listener => "listener",
        Rung.Queue => "queue",
        Rung.Service => "service",
        _ => "end",
    };

    public static string Of(Examination examination, bool indented) => Text(indented, json => Write(json, examination));

    public static string OfGroup(string target, IReadOnlyList<Examination> examinations, bool indented) => Text(indented, json =>
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        Line(json, "target", target);
        WriteSummary(json, examinations);
        json.WriteEndObject();
    });

    /// <summary>The members of many: <c>healthy</c>, <c>exit</c>, <c>verdict</c>, <c>destinations</c>.</summary>
    public static void WriteSummary(Utf8JsonWriter json, IReadOnlyList<Examination> examinations)
    {
        var healthy = examinations.All(e => e.IsHealthy);
        json.WriteBoolean("healthy", healthy);
        json.WriteNumber("exit", healthy ? 0 : 1);
        Line(json, "verdict", ExaminationTable.Sum(examinations));
        json.WriteStartArray("destinations");
        foreach (var one in examinations) Write(json, one);
        json.WriteEndArray();
    }

    private static string Text(bool indented, Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) write(json);
        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, Examination e)
    {
        var d = e.Diagnosis;
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("at", Stamp(e.At));
        Line(json, "target", e.Destination.Name);
        Line(json, "url", e.Destination.Url);
        Line(json, "route", e.Destination.Route);
        Line(json, "cluster", e.Destination.Cluster);
        Line(json, "destination", e.Destination.Id);
        Line(json, "source", e.Destination.Source);
        json.WriteBoolean("healthy", e.IsHealthy);
        json.WriteNumber("exit", e.IsHealthy ? 0 : 1);
        json.WriteNumber("duration_ms", Math.Round(e.DurationMs, 1));
        Line(json, "verdict", e.Verdict);
        Line(json, "sentence", d?.Sentence);
        json.WriteString("cause", d?.Failure.Cause.Id);
        json.WriteString("stage", d is null ? null : ContractNames.Of(d.Failure.Stage));
        json.WriteString("party", d is null ? null : ContractNames.Of(d.Failure.Party));
        json.WriteString("act", d is null ? null : AccountWords.Act(d));
        Lines(json, "warnings", e.Warnings.Select(w => $"{NameOf(w.Rung)} {w.Subject}: {(w.Seen is [var first, ..] ? first : "")}"));
        WriteSpeaks(json, e);
        json.WriteStartArray("steps");
        foreach (var step in e.Steps) Write(json, step);
        json.WriteEndArray();
        Lines(json, "findings", d?.Findings ?? []);
        FailureEventJson.WriteHints(json, d?.Hints ?? []);
        Lines(json, "checks", d?.Checks ?? []);
        json.WriteStartArray("possibilities");
        foreach (var possibility in d?.Possibilities ?? []) Write(json, possibility);
        json.WriteEndArray();
        json.WriteStartArray("not_seen");
        foreach (var blind in e.Look.NotSeen)
        {
            json.WriteStartObject();
            Line(json, "what", blind.What);
            Line(json, "why", blind.Why);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        FailureEventJson.WriteAttempts(json, e.Trial.Facts.Attempts, d?.Failure.AttemptCauses ?? (IReadOnlyList<Cause?>)[]);
        json.WritePropertyName("look");
        InvestigationJson.Write(json, e.Look);
        json.WriteEndObject();
    }

    /// <summary>What answers there; null members for what was not seen.</summary>
    private static void WriteSpeaks(Utf8JsonWriter json, Examination e)
    {
        json.WriteStartObject("speaks");
        var spoken = e.Attempt.RequestNumber > 0;
        json.WriteString("protocol", spoken ? e.Attempt.Protocol : null);
        if (e.Trial.Status is { } status) json.WriteNumber("status", status);
        else json.WriteNull("status");
        Line(json, "server", e.Trial.Server);
        json.WriteString("tls_version", e.Attempt.Tls?.Version);
        Line(json, "alpn", e.Attempt.Tls?.Alpn);
        if (e.Attempt.Tls?.Certificate is { } certificate)
        {
            Lines(json, "certificate_names", certificate.Names);
            json.WriteString("certificate_not_after", Stamp(certificate.NotAfter));
            json.WriteNumber("certificate_days_left", Math.Floor((certificate.NotAfter - e.At).TotalDays));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, LadderStep step)
    {
        json.WriteStartObject();
        json.WriteString("rung", NameOf(step.Rung));
        Line(json, "subject", step.Subject);
        json.WriteString("result", step.Result switch { StepResult.Passed => "pass", StepResult.Warned => "warn", StepResult.Failed => "fail", _ => "left_out" });
        json.WriteNumber("duration_ms", Math.Round(step.DurationMs, 1));
        Lines(json, "seen", step.Seen);
        Lines(json, "commands", step.Commands);
        Line(json, "fix", step.Fix);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, Possibility possibility)
    {
        json.WriteStartObject();
        json.WriteString("id", possibility.Id);
        Line(json, "title", possibility.Title);
        Line(json, "tell_apart", possibility.TellApart);
        json.WriteEndObject();
    }

    private static void Lines(Utf8JsonWriter json, string name, IEnumerable<string> lines)
    {
        json.WriteStartArray(name);
        foreach (var line in lines) json.WriteStringValue(HostileText.Line(line, MaxText));
        json.WriteEndArray();
    }

    private static void Line(Utf8JsonWriter json, string name, string? text) => json.WriteString(name, HostileText.Line(text, MaxText));

    private static string Stamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
