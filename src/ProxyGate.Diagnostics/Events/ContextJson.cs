using System.Globalization;
using System.Text.Json;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Events;

/// <summary>What stood around a failure, as the event's property <c>context</c>; null where nobody knew. Every member is always present.</summary>
public static class ContextJson
{
    private const int MaxWord = 256;
    private const int MaxText = 1024;
    private const int MaxPath = 2048;
    private const int MaxItems = 32;

    /// <summary>Writes the property with its value into the object being written.</summary>
    /// <param name="inWords">The same in plain sentences, where it is shown to people.</param>
    public static void Write(Utf8JsonWriter writer, FailureContext? context, IReadOnlyList<string>? inWords = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        if (context is null)
        {
            writer.WriteNull("context");
            return;
        }

        writer.WriteStartObject("context");
        Time(writer, "since", context.FirstSeen);
        writer.WriteNumber("count", context.Count);
        writer.WriteNumber("saved", context.Saved);
        writer.WriteNumber("recoveries", context.Recoveries);
        Time(writer, "last_success", context.LastSuccess);
        Time(writer, "gateway_started", context.GatewayStarted);
        writer.WriteString("route_source", HostileText.Line(context.RouteSource, MaxWord));
        writer.WriteString("route_match", HostileText.Line(context.RouteMatch, MaxText));
        writer.WriteString("destination_source", HostileText.Line(context.DestinationSource, MaxWord));
        WriteList(writer, "paths", context.Paths, MaxPath);
        writer.WriteBoolean("other_paths_answer", context.OtherPathsAnswer);
        WriteList(writer, "other_failing_routes", context.OtherFailingRoutes, MaxWord);
        WriteNeighbours(writer, context.Neighbours);
        if (inWords is not null) WriteList(writer, "in_words", inWords, MaxText);
        writer.WriteEndObject();
    }

    private static void WriteNeighbours(Utf8JsonWriter writer, IReadOnlyList<NeighbourState> neighbours)
    {
        writer.WriteStartArray("neighbours");
        foreach (var neighbour in neighbours.Take(MaxItems))
        {
            writer.WriteStartObject();
            writer.WriteString("destination", HostileText.Line(neighbour.Destination, MaxWord));
            Time(writer, "last_success", neighbour.LastSuccess);
            writer.WriteString("failing_with", neighbour.FailingWith);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> items, int maxLength)
    {
        writer.WriteStartArray(name);
        foreach (var item in items.Take(MaxItems)) writer.WriteStringValue(HostileText.Line(item, maxLength));
        writer.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter writer, string name, DateTimeOffset? time)
    {
        if (time is { } at) writer.WriteString(name, at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        else writer.WriteNull(name);
    }
}
