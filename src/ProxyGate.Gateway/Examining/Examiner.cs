using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Investigation;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Probing;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Gateway.Examining;

/// <summary>
/// Looks at a destination by hand, from its name to its process. The verdict is that of a request by the gateway's own client; the steps
/// around it say what stands and what does not. It connects to nothing but the destination and sends nothing of a client.
/// </summary>
internal sealed class Examiner(HostLook host, ProbeLook probe, ListenerMemory listeners, DnsMemory names, TimeProvider clock) : IDisposable
{
    /// <summary>An answer within this is no cause for concern.</summary>
    internal static readonly TimeSpan Slow = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestTalk = TimeSpan.FromSeconds(4);

    /// <summary>The part of a look's time that this machine's processes and services may take.</summary>
    private const double HostShare = 0.25;

    /// <param name="limit">How long one look will be given.</param>
    public static Examiner OfThisMachine(TimeSpan limit)
    {
        var (paths, clock) = (new HostPaths { LookLimit = limit * HostShare }, TimeProvider.System);
        return new Examiner(new HostLook(paths, clock), new ProbeLook(clock), new ListenerMemory(paths, clock), new DnsMemory(), clock);
    }

    public void Dispose() => listeners.Dispose();

    /// <param name="destination">What to look at.</param>
    /// <param name="limit">How long all of it may take.</param>
    /// <param name="before">What is known from earlier looks; absent for the first.</param>
    /// <param name="step">Told of each step as it is taken, one at a time.</param>
    /// <param name="cancellationToken">Ends it for who asked; the only thing that makes it throw.</param>
    public async Task<Examination> ExamineAsync(
        ExaminedDestination destination, TimeSpan limit, FailureContext? before, Action<LadderStep> step, CancellationToken cancellationToken)
    {
        var (started, at) = (clock.GetTimestamp(), clock.GetUtcNow());
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var steps = new List<LadderStep>();
        var question = Ask(destination, at);
        var ladder = probe.Ladder(question, names, Tell);
        using var request = new TrialRequest(destination, clock);
        var limits = new TrialLimits(destination, limit);
        // It is under way while name and addresses are looked at: a connect that stays silent is waited for only once.
        var sending = request.SendAsync(destination.Address, limits.Phases, limits.Total, cancellationToken);
        var blind = new List<BlindSpot>();
        await InTimeAsync("the way to it", ladder.ReachAsync(deadline.Token));
        var first = await sending;
        var main = first;
        Trial? health = null;
        if (destination.Health is { } path && (first.Observed is null || RequestSteps.IsSpoken(first)))
            health = await request.SendAsync(path, limits.HealthPhases, limits.HealthTotal, cancellationToken);
        var judged = new Judgement(destination, first, health, limits, at);
        foreach (var taken in RequestSteps.Of(judged, ladder.Foothold)) Tell(taken);
        if (judged.Deciding is { } deciding) main = deciding;

        question = question with
        {
            Address = destination.SocketPath is null ? AddressOf(main.Attempt) ?? ladder.Foothold as IPEndPoint ?? (ladder.Addresses is [var known, ..] ? known : null) : null,
            LocalAddress = main.Attempt.LocalAddress is { } local && IPEndPoint.TryParse(local, out var ours) ? ours : null,
            Cause = main.Observed?.Cause.Id ?? "",
            FailedAt = clock.GetUtcNow(),
        };
        // Before anything else is said there: on this machine our own connections would stand in the very queue that is looked at.
        var seen = await host.LookAsync(question, listeners, cancellationToken);
        if (main.Observed is { } troubled && !judged.IsHealthy && Investigator.CanTell(troubled.Cause.Id))
        {
            // It tells too much to be left out, and ends by itself.
            using var speaking = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            speaking.CancelAfter(LongestTalk);
            await InTimeAsync("what speaks there", ladder.SpeakAsync(speaking.Token));
        }

        if (destination.ForwardProxy is { } proxy) blind.Add(new BlindSpot($"the way through the forward proxy {proxy}", "this look goes to the destination directly"));
        var took = clock.GetElapsedTime(started).TotalMilliseconds;
        var look = Investigator.Join(question, at, took, seen, ladder.Result(), blind) with { Health = HealthOf(health) };
        var diagnosis = judged.IsHealthy || main.Observed is null ? null : Explain(main, look, before, destination, question.FailedAt);
        foreach (var taken in HostSteps.Of(question, seen, judged.IsHealthy, question.FailedAt)) Tell(taken);
        return new Examination
        {
            Destination = destination,
            At = at,
            DurationMs = took,
            Steps = steps,
            IsHealthy = judged.IsHealthy,
            Verdict = diagnosis switch
            {
                null => judged.Sentence,
                // Where the root cause is proved, it is what a person needs to know; what was met stands beside it.
                { Hints: [{ Confidence: Confidence.Proved } reason, ..] } => reason.Sentence,
                var met => met.Sentence,
            },
            Trial = main,
            Health = health,
            Diagnosis = diagnosis,
            Look = look,
        };

        void Tell(LadderStep taken)
        {
            steps.Add(taken);
            step(taken);
        }

        async Task InTimeAsync(string what, Task looking)
        {
            try
            {
                await looking;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                blind.Add(new BlindSpot(what, "there was no time left for it"));
            }
        }
    }

    /// <summary>Remembers who listens there and what its name stands for, so that a later look can tell what has changed.</summary>
    public async Task RememberAsync(Examination examined, CancellationToken cancellationToken)
    {
        if (examined.Attempt.Dns is { } dns) names.Remember(dns.Host, [.. dns.Addresses.Select(a => IPAddress.TryParse(a, out var address) ? address : null).OfType<IPAddress>()]);
        var place = examined.Destination.SocketPath is { } path ? ListenerPlace.At(path) : AddressOf(examined.Attempt) is { } address ? ListenerPlace.At(address) : null;
        if (place is not null) await listeners.SampleAsync([place], cancellationToken);
    }

    private static Question Ask(ExaminedDestination destination, DateTimeOffset at) => new()
    {
        Destination = destination.Id,
        ConfiguredUrl = destination.SocketPath is null ? destination.Root : destination.Url,
        SocketPath = destination.SocketPath,
        Cause = "",
        FailedAt = at,
        HealthPath = destination.HealthPath,
        ServerName = destination.Tls.ServerName,
        OtherConfigured = destination.OtherConfigured,
        ByHand = true,
        Unit = destination.Unit,
    };

    private static Diagnosis Explain(Trial trial, InvestigationFacts look, FailureContext? before, ExaminedDestination destination, DateTimeOffset now)
    {
        var context = (before ?? new FailureContext { Now = now }) with { Now = now, DestinationSource = destination.Source };
        return Explainer.Explain(trial.Facts, Classifier.Refine(trial.Observed!, look, now), context, look);
    }

    private static IPEndPoint? AddressOf(AttemptFacts attempt)
    {
        var text = attempt.Address ?? attempt.AddressesTried.FirstOrDefault(t => t.Error is not null && t.Error == attempt.SocketError)?.Address
            ?? attempt.AddressesTried.FirstOrDefault(t => !t.Abandoned)?.Address;
        return text is not null && IPEndPoint.TryParse(text, out var address) ? address : null;
    }

    private static HealthFacts? HealthOf(Trial? health) =>
        health is null ? null : new HealthFacts(health.Facts.Request.Path, health.Status, health.Observed?.Cause.Title, health.TookMs);
}
