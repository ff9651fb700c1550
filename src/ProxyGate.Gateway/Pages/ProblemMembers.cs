using System.Text.Json;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages;

/// <summary>The members of an operator's problem details beyond the event's own: what stood around the failure and what else could be behind it.</summary>
internal static class ProblemMembers
{
    private const int MaxText = 1024;
    private const int MaxWord = 300;
    private const int MaxItems = 24;

    public static void WriteLines(Utf8JsonWriter writer, string name, IReadOnlyList<string> lines, int maxLength = MaxText)
    {
        writer.WriteStartArray(name);
        for (var i = 0; i < lines.Count && i < MaxItems; i++) writer.WriteStringValue(HostileText.Line(lines[i], maxLength));
        writer.WriteEndArray();
    }

    public static void WritePossibilities(Utf8JsonWriter writer, Diagnosis diagnosis)
    {
        writer.WriteStartArray("possibilities");
        foreach (var possibility in diagnosis.Possibilities.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("id", HostileText.Line(possibility.Id, MaxWord));
            writer.WriteString("title", HostileText.Line(possibility.Title, MaxWord));
            writer.WriteString("tell_apart", HostileText.Line(possibility.TellApart, MaxText));
            WriteLines(writer, "confirm", possibility.Confirm);
            WriteLines(writer, "fix", possibility.Fix);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public static void WriteLook(Utf8JsonWriter writer, FailureEvent failure)
    {
        WriteLines(writer, "findings", failure.Diagnosis.Findings);
        if (failure.Diagnosis.Investigation is not { } look) return;
        writer.WriteStartObject("investigation");
        writer.WriteString("destination", HostileText.Line(look.Destination, MaxWord));
        writer.WriteString("address", HostileText.Line(look.Address, MaxWord));
        writer.WriteString("at", look.At.UtcDateTime);
        if (double.IsFinite(look.DurationMs)) writer.WriteNumber("duration_ms", Math.Round(look.DurationMs, 3));
        writer.WriteStartArray("not_seen");
        foreach (var blind in look.NotSeen.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("what", HostileText.Line(blind.What, MaxWord));
            writer.WriteString("why", HostileText.Line(blind.Why, MaxWord));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    public static void WriteContext(Utf8JsonWriter writer, FailureContext context, IReadOnlyList<string> inWords)
    {
        writer.WriteStartObject("context");
        WriteLines(writer, "in_words", inWords);
        writer.WriteString("now", context.Now.UtcDateTime);
        if (context.RouteSource is { } route) writer.WriteString("route_source", HostileText.Line(route, MaxWord));
        if (context.RouteMatch is { } match) writer.WriteString("route_match", HostileText.Line(match, MaxWord));
        if (context.DestinationSource is { } destination) writer.WriteString("destination_source", HostileText.Line(destination, MaxWord));
        if (context.FirstSeen is { } first) writer.WriteString("first_seen", first.UtcDateTime);
        writer.WriteNumber("count", context.Count);
        writer.WriteNumber("saved", context.Saved);
        if (context.LastSuccess is { } success) writer.WriteString("last_success", success.UtcDateTime);
        if (context.GatewayStarted is { } started) writer.WriteString("gateway_started", started.UtcDateTime);
        writer.WriteStartArray("neighbours");
        foreach (var neighbour in context.Neighbours.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("destination", HostileText.Line(neighbour.Destination, MaxWord));
            if (neighbour.LastSuccess is { } well) writer.WriteString("last_success", well.UtcDateTime);
            if (neighbour.FailingWith is { } cause) writer.WriteString("failing_with", HostileText.Line(cause, MaxWord));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteLines(writer, "other_failing_routes", context.OtherFailingRoutes, MaxWord);
        WriteLines(writer, "paths", context.Paths, MaxWord);
        writer.WriteBoolean("other_paths_answer", context.OtherPathsAnswer);
        writer.WriteEndObject();
    }

    public static void WriteEquivalents(Utf8JsonWriter writer, Diagnosis diagnosis)
    {
        writer.WriteStartArray("equivalents");
        foreach (var equivalent in diagnosis.Equivalents.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("system", HostileText.Line(equivalent.System, MaxWord));
            writer.WriteString("message", HostileText.Line(equivalent.Message, MaxWord));
            if (equivalent.Difference.Length > 0) writer.WriteString("difference", HostileText.Line(equivalent.Difference, MaxText));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
