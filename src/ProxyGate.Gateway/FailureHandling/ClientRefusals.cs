using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.FailureHandling;

/// <summary>
/// Requests the server refused by itself, before any middleware: malformed, too large or too slow heads. The client has its bare status
/// from the server; the event says what happened.
/// </summary>
internal sealed class ClientRefusals(FailureReporter reporter, FailureSurroundings surroundings)
{
    public void Record(BadRequestFacts refused)
    {
        // A bad body came through the pipeline, and a probe of the admin listener is none of the site's visitors.
        if (refused.InBody || refused.Listener?.IsAdmin == true) return;
        var facts = new FailureFacts(
            new RequestFacts
            {
                Method = refused.Method ?? "",
                Protocol = refused.Protocol ?? "",
                ClientFault = refused.Status switch
                {
                    408 => ClientFault.HeadTimedOut,
                    413 or 414 or 431 => ClientFault.RequestTooLarge,
                    _ => ClientFault.RequestMalformed,
                },
                ClientFaultStatus = refused.Status,
                DecisionDetail = refused.Reason,
            },
            []);
        var failure = Classifier.Classify(facts);
        var counted = surroundings.CountRefused(failure);
        reporter.Refused(new FailureEvent
        {
            Time = counted.Context.Now,
            Id = FailureId.New(Random.Shared),
            Incident = counted.Id,
            Request = facts.Request,
            Attempts = [],
            Diagnosis = Explainer.Explain(facts, failure, counted.Context),
            Status = failure.Status,
            ClientAddress = refused.RemoteAddress?.ToString() ?? "unix:",
        });
    }
}
