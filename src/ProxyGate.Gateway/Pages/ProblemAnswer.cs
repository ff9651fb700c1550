using System.Text.Json;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// application/problem+json (RFC 9457) for operators: everything, in the event's own shapes, and what stood around the failure.
/// </summary>
internal static class ProblemAnswer
{
    private const int MaxText = 1024;
    private static readonly JsonWriterOptions Options = new() { Indented = true };

    public static void Write(AnswerBuffer buffer, FailureEvent failure)
    {
        using var writer = new Utf8JsonWriter(buffer, Options);
        writer.WriteStartObject();
        WriteMembers(writer, failure);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, FailureEvent failure)
    {
        var diagnosis = failure.Diagnosis;
        var verdict = diagnosis.Failure;
        writer.WriteString("type", $"urn:proxygate:cause:{verdict.Cause.Id}");
        writer.WriteString("title", verdict.Cause.Title);
        writer.WriteNumber("status", failure.Status);
        writer.WriteString("detail", HostileText.Line(diagnosis.Sentence, MaxText));
        writer.WriteString("instance", $"urn:proxygate:failure:{failure.Id}");
        writer.WriteString("cause", verdict.Cause.Id);
        writer.WriteString("stage", ContractNames.Of(verdict.Stage));
        writer.WriteString("party", ContractNames.Of(verdict.Party));
        writer.WriteString("confidence", ContractNames.Of(verdict.Confidence));
        writer.WriteString("id", failure.Id);
        writer.WriteString("incident", HostileText.Line(failure.Incident, 256));
        writer.WriteString("time", failure.Time.UtcDateTime);
        writer.WriteBoolean("retryable", verdict.Cause.Retryable);
        if (diagnosis.DoesNotProve.Length > 0) writer.WriteString("does_not_prove", HostileText.Line(diagnosis.DoesNotProve, MaxText));
        WriteChain(writer, failure);
        FailureEventJson.WriteAttempts(writer, failure);
        FailureEventJson.WriteHints(writer, failure);
        if (failure.Request.Unhealthy.Count > 0) FailureEventJson.WriteUnhealthy(writer, failure);
        FailureEventJson.WriteFlow(writer, failure);
        ProblemMembers.WriteLines(writer, "checks", diagnosis.Checks);
        ProblemMembers.WritePossibilities(writer, diagnosis);
        ProblemMembers.WriteLook(writer, failure);
        if (diagnosis.Context is { } context) ContextJson.Write(writer, context, diagnosis.ContextLines);
        ProblemMembers.WriteEquivalents(writer, diagnosis);
        writer.WriteString("nginx_message", HostileText.Line(diagnosis.NginxMessage, MaxText));
    }

    private static void WriteChain(Utf8JsonWriter writer, FailureEvent failure)
    {
        writer.WriteStartArray("chain");
        foreach (var link in failure.Diagnosis.Chain)
        {
            writer.WriteStartObject();
            writer.WriteString("name", link.Name);
            writer.WriteString("state", LinkWords.State(link.State));
            if (link.Milliseconds is { } ms && double.IsFinite(ms)) writer.WriteNumber("ms", Math.Round(ms, 3));
            writer.WriteString("detail", HostileText.Line(link.Detail, 256));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
