using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Incidents.Storing;

namespace ProxyGate.Gateway.Incidents;

/// <summary>Where a failure that has been counted and described goes on its way to the logs and the store. Never waits.</summary>
internal sealed class FailureIntake(IncidentTracker incidents, SampleQueue samples)
{
    /// <summary>The event as it is to be written, or nothing when a later line stands for it.</summary>
    public FailureEvent? Take(FailureEvent e)
    {
        var line = incidents.TakeLine(e);
        if (line is not null) samples.Offer(line);
        return line;
    }

    /// <summary>What a look found, for the incident the failure belongs to.</summary>
    public void Take(FindingEvent finding, FailureEvent failure) => samples.Offer(new KeptFinding(finding, failure));
}
