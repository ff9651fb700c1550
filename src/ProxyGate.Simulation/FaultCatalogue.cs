using ProxyGate.Simulation.Faults;
using ProxyGate.Simulation.Namespaces;

namespace ProxyGate.Simulation;

/// <summary>Every fault there is, family by family.</summary>
public static class FaultCatalogue
{
    public static IReadOnlyList<Fault> All { get; } =
    [
        .. NamespaceFaults.Names, .. ConnectFaults.All, .. UnixFaults.All, .. NamespaceFaults.Connections, .. TlsFaults.All, .. SchemeFaults.All,
        .. TimeFaults.All, .. ClosedFaults.All, .. MalformedFaults.All, .. ForeignFaults.All,
        .. UpgradeFaults.All, .. Http2Faults.All, .. AppFaults.All, .. ClientFaults.All, .. GatewayFaults.All, .. ControlFaults.All,
    ];

    private static readonly Dictionary<string, Fault> s_byId = All.ToDictionary(fault => fault.Id, StringComparer.OrdinalIgnoreCase);

    public static Fault? Find(string id) => s_byId.GetValueOrDefault(id);

    /// <summary>The id that is spelled most like <paramref name="id"/>.</summary>
    public static string Nearest(string id) => All.MinBy(fault => Distance(fault.Id, id.ToLowerInvariant()))!.Id;

    /// <summary>How many letters must be added, left out or changed (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                var changed = diagonal + (one[i - 1] == other[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[other.Length];
    }
}
