using System.Globalization;
using System.Text;
using System.Text.Json;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>A container as its engine tells it: the answer of <c>GET /containers/ID/json</c>, which Docker and Podman share.</summary>
internal sealed record ContainerSeen
{
    /// <summary><c>docker</c> or <c>podman</c>.</summary>
    public required string Engine { get; init; }

    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary><c>running</c>, <c>restarting</c>, <c>exited</c>, <c>dead</c>, <c>created</c>, <c>paused</c>.</summary>
    public required string Status { get; init; }

    public bool OomKilled { get; init; }

    /// <summary>Of its last end; the engine resets it when it starts again.</summary>
    public int? ExitCode { get; init; }

    public int? Restarts { get; init; }

    public int? Pid { get; init; }

    public long? MemoryLimit { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public IReadOnlyList<string> LogLines { get; init; } = [];

    public bool Running => Status is "running" or "paused";

    public string Detail => string.Create(CultureInfo.InvariantCulture,
        $"{Engine} container {Name}: {Status}, OOMKilled={(OomKilled ? "true" : "false")}, exit code {ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "unknown"}, restarts {Restarts ?? 0}");

    public static ContainerSeen? Parse(string engine, JsonElement container)
    {
        if (Text(container, "Id") is not { } id || !container.TryGetProperty("State", out var state) || state.ValueKind != JsonValueKind.Object) return null;
        var running = Text(state, "Status") is "running" or "paused";
        return new ContainerSeen
        {
            Engine = engine,
            Id = id,
            Name = PlainText.Of((Text(container, "Name") ?? id[..Math.Min(12, id.Length)]).TrimStart('/'), 100),
            Status = PlainText.Of(Text(state, "Status") ?? "unknown", 30),
            OomKilled = state.TryGetProperty("OOMKilled", out var oom) && oom.ValueKind == JsonValueKind.True,
            ExitCode = running ? null : (int?)Number(state, "ExitCode"),
            Restarts = (int?)Number(container, "RestartCount"),
            Pid = Number(state, "Pid") is > 0 and var pid ? (int)pid : null,
            MemoryLimit = container.TryGetProperty("HostConfig", out var host) && host.ValueKind == JsonValueKind.Object && Number(host, "Memory") is > 0 and var memory ? memory : null,
            StartedAt = Moment(state, "StartedAt"),
            FinishedAt = Moment(state, "FinishedAt"),
        };
    }

    /// <summary>
    /// The lines of <c>GET /containers/ID/logs</c>: without a terminal, each piece comes after eight bytes that tell its stream and length.
    /// </summary>
    internal static IReadOnlyList<string> ParseLog(ReadOnlySpan<byte> bytes, int most)
    {
        var text = new StringBuilder();
        var framed = bytes.Length >= 8 && bytes[0] <= 2 && bytes[1..4].IndexOfAnyExcept((byte)0) < 0;
        while (framed && bytes.Length >= 8)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(bytes[4..]);
            var piece = (int)Math.Min(length, (uint)bytes.Length - 8);
            text.Append(Encoding.UTF8.GetString(bytes.Slice(8, piece)));
            bytes = bytes[(8 + piece)..];
        }

        if (!framed) text.Append(Encoding.UTF8.GetString(bytes));
        return [.. text.ToString().Split('\n').Select(SecretMask.Lines).Where(l => l.Length > 0).TakeLast(most)];
    }

    internal static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    internal static long? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    /// <summary>The year 1 stands for never.</summary>
    internal static DateTimeOffset? Moment(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
        && value.TryGetDateTimeOffset(out var at) && at.Year > 1970
            ? at
            : null;
}
