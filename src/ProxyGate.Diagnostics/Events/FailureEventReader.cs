using System.Globalization;
using System.Text.Json;

namespace ProxyGate.Diagnostics.Events;

/// <summary>What one line of an event log turned out to be.</summary>
public enum EventLineKind
{
    /// <summary>A failure event, of this or a later minor shape.</summary>
    Failure,
    /// <summary>Word of events that could not be written; see <see cref="FailureEventReader.Dropped"/>.</summary>
    Dropped,
    /// <summary>Valid JSON that is no failure event: another of ProxyGate's events, or somebody else's.</summary>
    Other,
    /// <summary>No JSON object: cut short, or not a line of ours.</summary>
    Bad,
}

/// <summary>Reads lines of the event log tolerantly: unknown properties are passed over, missing or mistyped ones are left at their default.</summary>
public static class FailureEventReader
{
    private const string DroppedFamily = "proxygate.dropped/";
    private const string SchemaFamily = "proxygate.failure/";

    public static EventLineKind Read(string line, out FailureEventLine? failure)
    {
        ArgumentNullException.ThrowIfNull(line);
        failure = null;
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return EventLineKind.Bad;
            var schema = Text(root, "schema") ?? "";
            if (schema.StartsWith(DroppedFamily, StringComparison.Ordinal)) return EventLineKind.Dropped;
            if (!schema.StartsWith(SchemaFamily, StringComparison.Ordinal)) return EventLineKind.Other;
            failure = Read(root);
            return EventLineKind.Failure;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: an escaped lone surrogate
        {
            return EventLineKind.Bad;
        }
    }

    /// <summary>How many events a line of kind <see cref="EventLineKind.Dropped"/> stands for; 0 when it does not say.</summary>
    public static long Dropped(string line)
    {
        using var document = JsonDocument.Parse(line);
        return Math.Max(0, (long)(Number(document.RootElement, "dropped") ?? 0));
    }

    private static FailureEventLine Read(JsonElement root)
    {
        var client = Member(root, "client", JsonValueKind.Object);
        var attempts = Member(root, "attempts", JsonValueKind.Array);
        var hints = Member(root, "hints", JsonValueKind.Array);
        var count = attempts?.GetArrayLength() ?? 0;
        return new FailureEventLine
        {
            Time = DateTimeOffset.TryParse(Text(root, "@t"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null,
            Id = Text(root, "id") ?? "",
            Incident = Text(root, "incident") ?? "",
            Route = Text(root, "route"),
            Cluster = Text(root, "cluster"),
            Destination = Text(root, "destination"),
            Cause = Text(root, "cause") ?? "",
            Stage = Text(root, "stage") ?? "",
            Party = Text(root, "party") ?? "",
            Status = (int)(Number(root, "status") ?? 0),
            Saved = Member(root, "saved", JsonValueKind.True) is not null,
            Occurrences = Math.Max(1, (long)(Number(root, "occurrences") ?? 1)),
            DurationMs = Number(root, "duration_ms"),
            Method = Text(client, "method") ?? "",
            Host = Text(client, "host") ?? "",
            Path = Text(client, "path") ?? "",
            ClientAddress = Text(client, "address") ?? "",
            Attempts = count,
            Address = count > 0 ? AddressOf(attempts!.Value[count - 1]) : null,
            Hint = hints is { } some && some.GetArrayLength() > 0 ? Text(some[0], "id") : null,
        };
    }

    private static string? AddressOf(JsonElement attempt)
    {
        if (Text(attempt, "address") is { } reached) return reached;
        return Member(attempt, "addresses_tried", JsonValueKind.Array) is { } tried && tried.GetArrayLength() is > 0 and var count
            ? Text(tried[count - 1], "address")
            : null;
    }

    private static JsonElement? Member(JsonElement? from, string name, JsonValueKind kind) =>
        from is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var value) && value.ValueKind == kind ? value : null;

    private static string? Text(JsonElement? from, string name) => Member(from, name, JsonValueKind.String)?.GetString();

    private static double? Number(JsonElement from, string name) =>
        Member(from, name, JsonValueKind.Number) is { } value && value.TryGetDouble(out var number) ? number : null;
}
