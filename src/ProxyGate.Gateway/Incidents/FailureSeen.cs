using System.Net;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Incidents;

/// <summary>One failure, as far as incidents care.</summary>
internal readonly record struct FailureSeen
{
    public required string Cause { get; init; }

    /// <summary>Absent when no route was found.</summary>
    public string? Route { get; init; }

    public string? Cluster { get; init; }

    /// <summary>Absent when no destination was chosen.</summary>
    public string? Destination { get; init; }

    /// <summary>The client is the one at fault: the failure says nothing of route and destination, and no good answer mends it.</summary>
    public bool ByClient { get; init; }

    /// <summary>The request had reached the app, so that the path may be what makes the difference.</summary>
    public bool ReachedApp { get; init; }

    public string Method { get; init; }

    /// <summary>Without a query.</summary>
    public string? Path { get; init; }

    /// <summary>Absent on a unix socket.</summary>
    public IPAddress? Client { get; init; }

    /// <summary>Another attempt answered the client well.</summary>
    public bool Saved { get; init; }

    /// <summary>The other destinations of the cluster.</summary>
    public IReadOnlyList<string>? Neighbours { get; init; }
}

/// <summary>A failure that has been counted, and what else is known at that moment.</summary>
/// <param name="Id">The incident it belongs to.</param>
/// <param name="Context">Without the configuration's part.</param>
internal readonly record struct FailureCounted(string Id, FailureContext Context);
