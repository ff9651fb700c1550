using System.Globalization;
using System.Text;
using System.Text.Json;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>
/// Reads <c>journalctl -o json</c> (Journal JSON Format, systemd.io). Only what systemd itself wrote, which the journal marks with its
/// process number, tells of an end; what the program printed is shown, never believed.
/// </summary>
internal sealed record UnitJournal
{
    /// <summary>Catalog ids: the main process ended; the unit failed with a result; a process was killed for want of memory.</summary>
    private const string ProcessExit = "98e322203f7a4ed290d09fe03c09fe15", Failed = "d9b373ed55a64feb8242e02dbe79a49c", OutOfMemory = "fe6faa94e7774663a0da52717891d8ef";

    private const int MostLines = 5;

    public static readonly string Fields = "MESSAGE,MESSAGE_ID,UNIT,UNIT_RESULT,EXIT_CODE,EXIT_STATUS,_PID";

    public DateTimeOffset? EndedAt { get; private init; }

    public int? ExitCode { get; private init; }

    public int? Signal { get; private init; }

    public bool OomKilled { get; private init; }

    public string? EndLine { get; private init; }

    /// <summary>The last lines, the program's and systemd's.</summary>
    public IReadOnlyList<string> Lines { get; private init; } = [];

    /// <param name="unit">The unit the journal was asked for.</param>
    /// <param name="output">One object a line, oldest first.</param>
    /// <param name="from">Ends before this are of no interest.</param>
    public static UnitJournal Parse(string unit, string output, DateTimeOffset from)
    {
        var journal = new UnitJournal();
        var lines = new List<string>();
        foreach (var line in output.Split('\n'))
        {
            if (line.Length == 0 || line[0] != '{') continue;
            try
            {
                using var entry = JsonDocument.Parse(line);
                var message = Text(entry.RootElement, "MESSAGE") ?? "";
                if (message.Length > 0) lines.Add(SecretMask.Lines(message));
                if (Text(entry.RootElement, "_PID") == "1" && At(entry.RootElement) is { } at && at >= from) journal = journal.With(unit, entry.RootElement, message, at);
            }
            catch (JsonException)
            {
                // Cut at the limit of output: what came before it counts.
                break;
            }
        }

        return journal with { Lines = [.. lines.TakeLast(MostLines)] };
    }

    private UnitJournal With(string unit, JsonElement entry, string message, DateTimeOffset at)
    {
        if (Text(entry, "UNIT") is { } of && of != unit) return this;
        var line = PlainText.Of(message, 300);
        switch (Text(entry, "MESSAGE_ID"))
        {
            case ProcessExit when message.StartsWith($"{unit}: Main process exited", StringComparison.Ordinal):
                var number = int.TryParse(Text(entry, "EXIT_STATUS"), NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : (int?)null;
                var exited = Text(entry, "EXIT_CODE") == "exited";
                return this with { EndedAt = at, ExitCode = exited ? number : null, Signal = exited ? null : number, EndLine = OomKilled ? EndLine : line };
            case Failed when Text(entry, "UNIT_RESULT") == "oom-kill":
            case OutOfMemory:
                return this with { EndedAt = at, OomKilled = true, EndLine = line };
            default:
                return this;
        }
    }

    /// <summary>A field is text, or an array of bytes where it is not valid UTF-8.</summary>
    private static string? Text(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value)) return null;
        if (value.ValueKind == JsonValueKind.String) return value.GetString();
        return value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(b => b.ValueKind == JsonValueKind.Number && b.TryGetByte(out _))
            ? Encoding.UTF8.GetString([.. value.EnumerateArray().Select(b => b.GetByte())])
            : null;
    }

    private static DateTimeOffset? At(JsonElement entry) =>
        long.TryParse(Text(entry, "__REALTIME_TIMESTAMP"), NumberStyles.None, CultureInfo.InvariantCulture, out var micros) && micros < 1L << 52
            ? DateTimeOffset.UnixEpoch + TimeSpan.FromMicroseconds(micros)
            : null;
}
