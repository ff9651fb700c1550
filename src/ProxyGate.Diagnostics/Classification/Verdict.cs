using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Classification;

/// <summary>What one rule says of one attempt: the cause, and where it departs from the cause's usual stage or party.</summary>
internal readonly record struct Verdict(string Cause, Confidence Confidence = Confidence.Proved, Stage? Stage = null, Party? Party = null);
