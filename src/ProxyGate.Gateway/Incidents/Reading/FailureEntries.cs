using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>Makes the line of a list from the event, its texts cleaned and shortened as the event log does.</summary>
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
            Route = HostileText.Line(e.Request.Route, 256),
            Cluster = HostileText.Line(e.Request.Cluster, 256),
            Destination = HostileText.Line((failure.Attempt ?? (e.Attempts.Count > 0 ? e.Attempts[^1] : null))?.Destination, 256),
            Cause = failure.Cause.Id,
            Stage = ContractNames.Of(failure.Stage),
            Party = ContractNames.Of(failure.Party),
            Status = e.Status,
            Saved = e.Saved,
            Occurrences = e.Occurrences,
            Method = HostileText.Line(e.Request.Method, 64),
            Host = HostileText.Line(e.Request.Host, 256),
            Path = HostileText.Line(e.Request.Path, 2048),
            Client = HostileText.Line(e.ClientAddress, 256),
            DurationMs = e.Request.DurationMs,
            Sentence = HostileText.Line(e.Diagnosis.Sentence, 1024),
            Hint = e.Diagnosis.Hints.Count > 0 ? e.Diagnosis.Hints[0].Id : null,
        };
    }
}
