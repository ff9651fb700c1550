using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Draining;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>What was recorded about one client request: its attempts and what the client did. A feature of the request's context.</summary>
internal sealed class RequestRecord(HttpContext context, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();
    private List<Attempt>? _earlier;

    /// <summary>The newest attempt.</summary>
    public Attempt? Last { get; private set; }

    public HttpContext Context => context;

    public TimeProvider Clock => clock;

    public ClientBody? ClientBody { get; set; }

    public ClientFault ClientFault { get; private set; }

    public int? ClientFaultStatus { get; private set; }

    public GatewayDecision Decision { get; private set; }

    public string? DecisionDetail { get; private set; }

    public TunnelEnd TunnelEnd { get; set; }

    /// <summary>An exception that escaped the pipeline, or a failed transform.</summary>
    public Exception? GatewayFault { get; set; }

    public bool ResponseStarted => context.Response.HasStarted;

    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <summary>Whether an attempt before the last one failed: the request was saved, and the fault must still be told.</summary>
    public bool AnyEarlierFailed => _earlier is not null && _earlier.Exists(a => a.Failed);

    public IReadOnlyList<Attempt> Attempts => _earlier is not null ? [.. _earlier, Last!] : Last is null ? [] : [Last];

    /// <summary>Whether the limit of the whole request has passed.</summary>
    public bool TotalExpired { get; set; }

    public TimeSpan? TotalLimit { get; set; }

    /// <summary>Whether the gateway has to stop, and gives up what is still under way.</summary>
    public bool GatewayStops => Drain is { IsOver: true } && !context.RequestAborted.IsCancellationRequested;

    /// <summary>How far the gateway's stop has come; absent for what is no client's request.</summary>
    public DrainState? Drain { get; set; }

    /// <summary>The tunnel, while one runs: told when the client's side ends.</summary>
    public ITunnel? Tunnel { get; set; }

    public Attempt Begin(string destination, string destinationUrl, TimeoutSettings timeouts, int headLimit)
    {
        if (Last is not null) (_earlier ??= []).Add(Last);
        return Last = new Attempt(this, (_earlier?.Count ?? 0) + 1, clock)
        {
            Destination = destination,
            DestinationUrl = destinationUrl,
            Timeouts = timeouts,
            HeadLimit = headLimit,
        };
    }

    /// <summary>Takes back the newest attempt, of which nothing was sent and which failed only to be made in another form.</summary>
    public void TakeBack()
    {
        Last = null;
        if (_earlier is not { Count: > 0 }) return;
        Last = _earlier[^1];
        _earlier.RemoveAt(_earlier.Count - 1);
        if (_earlier.Count == 0) _earlier = null;
    }

    public void Decide(GatewayDecision decision, string? detail = null)
    {
        if (Decision != GatewayDecision.None) return;
        Decision = decision;
        DecisionDetail = detail;
    }

    /// <summary>The first fault of the client's stands.</summary>
    public void Blame(ClientFault fault, int? status = null)
    {
        if (ClientFault != ClientFault.None) return;

        // A client that stops sending because it has been refused does nothing wrong.
        if (Last is { HeadReceived: true, RequestComplete: false, UpstreamStatus: >= 400 }) return;
        ClientFault = fault;
        ClientFaultStatus = status;
    }
}

/// <summary>The upstream's side of a running tunnel.</summary>
internal interface ITunnel
{
    /// <summary>The client closed its side in order: tell the upstream.</summary>
    ValueTask ClientClosedAsync();
}
