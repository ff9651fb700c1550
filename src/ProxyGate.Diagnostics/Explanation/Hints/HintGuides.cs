using System.Diagnostics.CodeAnalysis;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints.Meanings;

namespace ProxyGate.Diagnostics.Explanation.Hints;

/// <summary>
/// Every root cause ProxyGate has a name for. Some are given as hints from the facts of a failure, some only after a look at network and
/// host, and some are never more than a possibility that a person can check. Ids are never renamed or reused.
/// </summary>
public static class HintGuides
{
    /// <summary>By theme: process, address, network, name, TLS, protocol, load, gateway, client.</summary>
    public static IReadOnlyList<HintGuide> All { get; } =
    [
        .. ProcessMeanings.Table, .. AddressMeanings.Table, .. NetworkMeanings.Table, .. NameMeanings.Table, .. TlsMeanings.Table,
        .. ProtocolMeanings.Table, .. LoadMeanings.Table, .. GatewayMeanings.Table, .. ClientMeanings.Table,
    ];

    private static readonly Dictionary<string, HintGuide> ById = All.ToDictionary(g => g.Id);

    /// <summary>The guide with this id; throws <see cref="KeyNotFoundException"/> for an id that is not in the list.</summary>
    public static HintGuide Get(string id) => ById[id];

    public static bool TryGet(string id, [NotNullWhen(true)] out HintGuide? guide) => ById.TryGetValue(id, out guide);
}
