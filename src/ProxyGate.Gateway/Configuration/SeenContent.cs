namespace ProxyGate.Gateway.Configuration;

/// <summary>What the configuration file and the pages it names held at one moment, as hashes; empty for what could not be read.</summary>
internal sealed record SeenContent(byte[] Config, IReadOnlyDictionary<string, byte[]> Pages)
{
    /// <summary>Whether the configuration file and every page that <paramref name="other"/> knows hold the same here.</summary>
    public bool Holds(SeenContent other) =>
        Config.AsSpan().SequenceEqual(other.Config)
        && other.Pages.All(page => Pages.TryGetValue(page.Key, out var hash) && hash.AsSpan().SequenceEqual(page.Value));
}
