using System.CommandLine;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Guides.Search;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary><c>proxygate explain</c>: the manual, found by a cause, a root cause, or what another program said.</summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var text = new Argument<string[]>("CAUSE|HINT|MESSAGE")
        {
            Description = "A cause (connect_refused), a root cause (wrong_port), or what another program said: a message, a code or a whole log line, in quotes.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var hints = new Option<bool>("--hints") { Description = "List the root causes instead of the causes." };
        var all = new Option<bool>("--all") { Description = "Print the whole manual." };
        var json = new Option<bool>("--json") { Description = "Print it as JSON." };
        var command = new Command("explain", "Explain a cause, or find it by another proxy's message. Works offline. Without a name: the list of all causes.") { text, hints, all, json };
        command.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetValue(json)) result.AddError("--all is text; --json without a name lists everything.");
            if (result.GetResult(text) is not { Tokens.Count: > 0 } given) return;
            foreach (var option in given.Tokens.Where(t => t.Value.Length > 3 && t.Value.StartsWith("--", StringComparison.Ordinal) && !t.Value.Contains(' ', StringComparison.Ordinal)))
                result.AddError($"\"{HostileText.Line(option.Value, 40)}\" is not known to explain.");
            if (result.GetValue(hints)) result.AddError("--hints lists the root causes; it takes no name.");
            if (result.GetValue(all)) result.AddError("--all prints everything; it takes no name.");
            if (given.Tokens.All(t => !t.Value.Any(char.IsAsciiLetterOrDigit))) result.AddError("Say what to explain, for instance: proxygate explain connect_refused.");
        });
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            var query = string.Join(' ', parsed.GetValue(text) ?? []);
            if (parsed.GetValue(all) && !parsed.GetValue(json))
            {
                ExplainText.All(PageText.For(output));
                return ExitCode.Fine;
            }

            return query.Length == 0 ? List(output, parsed.GetValue(hints), parsed.GetValue(json)) : Explain(query, parsed.GetValue(json), output, error);
        });
        return command;
    }

    private static int List(TextWriter output, bool hints, bool json)
    {
        if (json) output.WriteLine(ExplainJson.List());
        else if (hints) ExplainText.Hints(PageText.For(output));
        else ExplainText.Causes(PageText.For(output));
        return ExitCode.Fine;
    }

    private static int Explain(string query, bool json, TextWriter output, TextWriter error)
    {
        var result = GuideSearch.Find(query);
        if (json) output.WriteLine(ExplainJson.Search(HostileText.Line(query, SearchLimit), result));
        if (result.Matches.Count == 0)
        {
            WriteNothingFound(query, result, error);
            return ExitCode.No;
        }

        if (!json) Write(query, result, PageText.For(output));
        return ExitCode.Fine;
    }

    private const int SearchLimit = 4096;

    private static void Write(string query, GuideSearchResult result, PageText page)
    {
        if (result.Matches.Count > 1) ExplainText.Matches(page, query, result.Matches);
        if (result is { OnlyAStatus: true, Matches.Count: > 1 })
        {
            page.Paragraph("A status alone does not tell which. The failure's page and \"proxygate events\" name the cause; proxygate explain CAUSE shows one of these whole.", indent: 0);
            return;
        }

        var best = result.Matches[0];
        if (best.Kind == GuideKind.Cause) ExplainText.Cause(page, GuidePages.OfCause(best.Id));
        else ExplainText.Hint(page, GuidePages.OfHint(best.Id));
    }

    private static void WriteNothingFound(string query, GuideSearchResult result, TextWriter error)
    {
        error.WriteLine($"proxygate: nothing is known about \"{HostileText.Line(query, 120)}\".");
        if (result.LooksLikeFailureId)
            error.WriteLine($"It looks like the id of one failure. The event log knows it: proxygate events --id {HostileText.Line(query.Trim().ToLowerInvariant(), 16)}");
        else if (result.Nearest.Count > 0)
            error.WriteLine($"Did you mean {string.Join(", ", result.Nearest)}?");
        else
            error.WriteLine("proxygate explain lists all causes; a few words of the message find more than the whole line.");
    }
}
