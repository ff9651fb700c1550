using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Gateway.Draining;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Investigating;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Resilience;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>
/// The straight line of a request: forward it; if something failed, classify, see what stands around it, explain, answer unless an answer has begun, always
/// record, and have it looked into. Diagnosis never makes an answer worse: whatever goes wrong after the failed attempt leaves the plain status.
/// </summary>
internal sealed partial class FailureMiddleware(
    RequestDelegate next, FailureSurroundings surroundings, EarlierFailures earlier, FailureReporter reporter, FailurePages pages, InvestigationDesk investigations, OverloadLimit overload, DrainState drain, TimeProvider clock, ILogger<FailureMiddleware> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var record = new RequestRecord(context, clock);
        record.Enter();
        reporter.Began();
        // Here and not in a method of its own: every request would pay for another state machine.
        try
        {
            if (MayForward(context, record))
            {
                await next(context);
                if (record.FollowUp?.After(record) is { } further) await further;
            }
        }
        catch (Exception e)
        {
            Escaped(context, record, e);
        }
        finally
        {
            record.ClientBody?.Dispose();
            overload.Leave(record);
            record.Leave();
        }

        if (!RequestOutcome.Failed(context, record))
        {
            reporter.Succeeded(context, record);
            return;
        }

        try
        {
            await surroundings.KnownAsync();
            var facts = RequestOutcome.Facts(context, record, surroundings.Unhealthy(context));
            var failure = Classifier.Classify(facts);
            var counted = surroundings.Count(context, facts, failure, RequestOutcome.Saved(context, facts, AnsweredByApp(record)));
            var failureEvent = reporter.Describe(context, record, facts, investigations.Explain(facts, failure, counted.Context), counted, AnsweredByApp(record));
            try
            {
                if (!context.Response.HasStarted && !AnsweredByApp(record)) await pages.WriteAsync(context, failureEvent);
            }
            finally
            {
                reporter.Failed(context, record, failureEvent);
                investigations.Ask(context, facts, failure, failureEvent);
                earlier.LookAgain(record);
            }
        }
        catch (Exception e) when (e is ConnectionResetException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            // The client left while its page was written; the event is recorded.
        }
        catch (Exception e)
        {
            LogTailFailed(e);
            if (!context.Response.HasStarted && context.Response.StatusCode < 400) context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }

    private bool MayForward(HttpContext context, RequestRecord record)
    {
        var enters = overload.Enter(record);
        if (HopMark.IsOurs(record)) record.Decide(GatewayDecision.ProxyLoop);
        else if (drain.IsOver) record.Decide(GatewayDecision.Draining);
        else return enters;
        return false;
    }

    private void Escaped(HttpContext context, RequestRecord record, Exception error)
    {
        switch (error)
        {
            case BadHttpRequestException bad:
                record.Blame(bad.StatusCode == StatusCodes.Status413PayloadTooLarge ? ClientFault.RequestTooLarge : ClientFault.BodyFailed, bad.StatusCode);
                break;
            case OperationCanceledException or IOException when context.RequestAborted.IsCancellationRequested:
                record.Blame(ClientFault.Disconnected);
                break;
            default:
                record.GatewayFault = error;
                LogGatewayFault(error, context.Request.Method);
                if (context.Response.HasStarted) context.Abort();
                break;
        }
    }

    /// <summary>Whether what stands on the response is the app's own answer: it is never replaced.</summary>
    private static bool AnsweredByApp(RequestRecord record) =>
        record is { GatewayFault: null, Decision: GatewayDecision.None, Last: { HeadReceived: true, Failed: false } };

    [LoggerMessage(Level = LogLevel.Error, Message = "Describing a failed request failed; the client got the plain status.")]
    private partial void LogTailFailed(Exception exception);

    [LoggerMessage(Level = LogLevel.Error, Message = "The gateway itself failed on a {Method} request.")]
    private partial void LogGatewayFault(Exception exception, string method);
}
