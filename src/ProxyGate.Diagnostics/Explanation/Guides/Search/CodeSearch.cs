using System.Text.RegularExpressions;
using ProxyGate.Diagnostics.Explanation.Guides.Equivalents;

namespace ProxyGate.Diagnostics.Explanation.Guides.Search;

/// <summary>Short codes whose case and hyphens mean something: HAProxy's termination states and Envoy's response flags.</summary>
internal static partial class CodeSearch
{
    private static readonly Saying[] s_states = [.. HAProxySayings.States.Sayings.Where(s => s.Message.Length == 4 && s.Message.EndsWith("--", StringComparison.Ordinal))];
    private static readonly Dictionary<string, Saying> s_flags = EnvoySayings.Flags.Sayings
        .Where(s => s.Message != Saying.NoOwnMessage)
        .ToDictionary(s => s.Message, StringComparer.OrdinalIgnoreCase);

    /// <summary>What the text says as a state (<c>SC--</c>, <c>sH--</c>, also inside a log line) or as flags (<c>UF,URX</c>).</summary>
    public static IEnumerable<(string System, Saying Saying)> Find(string text)
    {
        var bare = text.Trim(' ', '\t', '"', '\'', '`', '(', ')', '[', ']', ',', '.', ':', ';');
        if (States(text, bare) is { Count: > 0 } states) return states.Select(s => (HAProxySayings.States.System, s));
        var flags = Flags(bare);
        // Two letters without hyphens can be a flag of Envoy or a state of HAProxy.
        return bare.Length == 2 ? [.. flags, .. Exact(bare + "--").Select(s => (HAProxySayings.States.System, s))] : flags;
    }

    private static List<Saying> States(string text, string bare)
    {
        if (bare.Length == 4 && AnyState().IsMatch(bare) && Exact(bare[..2] + "--") is { Count: > 0 } alone) return alone;
        return [.. StateInLine().Matches(text).Take(4).SelectMany(m => Exact(m.Groups[1].Value + "--")).Distinct()];
    }

    /// <summary>Upper and lower case differ in meaning; where the case fits nothing, it was not meant.</summary>
    private static List<Saying> Exact(string state)
    {
        var exact = s_states.Where(s => string.Equals(s.Message, state, StringComparison.Ordinal)).ToList();
        return exact.Count > 0 ? exact : [.. s_states.Where(s => string.Equals(s.Message, state, StringComparison.OrdinalIgnoreCase))];
    }

    private static List<(string, Saying)> Flags(string bare)
    {
        if (bare.Length > 24) return [];
        if (s_flags.TryGetValue(bare.Replace(" ", "", StringComparison.Ordinal), out var whole)) return [(EnvoySayings.Flags.System, whole)];
        var parts = bare.Split([',', ' ', '|', '+'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || !parts.All(s_flags.ContainsKey)) return [];
        // "All retries are used up" says nothing beside a flag that names the failure.
        return [.. parts.OrderBy(p => string.Equals(p, "URX", StringComparison.OrdinalIgnoreCase)).Select(p => (EnvoySayings.Flags.System, s_flags[p]))];
    }

    [GeneratedRegex(@"^[A-Za-z]{2}[-NIDVEOUnidveou][-NIURPDniurpd]$", RegexOptions.CultureInvariant)]
    private static partial Regex AnyState();

    [GeneratedRegex(@"(?<![\w-])([CSPLRIDUKcs][RQCHDLT])--(?![\w-])", RegexOptions.CultureInvariant)]
    private static partial Regex StateInLine();
}
