using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Diagnostics.Events;

/// <summary>What a look after a failure found (schema <c>proxygate.finding/1</c>): one record for each look, with the incident it belongs to.</summary>
public sealed record FindingEvent
{
    public const string SchemaName = "proxygate.finding/1";

    public required DateTimeOffset Time { get; init; }

    /// <summary>The incident the failure belongs to.</summary>
    public required string Incident { get; init; }

    /// <summary>The id of the failure that was looked into.</summary>
    public required string FailureId { get; init; }

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    /// <summary>What the attempt itself showed.</summary>
    public required Cause Cause { get; init; }

    /// <summary>The failure explained with the look: its cause may be a finer one than <see cref="Cause"/>. Its investigation is present.</summary>
    public required Diagnosis Diagnosis { get; init; }
}
