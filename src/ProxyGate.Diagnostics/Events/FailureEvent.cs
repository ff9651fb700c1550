using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Events;

/// <summary>The one record of a failed request (schema <c>proxygate.failure/1</c>).</summary>
public sealed record FailureEvent
{
    public const string SchemaName = "proxygate.failure/1";

    public required DateTimeOffset Time { get; init; }

    /// <summary>Short, readable aloud, the same in page, header and log.</summary>
    public required string Id { get; init; }

    /// <summary>The incident this failure belongs to.</summary>
    public required string Incident { get; init; }

    public string? TraceId { get; init; }

    public string? SpanId { get; init; }

    public required RequestFacts Request { get; init; }

    public required IReadOnlyList<AttemptFacts> Attempts { get; init; }

    public required Diagnosis Diagnosis { get; init; }

    /// <summary>The status sent to the client; 499 when it had gone.</summary>
    public required int Status { get; init; }

    /// <summary>The client's address as the gateway judges it (trusted proxies applied).</summary>
    public required string ClientAddress { get; init; }

    /// <summary>Whether a later attempt answered the client well.</summary>
    public bool Saved { get; init; }

    /// <summary>How many alike failures this line stands for.</summary>
    public long Occurrences { get; init; } = 1;
}
