namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The part of a cause's guide that is ours alone: what it means, and what usually stands behind it, the most frequent first.</summary>
internal sealed record GuideText(string Meaning, params RootCause[] RootCauses);
