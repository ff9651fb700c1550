using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Incidents.Storing;

/// <summary>A failure as it is stored: what was seen, and what was known around it.</summary>
internal sealed record StoredFailure(string? TraceId, string? SpanId, RequestFacts Request, IReadOnlyList<AttemptFacts> Attempts, FailureContext? Context);
