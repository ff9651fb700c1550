using System.Globalization;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Examining;

/// <summary>What the requests of a look say of the destination's health.</summary>
internal sealed class Judgement
{
    public Judgement(ExaminedDestination destination, Trial first, Trial? health, TrialLimits limits, DateTimeOffset at)
    {
        (Destination, First, Health, Limits, At) = (destination, first, health, limits, at);
        HealthIsGood = health?.Status is >= 200 and < 400;
        // Where the health check is good, an error or a long work on another path is the app's own affair.
        FirstIsBad = first.Observed is { } seen && !(HealthIsGood && (first.AnsweredWithError || seen.Cause.Id == CauseId.ResponseTimeout));
        IsHealthy = !FirstIsBad && (health is null || HealthIsGood);
        Deciding = FirstIsBad ? first : health is not null && !HealthIsGood ? health : null;
    }

    public ExaminedDestination Destination { get; }

    public Trial First { get; }

    public Trial? Health { get; }

    public TrialLimits Limits { get; }

    public DateTimeOffset At { get; }

    public bool HealthIsGood { get; }

    public bool FirstIsBad { get; }

    public bool IsHealthy { get; }

    /// <summary>The request that makes it unhealthy.</summary>
    public Trial? Deciding { get; }

    /// <summary>The verdict where no failure has words of its own.</summary>
    public string Sentence => IsHealthy
        ? Invariant($"{Destination.Name} is healthy: GET {(Health ?? First).Facts.Request.Path} was answered with {(Health ?? First).Status} in {Amounts.Time((Health ?? First).TookMs)}.")
        : Invariant($"{Destination.Name} answers, but not its health check well: GET {Health?.Facts.Request.Path} was answered with {Health?.Status}, where 2xx or 3xx is expected.");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
