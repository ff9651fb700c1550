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

    /// <summary>The look in words, its facts, and what it could not see, in the shapes of the finding event.</summary>
    public static void WriteLook(Utf8JsonWriter writer, FailureEvent failure)
    {
        WriteLines(writer, "findings", failure.Diagnosis.Findings);
        if (failure.Diagnosis.Investigation is not { } look) return;
        writer.WritePropertyName("investigation");
        InvestigationJson.Write(writer, look);
        writer.WriteStartArray("not_seen");
        foreach (var blind in look.NotSeen.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("what", HostileText.Line(blind.What, MaxText));
            writer.WriteString("why", HostileText.Line(blind.Why, MaxText));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
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
