using System.Diagnostics;
using System.Globalization;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>How many cases to try: a bounded number with a seed that stays and a few with one that is new each time, or for as long as is asked for.</summary>
internal static class FuzzBudget
{
    /// <summary>Seconds to go on for, instead of the bounded number.</summary>
    private const string SecondsVariable = "PROXYGATE_FUZZ_SECONDS";

    /// <summary>The one seed to repeat.</summary>
    private const string SeedVariable = "PROXYGATE_FUZZ_SEED";

    /// <summary>The seeds of a run, each of one case.</summary>
    /// <param name="fixedCases">How many that never change.</param>
    /// <param name="newCases">How many that are new each time; none where a change of somebody else's must not be stopped by what it did not touch.</param>
    public static IEnumerable<int> Seeds(int fixedCases, int newCases)
    {
        if (Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } one)
        {
            yield return int.Parse(one, CultureInfo.InvariantCulture);
            yield break;
        }

        var first = Random.Shared.Next(1_000_000, int.MaxValue / 2);
        if (Environment.GetEnvironmentVariable(SecondsVariable) is { Length: > 0 } text)
        {
            var clock = Stopwatch.StartNew();
            var limit = TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
            var seed = first;
            for (; clock.Elapsed < limit; seed++) yield return seed;
            TestContext.Current.TestOutputHelper?.WriteLine($"{seed - first} cases from seed {first}");
            yield break;
        }

        for (var seed = 1; seed <= fixedCases; seed++) yield return seed;
        if (newCases > 0) TestContext.Current.TestOutputHelper?.WriteLine($"{newCases} new cases from seed {first}");
        for (var n = 0; n < newCases; n++) yield return first + n;
    }

    /// <summary>How to see a case again.</summary>
    public static string Repeat(int seed) => Named(seed.ToString(CultureInfo.InvariantCulture));

    public static string Named(string seed) => $"seed {seed} ({SeedVariable}={seed} repeats it)";
}
