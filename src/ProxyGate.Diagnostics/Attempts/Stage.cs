namespace ProxyGate.Diagnostics.Attempts;

/// <summary>Where the conversation stood when it failed. The names are the contract's <c>stage</c> values in lower case.</summary>
public enum Stage
{
    /// <summary>Choosing a route, cluster and destination.</summary>
    Route,
    /// <summary>Resolving the destination's name.</summary>
    Dns,
    /// <summary>Opening the TCP or unix-socket connection.</summary>
    Connect,
    /// <summary>The TLS handshake with the upstream.</summary>
    Tls,
    /// <summary>Sending the request head or body to the upstream.</summary>
    Send,
    /// <summary>Waiting for, or reading, the response head.</summary>
    Head,
    /// <summary>Reading the response body or trailers.</summary>
    Body,
    /// <summary>A 101 (or extended CONNECT) was asked for, or the tunnel was running.</summary>
    Upgrade,
    /// <summary>The gateway's own rule (limit, access) answered.</summary>
    Policy,
}

/// <summary>Who ended the conversation or must act. The names are the contract's <c>party</c> values in snake_case.</summary>
public enum Party
{
    Client,
    Gateway,
    Network,
    UpstreamProcess,
    UpstreamApp,
    NextGateway,
    Unknown,
}
