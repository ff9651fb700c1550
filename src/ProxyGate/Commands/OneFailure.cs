using System.Text.Json;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Incidents.Storing;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>
/// Looks for one failure in the event log, with what was found out about its incident afterwards; and where it is not there, in the store of
/// incidents, which knows also those of a storm that have no line of their own.
/// </summary>
internal sealed class OneFailure(string id, bool json, TextWriter output, TextWriter error)
{
    private readonly List<string> _findings = [];
    private string? _failure;
    private string? _incident;

    public void Take(string line)
    {
        if (_failure is null ? !line.Contains(id, StringComparison.Ordinal) : !line.Contains(_incident!, StringComparison.Ordinal)) return;
        if (Parse(line) is not { } e) return;
        if (Is(e, "schema", "proxygate.failure/1") && Is(e, "id", id)) (_failure, _incident) = (line, e.TryGetProperty("incident", out var incident) ? incident.GetString() ?? id : id);
        else if (_failure is not null && Is(e, "schema", "proxygate.finding/1") && Is(e, "incident", _incident!)) _findings.Add(line);
    }

    /// <param name="store">Opens the store of incidents; absent where it is not known which one belongs to the log.</param>
    public async Task<int> EndAsync(Func<Task<IIncidentStore?>>? store, CancellationToken cancellationToken)
    {
        if (_failure is null && store is not null && await StoredAsync(store, cancellationToken) is { Event: { } e } stored)
        {
            _failure = FailureEventJson.ToLine(e);
            if (stored.Folded is { } folded) Say(folded.InWords(e.Id));
        }

        if (_failure is null)
        {
            error.WriteLine($"proxygate: no failure {id} in this event log. It may be older than what is kept, or stand in another file (--file, --config).");
            error.WriteLine(store is null
                ? $"In a storm not every failure has a line of its own; the store of incidents knows which line stands for it: proxygate incidents {id}, with --config or --file for the store, or proxygate events --id {id} --config FILE."
                : "The store of incidents does not know it either: it was never written, or is no longer kept. For a visitor's failure, look at the incidents of that time: proxygate incidents --since 1h");
            return ExitCode.No;
        }

        if (json)
        {
            output.WriteLine(_failure);
            foreach (var finding in _findings) output.WriteLine(finding);
        }
        else
        {
            FailureText.Write(PageText.For(output), Parse(_failure)!.Value, [.. _findings.Select(f => Parse(f)!.Value)]);
        }

        return ExitCode.Fine;
    }

    private async Task<FailureWhole?> StoredAsync(Func<Task<IIncidentStore?>> open, CancellationToken cancellationToken)
    {
        try
        {
            await using var store = await open();
            return store is null ? null : await store.FailureAsync(id, cancellationToken);
        }
        catch (StoreException e)
        {
            await error.WriteLineAsync($"proxygate: {e.Message}");
            return null;
        }
    }

    /// <summary>Beside the lines, which are passed on as they are.</summary>
    private void Say(string note)
    {
        if (json)
        {
            error.WriteLine(note);
            return;
        }

        PageText.For(output).Paragraph(note, indent: 0);
        output.WriteLine();
    }

    private static bool Is(JsonElement e, string name, string value) => e.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String && member.ValueEquals(value);

    /// <summary>Null for a line that is no JSON object; a log may end in half a line.</summary>
    private static JsonElement? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
