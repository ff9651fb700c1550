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
        // The id of a failure that has no line of its own is in no line; it is found by itself.
        var folded = page.Items.Count == 0 && filter.Text is { } text && await OneAsync(text, stop) is { Folded: { } found } ? found : null;
        return new FailuresView(Asked.Words(filter), [.. page.Items.Select(FailureRow.Of)], page.Next, folded);
    }

    /// <param name="typed">The id as somebody typed it.</param>
    /// <param name="stop">When nobody waits any more.</param>
    public async Task<FailureView?> OneAsync(string typed, CancellationToken stop)
    {
        if (!FailureId.TryParse(typed, out var id) || await archive.FailureAsync(id, stop) is not { } found) return null;
        var line = FailureRow.Of(found.Entry);
        return new FailureView(line, found.Event, found.Folded is { } folded ? FoldedView.Of(folded, line) : null);
    }
}
