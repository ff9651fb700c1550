using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Diagnostics.Explanation.Hints;
using ProxyGate.Diagnostics.Explanation.Hints.Remedies;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>The manual, page by page: everything there is to say about a cause or a root cause before it is met.</summary>
public static class GuidePages
{
    private static readonly Dictionary<string, CausePage> s_causes = CauseCatalogue.All.ToDictionary(c => c.Id, Assemble);

    private static readonly ILookup<string, string> s_causesOf =
        (from guide in CauseGuides.All
         from root in guide.RootCauses.Select((r, position) => (r.Hint, position))
         orderby root.position
         select (root.Hint, guide.Id)).ToLookup(r => r.Hint, r => r.Id);

    /// <summary>The page of this cause; throws <see cref="KeyNotFoundException"/> for an id that is not in the catalogue.</summary>
    public static CausePage OfCause(string id) => s_causes[id];

    /// <summary>The page of this root cause; throws <see cref="KeyNotFoundException"/> for an id that has no guide.</summary>
    public static HintPage OfHint(string id)
    {
        var guide = HintGuides.Get(id);
        string[] causes = [.. s_causesOf[id]];
        // The values of the cause it is most often behind.
        var example = SeenIn(causes is [var first, ..] ? first : CauseId.ConnectRefused);
        var remedy = RemedyTable.Of(id);
        return new HintPage(guide, causes, [.. remedy.Confirm(example)], [.. remedy.Fix(example)]);
    }

    private static CausePage Assemble(Cause cause)
    {
        var guide = CauseGuides.Of(cause.Id);
        var example = SeenIn(cause.Id);
        return new CausePage(
            cause,
            guide,
            Explainer.Explain(ExampleFailures.All[cause.Id], ExampleFailures.Verdict(cause.Id), ExampleContexts.Of(cause.Id)),
            [
                .. from root in guide.RootCauses
                   let remedy = RemedyTable.Of(root.Hint)
                   select new RootCausePage(HintGuides.Get(root.Hint), root.TellApart, [.. remedy.Confirm(example)], [.. remedy.Fix(example)]),
            ]);
    }

    private static Seen SeenIn(string cause) => new(ExampleFailures.All[cause], ExampleFailures.Verdict(cause));
}

/// <summary>All about one cause.</summary>
/// <param name="Cause">Its status, party and the rest.</param>
/// <param name="Guide">Its meaning, and what other systems call it.</param>
/// <param name="Example">A realistic failure with this cause, explained. Its values stand in the commands as well.</param>
/// <param name="RootCauses">What usually stands behind it, the most frequent first.</param>
public sealed record CausePage(Cause Cause, CauseGuide Guide, Diagnosis Example, IReadOnlyList<RootCausePage> RootCauses);

/// <summary>A root cause on the page of a cause.</summary>
/// <param name="Guide">Its words.</param>
/// <param name="TellApart">What tells it from the others of this cause.</param>
/// <param name="Confirm">Shell lines that look and change nothing, with the example's values; a line that begins with <c>#</c> is a step for a person.</param>
/// <param name="Fix">Steps and shell lines that mend it; a command that changes the system stands behind a step that says so.</param>
public sealed record RootCausePage(HintGuide Guide, string TellApart, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix);

/// <summary>All about one root cause.</summary>
/// <param name="Guide">Its words.</param>
/// <param name="Causes">The causes it can stand behind, where it is most usual first.</param>
/// <param name="Confirm">As on a cause's page.</param>
/// <param name="Fix">As on a cause's page.</param>
public sealed record HintPage(HintGuide Guide, IReadOnlyList<string> Causes, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix);
