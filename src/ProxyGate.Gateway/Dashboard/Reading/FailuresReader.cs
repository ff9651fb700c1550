using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>Failures, as screens and API show them.</summary>
internal sealed class FailuresReader(IIncidentArchive archive)
{
    public async Task<FailuresView> ListAsync(Asked asked, CancellationToken stop)
    {
        var filter = asked.Failures();
        var page = await archive.FailuresAsync(filter, stop);
        return new FailuresView(Asked.Words(filter), [.. page.Items.Select(FailureRow.Of)], page.Next);
    }

    /// <param name="typed">The id as somebody typed it.</param>
    /// <param name="stop">When nobody waits any more.</param>
    public async Task<FailureView?> OneAsync(string typed, CancellationToken stop) =>
        FailureId.TryParse(typed, out var id) && await archive.FailureAsync(id, stop) is { } found
            ? new FailureView(FailureRow.Of(found.Entry), found.Event)
            : null;
}
