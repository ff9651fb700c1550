using System.Net;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Investigation.Probing.Names;

/// <summary>Asks every name server of this machine for a name, each by itself, as the system's resolver would.</summary>
internal sealed class NameLook(ResolverSettings settings, TimeProvider clock)
{
    public const string HostsFile = "/etc/hosts";

    public async Task<NamesSeen> LookAsync(string name, TimeSpan limit, CancellationToken cancellationToken)
    {
        var notSeen = settings.OtherSources.Select(source =>
            new BlindSpot($"what the name source '{source}' says of {name}", "only the hosts file and the name servers of /etc/resolv.conf were asked")).ToList();
        if (settings.InHostsFile(name) is { Count: > 0 } fixedAddresses)
            return new NamesSeen([.. OfHostsFile(fixedAddresses, name)], fixedAddresses, notSeen);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var asked = await Task.WhenAll(
            from server in settings.Servers
            from type in (ushort[])[DnsMessage.A, DnsMessage.Aaaa]
            select AskAsync(new NameServer(new IPEndPoint(server, settings.Port)), name, type, deadline.Token));
        cancellationToken.ThrowIfCancellationRequested();
        // The system takes the first server that answers at all, and both record types of it.
        var used = asked.Where(a => a.Outcome is NameOutcome.Answered or NameOutcome.NoData or NameOutcome.NxDomain).Select(a => a.Server).FirstOrDefault();
        return new NamesSeen(asked, [.. asked.Where(a => a.Server == used).SelectMany(a => a.Addresses).Select(IPAddress.Parse)], notSeen);
    }

    private static IEnumerable<NameAnswerFacts> OfHostsFile(IReadOnlyList<IPAddress> addresses, string name) =>
        from address in addresses
        group address.ToString() by address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? "A" : "AAAA" into family
        select new NameAnswerFacts(HostsFile, family.Key, NameOutcome.Answered, [.. family], 0) { Asked = name };

    private async Task<NameAnswerFacts> AskAsync(NameServer server, string name, ushort type, CancellationToken deadline)
    {
        var started = clock.GetTimestamp();
        (string Asked, NameReply Reply)? telling = null;
        foreach (var candidate in settings.Candidates(name))
        {
            var reply = await server.AskAsync(candidate, type, deadline);
            // A name that exists tells more than one that does not, and a failing server more than either.
            if (telling is null || Weight(reply.Outcome) > Weight(telling.Value.Reply.Outcome)
                || (candidate == name && Weight(reply.Outcome) == Weight(telling.Value.Reply.Outcome)))
                telling = (candidate, reply);
            if (reply.Outcome is NameOutcome.Answered or NameOutcome.TimedOut or NameOutcome.Unreachable) break;
        }

        var (asked, told) = telling!.Value;
        return new NameAnswerFacts(
            server.Address,
            type == DnsMessage.A ? "A" : "AAAA",
            told.Outcome,
            [.. (told.Answer?.Addresses ?? []).Select(a => a.ToString())],
            clock.GetElapsedTime(started).TotalMilliseconds)
        {
            Asked = asked,
            Alias = told.Answer?.Alias,
            TtlSeconds = told.Outcome == NameOutcome.Answered ? told.Answer?.Seconds : null,
            Detail = told.Detail,
        };
    }

    private static int Weight(NameOutcome outcome) => outcome switch
    {
        NameOutcome.Answered => 4,
        NameOutcome.TimedOut or NameOutcome.Unreachable => 3,
        NameOutcome.NoData => 2,
        NameOutcome.ServFail or NameOutcome.Refused or NameOutcome.Malformed => 1,
        _ => 0,
    };
}

/// <summary>What all servers said.</summary>
/// <param name="Answers">One item a server and record type.</param>
/// <param name="Addresses">The addresses the system would use now.</param>
/// <param name="NotSeen">Sources that were not asked.</param>
internal sealed record NamesSeen(IReadOnlyList<NameAnswerFacts> Answers, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<BlindSpot> NotSeen);
