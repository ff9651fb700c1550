using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>Makes the line of a list from the event.</summary>
internal static class FailureEntries
{
    public static FailureEntry Of(FailureEvent e, string gateway)
    {
        var failure = e.Diagnosis.Failure;
        return new FailureEntry
        {
            Id = e.Id,
            Incident = e.Incident,
            Gateway = gateway,
            Time = e.Time,
            Route = e.Request.Route,
            Cluster = e.Request.Cluster,
            Destination = (failure.Attempt ?? (e.Attempts.Count > 0 ? e.Attempts[^1] : null))?.Destination,
            Cause = failure.Cause.Id,
            Stage = ContractNames.Of(failure.Stage),
            Party = ContractNames.Of(failure.Party),
            Status = e.Status,
            Saved = e.Saved,
            Occurrences = e.Occurrences,
            Method = e.Request.Method,
            Host = e.Request.Host,
            Path = e.Request.Path,
            Client = e.ClientAddress,
            DurationMs = e.Request.DurationMs,
            Sentence = e.Diagnosis.Sentence,
            Hint = e.Diagnosis.Hints.Count > 0 ? e.Diagnosis.Hints[0].Id : null,
        };
    }
}
