using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Commands;

/// <summary>The ids people type: a failure's, and an incident's, which is the same behind <c>inc-</c>.</summary>
internal static class EventIds
{
    private const string Incident = "inc-";

    /// <summary>The id as it is written in the log.</summary>
    public static bool TryParse(string typed, out string id) => TryParseIncident(typed, out id) || FailureId.TryParse(typed.Trim(), out id);

    /// <summary>Only with its beginning, or it would be a failure's.</summary>
    public static bool TryParseIncident(string typed, out string id)
    {
        id = "";
        typed = typed.Trim();
        if (!typed.StartsWith(Incident, StringComparison.OrdinalIgnoreCase) || !FailureId.TryParse(typed[Incident.Length..], out var bare)) return false;
        id = Incident + bare;
        return true;
    }
}
