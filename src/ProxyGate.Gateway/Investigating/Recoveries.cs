using System.Collections.Concurrent;

namespace ProxyGate.Gateway.Investigating;

/// <summary>
/// Notices that a destination answers well again after it was looked into: then who listens there now is to be known soon, for it may fail
/// again before the next regular look at the listeners. Asked only by the first request on a connection.
/// </summary>
internal sealed class Recoveries
{
    private readonly ConcurrentDictionary<DestinationKey, bool> _failed = new();

    public event Action? Recovered;

    public void Failed(DestinationKey key) => _failed[key] = true;

    public void Worked(string? cluster, string destination)
    {
        if (!_failed.IsEmpty && cluster is not null && _failed.TryRemove(new DestinationKey(cluster, destination), out _)) Recovered?.Invoke();
    }

    public void Keep(IReadOnlySet<DestinationKey> configured)
    {
        foreach (var key in _failed.Keys.Where(k => !configured.Contains(k))) _failed.TryRemove(key, out _);
    }
}
