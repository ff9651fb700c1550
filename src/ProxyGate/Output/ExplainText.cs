using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Guides.Search;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Output;

/// <summary>The manual in the terminal.</summary>
internal static class ExplainText
{
    public static void Cause(PageText page, CausePage cause)
    {
        var c = cause.Cause;
        page.Title($"{c.Id}: {c.Title}");
        page.Blank();
        page.Paragraph(cause.Guide.Meaning);
        page.Heading("For example");
        page.Paragraph(cause.Example.Sentence);
        if (cause.Example.DoesNotProve.Length > 0)
        {
            page.Heading("What it does not prove");
            page.Paragraph(cause.Example.DoesNotProve);
        }

        if (cause.Example.Checks.Count > 0)
        {
            page.Heading("Look first (with the example's values)");
            page.Commands(cause.Example.Checks);
        }

        var seen = cause.Example.Checks.Where(l => !l.StartsWith('#')).ToHashSet(StringComparer.Ordinal);
        page.Heading("What usually stands behind it, the most frequent first");
        for (var i = 0; i < cause.RootCauses.Count; i++)
        {
            var root = cause.RootCauses[i];
            if (i > 0) page.Blank();
            page.Paragraph($"{root.Guide.Title} ({root.Guide.Id})", string.Create(CultureInfo.InvariantCulture, $"{i + 1}. "), emphasis: true);
            page.Paragraph(root.TellApart, "Told by: ", 5);
            Steps(page, root.Confirm, root.Fix, 5, seen);
        }

        page.Heading("What the client gets, and who can help");
        page.Paragraph(Answer(c));
        page.Paragraph($"Look first at: {Party(c.Party)}. {Retry(c)}");
        page.Heading("What others call it");
        foreach (var system in cause.Guide.Equivalents.GroupBy(e => e.System))
        {
            page.Paragraph(system.Key + ":");
            foreach (var e in system) page.Paragraph(e.Difference.Length > 0 ? $"{e.Message} ({e.Difference})" : e.Message, "- ", 4);
        }
    }

    public static void Hint(PageText page, HintPage hint)
    {
        page.Title($"{hint.Guide.Id}: {hint.Guide.Title}");
        page.Blank();
        page.Paragraph(hint.Guide.Meaning);
        page.Heading("What proves it, and what speaks against it");
        page.Paragraph(hint.Guide.Evidence);
        if (hint.Confirm.Count + hint.Fix.Count > 0)
        {
            page.Heading("Confirm and mend (with an example's values)");
            Steps(page, hint.Confirm, hint.Fix, 2);
        }

        if (hint.Causes.Count == 0) return;
        page.Heading("It can stand behind");
        foreach (var id in hint.Causes) page.Paragraph(CauseCatalogue.Get(id).Title, $"{id}: ");
    }

    /// <summary>All causes, by the stage of a request in which they are usually met.</summary>
    public static void Causes(PageText page)
    {
        page.Title("The causes ProxyGate can name, by where in a request's life they are usually met");
        foreach (var stage in CauseCatalogue.All.GroupBy(c => c.Stage).OrderBy(g => Place(g.Key)))
        {
            page.Heading($"{ContractNames.Of(stage.Key)}: {StageInWords(stage.Key)}");
            var longest = stage.Max(c => c.Id.Length) + 2;
            foreach (var c in stage) page.Paragraph(FirstSentence(CauseGuides.Of(c.Id).Meaning), c.Id.PadRight(longest), emphasis: true);
        }

        page.Blank();
        page.Paragraph("proxygate explain CAUSE shows one of them whole. Other proxies' messages and codes are understood as well: proxygate explain \"upstream prematurely closed connection\", 522, ECONNREFUSED. Root causes: proxygate explain --hints.", indent: 0);
    }

    /// <summary>The whole manual: every cause, then every root cause.</summary>
    public static void All(PageText page)
    {
        foreach (var c in CauseCatalogue.All)
        {
            Cause(page, GuidePages.OfCause(c.Id));
            page.Blank();
            page.Blank();
        }

        foreach (var h in HintGuides.All)
        {
            Hint(page, GuidePages.OfHint(h.Id));
            page.Blank();
            page.Blank();
        }
    }

    public static void Hints(PageText page)
    {
        page.Title("The root causes ProxyGate knows");
        page.Blank();
        var longest = HintGuides.All.Max(h => h.Id.Length) + 2;
        foreach (var h in HintGuides.All) page.Paragraph(h.Title, h.Id.PadRight(longest), emphasis: true);
        page.Blank();
        page.Paragraph("proxygate explain ID shows one of them whole.", indent: 0);
    }

    /// <summary>All that a text can mean, with why.</summary>
    public static void Matches(PageText page, string text, IReadOnlyList<GuideMatch> matches)
    {
        page.Title($"\"{HostileText.Line(text, 120)}\" can mean, the most usual first:");
        page.Blank();
        // Many causes are often found by one and the same message: it is said once.
        foreach (var (why, ids) in Runs(matches))
        {
            var longest = ids.Max(m => m.Id.Length) + 2;
            foreach (var m in ids) page.Paragraph(InShort(m), m.Id.PadRight(longest), emphasis: true);
            page.Paragraph(why, "by ", 4);
        }

        page.Blank();
    }

    private static IEnumerable<(string Why, List<GuideMatch> Matches)> Runs(IReadOnlyList<GuideMatch> matches)
    {
        List<GuideMatch> run = [];
        foreach (var m in matches)
        {
            if (run.Count > 0 && run[0].Why != m.Why)
            {
                yield return (run[0].Why, run);
                run = [];
            }

            run.Add(m);
        }

        if (run.Count > 0) yield return (run[0].Why, run);
    }

    private static string InShort(GuideMatch match) =>
        match.Kind == GuideKind.Cause ? FirstSentence(CauseGuides.Of(match.Id).Meaning) : HintGuides.Get(match.Id).Title;

    /// <summary>Without the commands that stand further up already, and the steps that introduce them.</summary>
    private static List<string> Unseen(IReadOnlyList<string> lines, HashSet<string> seen)
    {
        var kept = new List<string>();
        for (var i = 0; i < lines.Count;)
        {
            var commands = i;
            while (commands < lines.Count && lines[commands].StartsWith('#')) commands++;
            var end = commands;
            while (end < lines.Count && !lines[end].StartsWith('#')) end++;
            var block = lines.Skip(i).Take(end - i);
            if (end == commands || lines.Skip(commands).Take(end - commands).Any(c => !seen.Contains(c))) kept.AddRange(block);
            i = end;
        }

        seen.UnionWith(kept.Where(l => !l.StartsWith('#')));
        return kept;
    }

    private static void Steps(PageText page, IReadOnlyList<string> confirm, IReadOnlyList<string> fix, int indent, HashSet<string>? seen = null)
    {
        var unseen = Unseen(confirm, seen ?? []);
        if (confirm.Count > 0)
        {
            page.Paragraph(unseen.Count == 0 ? "Confirm: with the commands above." : "Confirm:", indent: indent);
            page.Commands(unseen, indent + 2);
        }

        if (fix.Count > 0)
        {
            page.Paragraph("Mend:", indent: indent);
            page.Commands(fix, indent + 2);
        }
    }

    private static string Answer(Cause c) => c.Status switch
    {
        0 => "The client gets the app's own answer and status, unchanged.",
        499 => "Nobody is left to answer; the log says 499.",
        _ => string.Create(CultureInfo.InvariantCulture, $"The client gets {c.Status} ({c.Title}){(c.ProxyError.Length > 0 ? $", with Proxy-Status: proxygate; error={c.ProxyError}" : "")}."),
    };

    private static string Retry(Cause c) => c switch
    {
        { Retryable: false } => "Trying again does not help until somebody changes something.",
        { RetryAfterSeconds: { } seconds } => string.Create(CultureInfo.InvariantCulture, $"Trying again later can help; the answer says Retry-After: {seconds}."),
        _ => "Trying again can help.",
    };

    private static string Party(Party party) => party switch
    {
        Diagnostics.Attempts.Party.Client => "the client",
        Diagnostics.Attempts.Party.Gateway => "ProxyGate's configuration and machine",
        Diagnostics.Attempts.Party.Network => "the network",
        Diagnostics.Attempts.Party.UpstreamProcess => "the app's process (does it run, does it listen, did it end?)",
        Diagnostics.Attempts.Party.UpstreamApp => "the app's own work",
        Diagnostics.Attempts.Party.NextGateway => "the next gateway",
        _ => "the evidence, as nobody can be named",
    };

    private static int Place(Stage stage) => stage == Stage.Policy ? (int)Stage.Route : (int)stage + 1;

    private static string StageInWords(Stage stage) => stage switch
    {
        Stage.Route => "before a destination was contacted",
        Stage.Policy => "a rule of the gateway decided",
        Stage.Dns => "finding the destination's address",
        Stage.Connect => "making the connection",
        Stage.Tls => "agreeing on encryption",
        Stage.Send => "sending the request",
        Stage.Head => "waiting for the answer to begin",
        Stage.Body => "receiving the rest of the answer",
        _ => "a live connection such as a WebSocket",
    };

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..(end + 1)] : text;
}
