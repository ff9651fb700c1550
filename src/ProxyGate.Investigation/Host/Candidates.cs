using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Host;

/// <summary>Chooses, of the listeners on other ports, those that may be the one meant. Where nothing speaks for one, none is given.</summary>
internal static class Candidates
{
    private const int Most = 4;
    private const int Near = 10;

    /// <summary>The first port programs that are not part of the system use, and the ones web servers have always had.</summary>
    private const int FirstOrdinaryPort = 1024;
    private const int Http = 80, Https = 443;

    public static IReadOnlyList<ListenerSeen> Choose(IEnumerable<(int Port, ListenerSeen Listener)> others, int port, RememberedListener? before)
    {
        var all = others.Where(o => o.Listener.Process?.Pid != Environment.ProcessId).ToList();
        var ordinary = all.Where(o => o.Port is >= FirstOrdinaryPort or Http or Https).ToList();
        var chosen = (from other in all
                      let likeness = SameAsBefore(other.Listener, before) ? ListenerLikeness.SameAsBefore
                          : Math.Abs(other.Port - port) <= Near ? ListenerLikeness.NeighbouringPort
                          : (ListenerLikeness?)null
                      where likeness is not null
                      orderby likeness, Math.Abs(other.Port - port)
                      select other.Listener with { Likeness = likeness }).Take(Most).ToList();
        if (chosen.Count == 0 && ordinary.Select(o => o.Port).Distinct().Count() == 1)
            chosen.Add(ordinary[0].Listener with { Likeness = ListenerLikeness.OnlyCandidate });
        return chosen;
    }

    /// <summary>Several programs of one runtime share its name, so it is the command line that has to be the same where both are known.</summary>
    private static bool SameAsBefore(ListenerSeen listener, RememberedListener? before)
    {
        if (before is null || listener.Process is not { } process) return false;
        var was = before.Facts;
        return was.IsSameAppAs(process) || (was.Name == process.Name && (was.CommandLine is null || process.CommandLine is null));
    }
}
