using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.EventLog;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Incidents;
using ProxyGate.Gateway.Investigating;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Resilience;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>Tells the logs, the metrics and the incidents how each request ended.</summary>
internal sealed class FailureReporter(FailureEventLog events, AccessLog access, GatewayMetrics metrics, IncidentTracker incidents, FailureIntake intake, WhileWell well, ClusterGuards guards, TimeProvider clock)
{
    /// <summary>The status nginx coined for a client that did not wait for its answer; it is only ever logged.</summary>
    private const int ClientClosedRequest = StatusCodes.Status499ClientClosedRequest;

    public void Began() => metrics.RequestStarted();

    public void Succeeded(HttpContext context, RequestRecord record)
    {
        var proxy = record.Proxy;
        var route = proxy?.Route.Config.RouteId;
        var cluster = proxy?.Cluster.Config.ClusterId;
        incidents.MarkSuccess(route, cluster, record.Last?.Destination, context.Request.Method, context.Request.Path.Value ?? "");
        if (record.Last is { } attempt)
        {
            if (attempt.RequestNumber == 1) well.Answered(cluster, attempt.Destination, attempt.Transport?.Dial.Dns, attempt.Transport?.TlsFacts?.Certificate);
            if (metrics.WantsPhases) Phases(attempt, cluster);
        }

        Ended(context, record, route, cluster, context.Response.StatusCode, null);
    }

    /// <summary>Makes the one record of a failed request, which page and log share.</summary>
    public FailureEvent Describe(HttpContext context, RequestRecord record, FailureFacts facts, Diagnosis diagnosis, FailureCounted counted, bool answeredByApp)
    {
        var failure = diagnosis.Failure;
        return new FailureEvent
        {
            Time = counted.Context.Now,
            Id = FailureId.New(Random.Shared),
            Incident = counted.Id,
            TraceId = record.Trace.TraceId,
            SpanId = record.Trace.SpanId,
            Request = facts.Request,
            Attempts = facts.Attempts,
            Diagnosis = diagnosis,
            Status = failure.Cause.Id == CauseId.ClientDisconnected ? ClientClosedRequest
                : answeredByApp || facts.Request.ResponseStarted ? context.Response.StatusCode
                : failure.Status,
            ClientAddress = RealPeer.Plain(context.Connection.RemoteIpAddress)?.ToString() ?? "unix:",
            Saved = RequestOutcome.Saved(context, facts, answeredByApp),
        };
    }

    public void Failed(HttpContext context, RequestRecord record, FailureEvent failureEvent)
    {
        if (intake.Take(failureEvent) is { } line) events.Write(line);
        metrics.Failed(failureEvent);
        metrics.TurnedAway(failureEvent);
        metrics.Retried(failureEvent);
        guards.Learn(context, failureEvent);
        FailureSpan.Mark(Activity.Current, failureEvent);
        if (failureEvent.Saved) NoteSaver(failureEvent);
        foreach (var made in failureEvent.Attempts) Phases(made, failureEvent.Request.Cluster);
        Ended(context, record, failureEvent.Request.Route, failureEvent.Request.Cluster, failureEvent.Status, failureEvent);
    }

    /// <summary>A request the server refused before it became one of ours: there is an event, and no page to write.</summary>
    public void Refused(FailureEvent failureEvent)
    {
        if (intake.Take(failureEvent) is { } line) events.Write(line);
        metrics.Failed(failureEvent);
    }

    /// <summary>The destination that answered in the place of another did well; one that needed a second try of its own did not quite.</summary>
    private void NoteSaver(FailureEvent e)
    {
        var saver = e.Attempts[^1].Destination;
        if (saver != e.Diagnosis.Failure.Attempt?.Destination)
            incidents.MarkSuccess(e.Request.Route, e.Request.Cluster, saver, e.Request.Method, e.Request.Path);
    }

    private void Phases(AttemptFacts attempt, string? cluster)
    {
        metrics.Phase(RequestPhase.Dns, cluster, attempt.Dns?.DurationMs);
        metrics.Phase(RequestPhase.Connect, cluster, attempt.ConnectMs);
        metrics.Phase(RequestPhase.Tls, cluster, attempt.Reused ? null : attempt.Tls?.HandshakeMs);
        metrics.Phase(RequestPhase.Send, cluster, attempt.SendMs);
        metrics.Phase(RequestPhase.FirstByte, cluster, attempt.FirstByteMs);
    }

    /// <summary>The same of a healthy attempt, without making facts of it: connecting is told only by the request that did it.</summary>
    private void Phases(Attempt attempt, string? cluster)
    {
        if (attempt.RequestNumber <= 1 && attempt.Transport is { } transport)
        {
            metrics.Phase(RequestPhase.Dns, cluster, transport.Dial.Dns?.DurationMs);
            metrics.Phase(RequestPhase.Connect, cluster, transport.Dial.ConnectMs);
            metrics.Phase(RequestPhase.Tls, cluster, transport.TlsFacts?.HandshakeMs);
        }

        metrics.Phase(RequestPhase.FirstByte, cluster, attempt.FirstByteMs);
    }

    private void Ended(HttpContext context, RequestRecord record, string? route, string? cluster, int status, FailureEvent? failureEvent)
    {
        metrics.RequestEnded(route, cluster, status, record.Elapsed.TotalMilliseconds);
        if (!access.IsEnabled) return;
        var request = context.Request;
        access.Write(new AccessRecord
        {
            Time = clock.GetUtcNow(),
            Client = RealPeer.Plain(context.Connection.RemoteIpAddress),
            Method = request.Method,
            Target = context.Features.Get<IHttpRequestFeature>()?.RawTarget is { Length: > 0 } raw ? raw : request.Path + request.QueryString.Value,
            Protocol = request.Protocol,
            Host = request.Host.Value,
            Status = status,
            BytesSent = context.Response.ContentLength ?? record.Last?.BodyBytesReceived ?? 0,
            Referrer = request.Headers.Referer.ToString(),
            UserAgent = request.Headers.UserAgent.ToString(),
            DurationMs = record.Elapsed.TotalMilliseconds,
            Route = route,
            Cluster = cluster,
            Destination = record.Last?.Destination,
            UpstreamStatus = record.Last?.UpstreamStatus,
            Cause = failureEvent?.Diagnosis.Failure.Cause.Id,
            FailureId = failureEvent?.Id,
            TraceId = record.Trace.TraceId,
        });
    }
}
