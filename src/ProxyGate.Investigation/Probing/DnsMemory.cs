using System.Collections.Concurrent;
using System.Net;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing;

/// <summary>The addresses each configured name had when it last led to success, so that a changed answer is noticed. Safe to use from many threads.</summary>
public sealed class DnsMemory
{
    /// <summary>Names come from configuration; a limit all the same keeps a mistake from filling the memory.</summary>
    private const int MostNames = 4096;

    private readonly ConcurrentDictionary<string, Answer> _answers = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Notes what a name resolved to when a connection to it worked. Cheap when nothing changed.</summary>
    public void Remember(string name, IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0) return;
        if (_answers.TryGetValue(name, out var known))
        {
            if (!known.Same(addresses)) _answers[name] = new Answer(addresses);
        }
        else if (_answers.Count < MostNames)
        {
            _answers[name] = new Answer(addresses);
        }
    }

    public IReadOnlyList<IPAddress>? Find(string name) => _answers.GetValueOrDefault(name)?.Addresses;

    /// <summary>
    /// The change from the remembered answer to this one; absent when there is none, or only one that explains nothing. Servers that hand out
    /// another part of a large set each time are no change as long as the address in use is still among the answers, or any is shared.
    /// </summary>
    public ChangeFacts? Compare(string name, IReadOnlyList<IPAddress> now, IPAddress? used, DateTimeOffset at)
    {
        if (now.Count == 0 || Find(name) is not { } before || (used is not null && now.Contains(used))) return null;
        if (before.Any(now.Contains) && (used is null || !before.Contains(used))) return null;
        return new ChangeFacts(at, ChangeKind.DnsAnswerChanged, Words(before), Words(now));
    }

    private static string Words(IReadOnlyList<IPAddress> addresses) => string.Join(", ", addresses.Select(a => a.ToString()).Order(StringComparer.Ordinal));

    private sealed record Answer(IReadOnlyList<IPAddress> Addresses)
    {
        public bool Same(IReadOnlyList<IPAddress> other) => other.Count == Addresses.Count && other.All(Addresses.Contains);
    }
}
