using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>One line of the event log, with what tests look it up by.</summary>
/// <param name="Line">The line itself.</param>
/// <param name="Id">The failure's id; empty for events that are no failures.</param>
/// <param name="Route">Empty when none was found.</param>
/// <param name="Path">Empty for requests that never got as far.</param>
/// <param name="Cause">The cause's id.</param>
/// <param name="Saved">Whether a later attempt answered the client well.</param>
/// <param name="Time">When it was logged.</param>
internal sealed record LoggedEvent(string Line, string Id, string Route, string Path, string Cause, bool Saved, DateTimeOffset Time)
{
    public JsonObject Json() => JsonNode.Parse(Line)!.AsObject();

    public static LoggedEvent Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        var root = document.RootElement;
        return new LoggedEvent(
            line,
            Text(root, "id"),
            Text(root, "route"),
            root.TryGetProperty("client", out var client) ? Text(client, "path") : "",
            Text(root, "cause"),
            root.TryGetProperty("saved", out var saved) && saved.ValueKind == JsonValueKind.True,
            DateTimeOffset.Parse(Text(root, "@t"), CultureInfo.InvariantCulture));
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}

/// <summary>
/// Follows an event file: each line is read and parsed once, however many tests wait for theirs. A rolled file is read to its end before
/// the new one is begun.
/// </summary>
internal sealed class EventTail(string path) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private readonly SemaphoreSlim _gate = new(1);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly MemoryStream _partial = new();
    private readonly ConcurrentDictionary<string, LoggedEvent> _byId = new();
    private readonly ConcurrentDictionary<string, bool> _claimed = new();
    private readonly List<LoggedEvent> _all = [];
    private FileStream? _file;

    /// <summary>Everything logged so far.</summary>
    public async Task<IReadOnlyList<LoggedEvent>> AllAsync(CancellationToken cancellationToken)
    {
        await ReadAsync(cancellationToken);
        lock (_all) return [.. _all];
    }

    public async Task<LoggedEvent> ByIdAsync(string id, string complaint, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            await ReadAsync(cancellationToken);
            if (_byId.TryGetValue(id, out var found)) return found;
            if (waited.Elapsed > Patience) throw new TimeoutException(complaint);
            await Task.Delay(20, cancellationToken);
        }
    }

    /// <summary>The first event that matches and that nobody else took: tests that run at once must not share one.</summary>
    public Task<LoggedEvent> TakeAsync(Func<LoggedEvent, bool> match, string complaint, CancellationToken cancellationToken) =>
        FirstAsync(e => match(e) && _claimed.TryAdd(e.Id, true), complaint, cancellationToken);

    public async Task<LoggedEvent> FirstAsync(Func<LoggedEvent, bool> match, string complaint, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        for (var seen = 0; ;)
        {
            await ReadAsync(cancellationToken);
            LoggedEvent[] news;
            lock (_all) news = [.. _all.Skip(seen)];
            seen += news.Length;
            if (news.FirstOrDefault(match) is { } found) return found;
            if (waited.Elapsed > Patience) throw new TimeoutException(complaint);
            await Task.Delay(20, cancellationToken);
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                if (_file is null && !Open()) return;
                await ReadToEndAsync(_file!, cancellationToken);
                if (!WasRolled(_file!)) return;
                // What was written between our last read and the rolling.
                await ReadToEndAsync(_file!, cancellationToken);
                await _file!.DisposeAsync();
                _file = null;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private bool Open()
    {
        if (!File.Exists(path)) return false;
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return true;
    }

    /// <summary>A file that is longer than what stands at its path now was moved away.</summary>
    private bool WasRolled(FileStream file) => new FileInfo(path) is { Exists: true } now && now.Length < file.Position;

    private async Task ReadToEndAsync(FileStream file, CancellationToken cancellationToken)
    {
        int read;
        while ((read = await file.ReadAsync(_buffer, cancellationToken)) > 0)
        {
            var bytes = _buffer.AsMemory(0, read);
            for (int end; (end = bytes.Span.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
            {
                _partial.Write(bytes.Span[..end]);
                Add(Encoding.UTF8.GetString(_partial.GetBuffer(), 0, (int)_partial.Length));
                _partial.SetLength(0);
            }

            _partial.Write(bytes.Span);
        }
    }

    private void Add(string line)
    {
        if (line.Length == 0) return;
        var logged = LoggedEvent.Parse(line);
        lock (_all) _all.Add(logged);
        if (logged.Id.Length > 0) _byId[logged.Id] = logged;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _partial.Dispose();
        _gate.Dispose();
    }
}
