namespace ProxyGate.Simulation;

/// <summary>What the gateway's cluster must be told for a fault, beside its address.</summary>
public sealed record FaultClusterSettings
{
    public static FaultClusterSettings Default { get; } = new();

    /// <summary>Whether there is a route to it at all.</summary>
    public bool HasRoute { get; init; } = true;

    /// <summary>Whether the path is passed on with the fault's prefix (a loop must meet its own route again).</summary>
    public bool KeepsPath { get; init; }

    /// <summary>YARP's <c>HttpRequest:Version</c>, e.g. <c>2</c>.</summary>
    public string? HttpVersion { get; init; }

    /// <summary>YARP's <c>HttpRequest:VersionPolicy</c>.</summary>
    public string? VersionPolicy { get; init; }

    /// <summary>PEM file of the roots to trust.</summary>
    public string? TrustedCaFile { get; init; }

    /// <summary>The name to send and verify in TLS.</summary>
    public string? ServerName { get; init; }

    /// <summary>PEM file of the certificate to present.</summary>
    public string? ClientCertificateFile { get; init; }

    /// <summary>PEM file of its key.</summary>
    public string? ClientKeyFile { get; init; }

    /// <summary>How many failures open the destination's circuit; absent: it has none, so that every visit meets the fault itself.</summary>
    public int? FailuresToOpen { get; init; }

    /// <summary>Whether requests that fail take the destination out of use (YARP's passive health check).</summary>
    public bool HeedsFailures { get; init; }

    /// <summary>How many requests the destination may have at once; further ones do not wait.</summary>
    public int? MaxPerDestination { get; init; }

    /// <summary>The limit of the whole request.</summary>
    public TimeSpan? Total { get; init; }

    /// <summary>How many requests the gateway as a whole takes on at once (<see cref="Fault.RequiresOwnGateway"/>).</summary>
    public int? MaxRequests { get; init; }

    internal static FaultClusterSettings Http2 { get; } = new() { HttpVersion = "2", VersionPolicy = "RequestVersionExact" };
}
