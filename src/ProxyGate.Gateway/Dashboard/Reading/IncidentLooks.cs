using System.Collections.Concurrent;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents.Reading;
using ProxyGate.Gateway.Investigating;

namespace ProxyGate.Gateway.Dashboard.Reading;

/// <summary>The looks that people asked for, by incident, for as long as somebody may wait for them. Bounded.</summary>
internal sealed class IncidentLooks(IIncidentArchive archive, TimeProvider clock, InvestigationDesk? desk = null)
{
    private const int Most = 200;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, LookWish> _wishes = new();

    /// <summary>Has the incident's destination looked at again, by its newest sample; absent when there is no such incident.</summary>
    public async Task<LookView?> AskAsync(string incident, CancellationToken stop)
    {
        if (await archive.IncidentAsync(incident, stop) is not { } whole) return null;
        if (_wishes.TryGetValue(incident, out var running) && running.State is LookState.Waiting or LookState.Looking) return Of(running);
        var wish = whole.Sample is not { } sample ? LookWish.Refused(clock.GetUtcNow(), "No failure of it was kept, so it is not known where to look.")
            : desk is null ? LookWish.Refused(clock.GetUtcNow(), "This gateway does not look into failures.")
            : desk.AskAgain(sample);
        Tidy();
        _wishes[incident] = wish;
        return Of(wish);
    }

    public LookView? Find(string incident) =>
        _wishes.TryGetValue(incident, out var wish) && clock.GetUtcNow() - wish.AskedAt < Remembered ? Of(wish) : null;

    private LookView Of(LookWish wish) => wish.State switch
    {
        LookState.Waiting => new LookView("waiting", wish.AskedAt, "Waiting for its turn to look."),
        LookState.Looking => new LookView("looking", wish.AskedAt, $"Looking at its network and host, for {Shown.Span(clock.GetUtcNow() - wish.AskedAt)} so far."),
        LookState.Done => new LookView("done", wish.AskedAt, $"Looked {Shown.Ago(clock.GetUtcNow() - wish.Finding!.Time)}: {Shown.Line(FindingEventJson.Headline(wish.Finding), 600)}"),
        _ => new LookView("failed", wish.AskedAt, wish.Why ?? "It could not be looked at."),
    };

    private void Tidy()
    {
        if (_wishes.Count < Most) return;
        foreach (var old in _wishes.OrderBy(w => w.Value.AskedAt).Take(Most / 2).Select(w => w.Key).ToArray()) _wishes.TryRemove(old, out _);
    }
}
