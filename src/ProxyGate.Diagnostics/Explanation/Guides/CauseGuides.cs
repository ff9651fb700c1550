using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The guide of every cause, in the catalogue's order. The tables follow the life of a request; tests hold them to the catalogue.</summary>
public static class CauseGuides
{
    private static readonly Dictionary<string, GuideText> s_texts = new[]
    {
        RouteGuides.Table, PolicyGuides.Table, ClientGuides.Table, NameGuides.Table, ConnectGuides.Table, LocalGuides.Table, HandshakeGuides.Table,
        CertificateGuides.Table, SilenceGuides.Table, UpstreamProcessGuides.Table, AnswerGuides.Table, Http2Guides.Table, BodyGuides.Table, UpgradeGuides.Table,
    }.SelectMany(t => t).ToDictionary();

    public static IReadOnlyList<CauseGuide> All { get; } = [.. CauseCatalogue.All.Select(c => Assemble(c.Id))];

    private static readonly Dictionary<string, CauseGuide> s_byId = All.ToDictionary(g => g.Id);

    /// <summary>The guide of this cause; throws <see cref="KeyNotFoundException"/> for an id that is not in the catalogue.</summary>
    public static CauseGuide Of(string id) => s_byId[id];

    private static CauseGuide Assemble(string id) => new()
    {
        Id = id,
        Meaning = s_texts[id].Meaning,
        RootCauses = s_texts[id].RootCauses,
        Equivalents = EquivalentTables.Of(id),
    };
}
