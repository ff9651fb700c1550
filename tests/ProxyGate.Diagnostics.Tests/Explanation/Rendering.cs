using System.Text;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>A diagnosis as a text that a person can approve.</summary>
internal static class Rendering
{
    public static string Of(string name)
    {
        var failure = ExampleFailures.Verdict(name);
        var d = Explainer.Explain(ExampleFailures.All[name], failure, ExampleContexts.Of(name));
        var text = new StringBuilder();
        text.Append("# ").Append(name).Append("\n\n").Append(d.Sentence).Append("\n\n");
        text.Append("Does not prove: ").Append(d.DoesNotProve.Length == 0 ? "(nothing open)" : d.DoesNotProve).Append("\n\n");
        text.Append("Public: ").Append(d.PublicTitle).Append(". ").Append(d.PublicSentence).Append("\n\n");
        text.Append("Chain: ").AppendJoin(" → ", d.Chain.Select(l => $"{l.Name} {l.State}{(l.Milliseconds is { } ms ? $" {Amounts.Time(ms)}" : "")}{(l.Detail.Length > 0 ? $" ({l.Detail})" : "")}")).Append("\n\n");
        foreach (var hint in d.Hints)
        {
            text.Append("Hint ").Append(hint.Id).Append(" (").Append(hint.Confidence).Append("): ").Append(hint.Sentence).Append('\n');
            foreach (var line in hint.Evidence) text.Append("- because: ").Append(line).Append('\n');
            foreach (var line in hint.Try) text.Append("    ").Append(line).Append('\n');
            text.Append("  fix:\n");
            foreach (var line in hint.Fix) text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }

        if (d.Checks.Count > 0)
        {
            text.Append("Checks:\n");
            foreach (var line in d.Checks) text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }

        foreach (var possibility in d.Possibilities)
        {
            text.Append("Or perhaps ").Append(possibility.Id).Append(": ").Append(possibility.Title).Append(". ").Append(possibility.TellApart).Append('\n');
            foreach (var line in possibility.Confirm) text.Append("    ").Append(line).Append('\n');
            text.Append("  fix:\n");
            foreach (var line in possibility.Fix) text.Append("    ").Append(line).Append('\n');
            text.Append('\n');
        }

        text.Append("Evidence:\n");
        foreach (var line in d.Evidence) text.Append("- ").Append(line).Append('\n');
        return text.Append("\nnginx: ").Append(d.NginxMessage.Length == 0 ? "(logs nothing)" : d.NginxMessage).Append('\n').ToString();
    }
}
