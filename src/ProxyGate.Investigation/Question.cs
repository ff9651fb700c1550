using System.Net;

namespace ProxyGate.Investigation;

/// <summary>What to look at: one address that the gateway's configuration names and an attempt just used. Nothing of the client's request is in it.</summary>
public sealed record Question
{
    /// <summary>The destination's id.</summary>
    public required string Destination { get; init; }

    /// <summary>Scheme, name and port as configured, e.g. <c>https://app:8443</c>.</summary>
    public required string ConfiguredUrl { get; init; }

    /// <summary>The IP address and port connected to or tried; absent for a unix socket, or when the name did not resolve.</summary>
    public IPEndPoint? Address { get; init; }

    /// <summary>The path of the unix socket.</summary>
    public string? SocketPath { get; init; }

    /// <summary>The local end of the failed connection, where there was one: it finds the peer's socket on this machine.</summary>
    public IPEndPoint? LocalAddress { get; init; }

    /// <summary>The cause's id: it decides which techniques are worth their time.</summary>
    public required string Cause { get; init; }

    public required DateTimeOffset FailedAt { get; init; }

    /// <summary>The path of the configured health endpoint; absent when none is configured.</summary>
    public string? HealthPath { get; init; }

    /// <summary>The server name for TLS, where one is configured.</summary>
    public string? ServerName { get; init; }

    /// <summary>
    /// Whether a person looks by hand: then nothing is remembered from before that could be missed, and the service manager is asked about
    /// an app that runs well, too.
    /// </summary>
    public bool ByHand { get; init; }

    /// <summary>The systemd unit the person named: it is asked about however long ago it ended.</summary>
    public string? Unit { get; init; }

    /// <summary>The addresses of the configuration's other destinations on the same host: the only other ports that may be tried.</summary>
    public IReadOnlyList<IPEndPoint> OtherConfigured { get; init; } = [];
}
