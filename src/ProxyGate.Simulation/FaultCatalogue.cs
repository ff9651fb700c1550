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
}
