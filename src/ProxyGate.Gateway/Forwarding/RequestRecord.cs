using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Draining;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>What was recorded about one client request: its attempts and what the client did. A feature of the request's context.</summary>
internal sealed class RequestRecord(HttpContext context, TimeProvider clock)
{
    /// <summary>That of the request which this thread began, or asked about, last: to look a feature up that the server does not know costs more than what is done with it.</summary>
    [ThreadStatic]
    private static RequestRecord? t_last;

    private readonly long _started = clock.GetTimestamp();
    private List<Attempt>? _earlier;
    private IReverseProxyFeature? _proxy;
    private RequestTrace? _trace;
    private volatile bool _isOver;

    /// <summary>The record of a request; absent for what is no client's.</summary>
    public static RequestRecord? Of(HttpContext context)
    {
        // A context serves one request after the other: the record of one that is over stands for no other.
        if (t_last is { _isOver: false } last && ReferenceEquals(last.Context, context)) return last;
        return (RequestRecord?)context.Features[typeof(RequestRecord)];
    }

    /// <summary>Makes it known as that of its request.</summary>
    public void Enter()
    {
        context.Features[typeof(RequestRecord)] = this;
        t_last = this;
    }

    /// <summary>The request has left the pipeline. From now on the record is found by its context only.</summary>
    public void Leave()
    {
        _isOver = true;
        if (t_last == this) t_last = null;
    }

    /// <summary>The newest attempt.</summary>
    public Attempt? Last { get; private set; }

    public HttpContext Context => context;

    public TimeProvider Clock => clock;

    /// <summary>Where the request was routed to: YARP's feature, kept here so that it need not be looked up.</summary>
    public IReverseProxyFeature? Proxy => _proxy ?? (IReverseProxyFeature?)context.Features[typeof(IReverseProxyFeature)];

    /// <summary>Its route, once it has been matched.</summary>
    public RouteInForce? Route { get; private set; }

    /// <summary>Where it is routed to is certain now.</summary>
    public void RoutedTo(RouteInForce route, IReverseProxyFeature proxy) => (Route, _proxy) = (route, proxy);

    /// <summary>Tells it YARP's own steps, before one of them begins. Most requests meet none.</summary>
    public void ShowRoute()
    {
        if (_proxy is not null) context.Features[typeof(IReverseProxyFeature)] = _proxy;
    }

    /// <summary>Whether the last attempt was forwarded without an error of the forwarder's: there is no feature that tells of one.</summary>
    public bool ForwardedWell { get; set; }

    public RequestTrace Trace => _trace ??= RequestTrace.Of(context);

    public ClientBody? ClientBody { get; set; }

    /// <summary>Whether the client's side is watched: once begun, it is for all attempts.</summary>
    public bool WatchesClient { get; set; }

    public ClientFault ClientFault { get; private set; }

    public int? ClientFaultStatus { get; private set; }

    public GatewayDecision Decision { get; private set; }

    public string? DecisionDetail { get; private set; }

    /// <summary>Why there was no further attempt.</summary>
    public TriedNoMore TriedNoMore { get; set; }

    public TunnelEnd TunnelEnd { get; set; }

    /// <summary>An exception that escaped the pipeline, or a failed transform.</summary>
    public Exception? GatewayFault { get; set; }

    /// <summary>The settings of the cluster it was routed to, once they have been looked up.</summary>
    public ClusterSettings? Settings { get; set; }

    /// <summary>Whether the client's request went through a gateway like this before, by its <see cref="HopMark"/>; absent until somebody looked.</summary>
    public bool? HasHops { get; set; }

    /// <summary>What its first attempt leads to is for them to say. Asked by whoever waits for the request as a whole.</summary>
    public IFollowUp? FollowUp { get; set; }

    public bool ResponseStarted => context.Response.HasStarted;

    public TimeSpan Elapsed => clock.GetElapsedTime(_started);

    /// <summary>Whether an attempt before the last one failed: the request was saved, and the fault must still be told.</summary>
    public bool AnyEarlierFailed => _earlier is not null && _earlier.Exists(a => a.Failed || a.UpstreamStatus >= 500);

    public int AttemptCount => Last is null ? 0 : (_earlier?.Count ?? 0) + 1;

    /// <summary>How much of the client's body is kept for another attempt, in bytes; 0: there will be none.</summary>
    public int ReplayLimit { get; set; }

    /// <summary>Whether the next attempt must not use a connection that was idle: the last one had been closed by its peer.</summary>
    public bool WantsFreshConnection { get; set; }

    /// <summary>Asked when the app has answered with this status and nothing of it has gone to the client: true throws the answer away for another attempt.</summary>
    public Func<RequestRecord, int, bool>? ThrowsAway { get; set; }

    /// <summary>Called when the request becomes a tunnel, which is no longer a request under way.</summary>
    public Action<RequestRecord>? BecameTunnel { get; set; }

    public bool IsTunnel { get; private set; }

    /// <summary>What had opened the circuit that turned this request away.</summary>
    public OpenCircuitFacts? OpenCircuit { get; set; }

    /// <summary>The last failure before it, once it had been told.</summary>
    public FailureEvent? OpenedBy { get; set; }

    public IReadOnlyList<Attempt> Attempts => _earlier is not null ? [.. _earlier, Last!] : Last is null ? [] : [Last];

    /// <summary>Whether the limit of the whole request has passed.</summary>
    public bool TotalExpired { get; private set; }

    public TimeSpan? TotalLimit { get; set; }

    /// <summary>Whether the gateway has to stop, and gives up what is still under way.</summary>
    public bool GatewayStops => Drain is { IsOver: true } && !context.RequestAborted.IsCancellationRequested;

    /// <summary>How far the gateway's stop has come; absent for what is no client's request.</summary>
    public DrainState? Drain { get; set; }

    /// <summary>Time is up. When it is the client whose body is being waited for, the upstream has no part in it.</summary>
    public void TotalPassed()
    {
        TotalExpired = true;
        if (ClientBody is { IsAwaited: true }) Blame(ClientFault.BodyTimedOut, StatusCodes.Status408RequestTimeout);
        else if (Last is { Failed: false, IsHeldUpByClient: true }) Blame(ClientFault.ReadTooSlowly);
    }

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
            OnFreshConnection = WantsFreshConnection,
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

    /// <summary>The client is about to get its tunnel.</summary>
    public void NoteTunnel()
    {
        if (IsTunnel) return;
        IsTunnel = true;
        BecameTunnel?.Invoke(this);
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

/// <summary>Knows what follows on an attempt.</summary>
internal interface IFollowUp
{
    /// <summary>The request's first attempt has ended. Nothing where that is all.</summary>
    Task? After(RequestRecord record);
}

/// <summary>The upstream's side of a running tunnel.</summary>
internal interface ITunnel
{
    /// <summary>The client closed its side in order: tell the upstream.</summary>
    ValueTask ClientClosedAsync();
}
