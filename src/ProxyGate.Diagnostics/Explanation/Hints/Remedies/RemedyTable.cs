namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The remedy of every root cause in <see cref="HintGuides"/>; a test holds the two lists to each other.</summary>
internal static class RemedyTable
{
    private static readonly Dictionary<string, Remedy> ById = new[]
    {
        ProcessRemedies.Table, AddressRemedies.Table, NetworkRemedies.Table, NameRemedies.Table, TlsRemedies.Table, CertificateRemedies.Table,
        ProtocolRemedies.Table, SizeRemedies.Table, LoadRemedies.Table, GatewayRemedies.Table, ClientRemedies.Table,
    }.SelectMany(t => t).ToDictionary();

    private static readonly Remedy None = new(_ => [], _ => []);

    public static IReadOnlyCollection<string> Ids => ById.Keys;

    /// <summary>Total: an id without a remedy has no lines.</summary>
    public static Remedy Of(string id) => ById.TryGetValue(id, out var remedy) ? remedy : None;
}
