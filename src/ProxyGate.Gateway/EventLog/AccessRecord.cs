using System.Net;

namespace ProxyGate.Gateway.EventLog;

/// <summary>One answered, or abandoned, request for the access log. Strings from the client are raw; the formats escape them.</summary>
internal readonly record struct AccessRecord
{
    /// <summary>When the request was done, as nginx logs it.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The client as the gateway judges it (trusted proxies applied).</summary>
    public IPAddress? Client { get; init; }

    public string? User { get; init; }

    public required string Method { get; init; }

    /// <summary>Path and query as sent; the values of the query do not reach the log.</summary>
    public required string Target { get; init; }

    public required string Protocol { get; init; }

    public string? Host { get; init; }

    public required int Status { get; init; }

    /// <summary>Bytes of the answer's body.</summary>
    public long BytesSent { get; init; }

    public string? Referrer { get; init; }

    public string? UserAgent { get; init; }

    public double DurationMs { get; init; }

    public string? Route { get; init; }

    public string? Cluster { get; init; }

    public string? Destination { get; init; }

    public int? UpstreamStatus { get; init; }

    /// <summary>The cause, when the request failed.</summary>
    public string? Cause { get; init; }

    public string? FailureId { get; init; }

    public string? TraceId { get; init; }
}
