using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Ladders;
using ProxyGate.Investigation.Probing.Names;
using ProxyGate.Investigation.Probing.Paths;

namespace ProxyGate.Investigation.Probing;

/// <summary>
/// Asks the network about one configured destination. It connects to nothing but the question's address, the addresses the configured name
/// has now, and the question's other configured endpoints; it sends nothing of a client, signs as <c>ProxyGate-Investigation</c>, and
/// follows no redirect. Safe to use from many threads; how often and how many at once is for the caller to limit.
/// </summary>
public sealed class ProbeLook
{
    /// <summary>No address the name has now is tried beyond these.</summary>
    private const int MostNewAddresses = 4;

    private readonly TimeProvider _clock;
    private readonly Func<ResolverSettings> _resolver;

    public ProbeLook(TimeProvider? clock = null) : this(clock ?? TimeProvider.System, ResolverSettings.OfThisMachine)
    {
    }

    internal ProbeLook(TimeProvider clock, Func<ResolverSettings> resolver) => (_clock, _resolver) = (clock, resolver);

    /// <summary>
    /// Looks, with the techniques that the cause is worth: usually within 1.5 s, and up to 3.5 s when a connect stays silent. Throws only
    /// <see cref="OperationCanceledException"/>, when the token ends it.
    /// </summary>
    public async Task<ProbeResult> LookAsync(Question question, DnsMemory memory, CancellationToken cancellationToken)
    {
        var techniques = Techniques.For(question.Cause);
        if (techniques == Technique.None) return new ProbeResult();
        var started = _clock.GetTimestamp();
        var run = new ProbeRun(question, techniques, _resolver(), _clock);
        var naming = run.NamesAsync(cancellationToken);
        // The address the attempt used; for a destination that was not tried, the first of those it has now.
        var address = question.Address ?? run.Target.FixedAddress
            ?? (techniques.HasFlag(Technique.Connect) && (await naming).Addresses is [var first, ..] ? new IPEndPoint(first, run.Target.Port) : null);
        var meeting = MeetAsync(run, question, address, techniques, cancellationToken);
        var names = await naming;
        // A name that leads elsewhere as well, or now: whether it is better there.
        var elsewhere = techniques.HasFlag(Technique.Connect) && address is not null
            ? await Task.WhenAll(names.Addresses.Where(a => !a.Equals(address.Address)).Take(MostNewAddresses).Select(a => run.ConnectAsync(new IPEndPoint(a, run.Target.Port), cancellationToken)))
            : [];
        var met = await meeting;
        var change = run.Target.Name is { } name ? memory.Compare(name, names.Addresses, question.Address?.Address, _clock.GetUtcNow()) : null;
        return new ProbeResult
        {
            Names = names.Answers,
            NameAddresses = names.Addresses,
            Addresses = [.. met.Tries, .. elsewhere],
            Service = met.Service,
            Path = met.Path,
            Health = met.Health,
            Changes = change is null ? [] : [change],
            NotSeen = run.NotSeen,
            DurationMs = _clock.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    /// <summary>
    /// For looking step by step with every technique, saying each step as it is taken. The question's cause is not used.
    /// <paramref name="step"/> is called by one thread at a time.
    /// </summary>
    public Ladder Ladder(Question question, DnsMemory memory, Action<LadderStep> step) =>
        new(new ProbeRun(question, Technique.All | Technique.Trace, _resolver(), _clock), question, memory, step, _clock);

    private static async Task<Met> MeetAsync(ProbeRun run, Question question, IPEndPoint? address, Technique techniques, CancellationToken cancellationToken)
    {
        if (ProbeTarget.EndOf(question, address) is not { } end || !techniques.HasFlag(Technique.Connect)) return new Met([], null, null, null);
        IReadOnlyList<IPEndPoint> others = techniques.HasFlag(Technique.Others) ? question.OtherConfigured : [];
        var path = end is IPEndPoint ip ? await run.PathAsync(ip, others, cancellationToken) : null;
        var tries = path?.Tries ?? (end is IPEndPoint ? [] : [await run.ConnectAsync(end, cancellationToken)]);
        if (tries.Count == 0) return new Met([], null, path?.Facts, null);
        if (!tries[0].Connected) return new Met(tries, await run.ServiceAsync(end, tries[0], cancellationToken), path?.Facts, null);
        var service = run.ServiceAsync(end, tries[0], cancellationToken);
        var health = run.HealthAsync(end, cancellationToken);
        return new Met(tries, await service, path?.Facts, await health);
    }

    private sealed record Met(IReadOnlyList<AddressTry> Tries, ServiceFacts? Service, PathFacts? Path, HealthFacts? Health);
}
