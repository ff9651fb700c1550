using System.Net;

namespace ProxyGate.Gateway.Names;

/// <summary>What is known of one name.</summary>
/// <param name="Addresses">The last good answer, sorted; empty when there never was one.</param>
/// <param name="AsOf">When that was.</param>
/// <param name="Failing">Since when it cannot be looked up; absent when it can.</param>
/// <param name="Cause">Why not, as a cause's id.</param>
internal sealed record KnownName(IReadOnlyList<IPAddress> Addresses, DateTimeOffset? AsOf, DateTimeOffset? Failing, string? Cause)
{
    public static KnownName Nothing { get; } = new([], null, null, null);
}
