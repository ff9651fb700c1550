using System.Text.Json;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>Looks for one failure in the event log, with what was found out about its incident afterwards.</summary>
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

    public int End()
    {
        if (_failure is null)
        {
            error.WriteLine($"proxygate: no failure {id} in this event log. It may be older than what is kept, or stand in another file (--file, --config).");
            error.WriteLine("In a storm not every failure has a line of its own. What an operator gets also names the incident, which has: proxygate incidents inc-..., or proxygate events --id inc-... For a visitor's failure, look at the incidents of that time: proxygate incidents --since 1h");
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
