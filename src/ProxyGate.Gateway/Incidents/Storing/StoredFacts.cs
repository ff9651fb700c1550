using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>
/// A failure is stored by its facts: verdict and words are made from them again when it is read, and are the same, because both are pure
/// functions. So the store holds no words twice, and a stored failure is shown exactly like a new one.
/// </summary>
internal static class StoredFacts
{
    private const int MaxLength = 256 * 1024;

    public static string? Write(FailureEvent e)
    {
        var json = JsonSerializer.Serialize(new StoredFailure(e.TraceId, e.SpanId, e.Request, e.Attempts, e.Diagnosis.Context), StoredFactsJson.Failure);
        return json.Length > MaxLength ? null : json;
    }

    public static string Write(InvestigationFacts look) => JsonSerializer.Serialize(look, StoredFactsJson.Look);

    public static InvestigationFacts? ReadLook(string? json) => Read(json, StoredFactsJson.Look);

    /// <summary>The event; absent when its facts are not there or were written by a version whose facts were others.</summary>
    public static FailureEvent? Read(string? json, FailureEntry entry, InvestigationFacts? look)
    {
        if (Read(json, StoredFactsJson.Failure) is not { Request: not null, Attempts: not null } facts) return null;
        var all = new FailureFacts(facts.Request, facts.Attempts);
        var failure = Classifier.Classify(all);
        if (look is not null) failure = Classifier.Refine(failure, look, facts.Context?.Now ?? entry.Time);
        return new FailureEvent
        {
            Time = entry.Time,
            Id = entry.Id,
            Incident = entry.Incident,
            TraceId = facts.TraceId,
            SpanId = facts.SpanId,
            Request = facts.Request,
            Attempts = facts.Attempts,
            Diagnosis = Explainer.Explain(all, failure, facts.Context, look),
            Status = entry.Status,
            ClientAddress = entry.Client,
            Saved = entry.Saved,
            Occurrences = entry.Occurrences,
        };
    }

    /// <summary>What a look found, of the failure it was taken for.</summary>
    public static FindingEvent? ReadFinding(string? json, InvestigationFacts? look, string incident, string failureId, DateTimeOffset time)
    {
        if (look is null || Read(json, StoredFactsJson.Failure) is not { Request: not null, Attempts: not null } facts) return null;
        var all = new FailureFacts(facts.Request, facts.Attempts);
        var observed = Classifier.Classify(all);
        return new FindingEvent
        {
            Time = time,
            Incident = incident,
            FailureId = failureId,
            Route = facts.Request.Route,
            Cluster = facts.Request.Cluster,
            Cause = CauseCatalogue.Get(observed.Cause.Id),
            Diagnosis = Explainer.Explain(all, Classifier.Refine(observed, look, facts.Context?.Now ?? time), facts.Context, look),
        };
    }

    private static T? Read<T>(string? json, JsonTypeInfo<T> type) where T : class
    {
        if (json is null) return null;
        try
        {
            return JsonSerializer.Deserialize(json, type);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            return null; // written by another version: its line of the list is all there is to show
        }
    }
}
