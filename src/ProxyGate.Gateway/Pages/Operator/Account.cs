using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>
/// The whole of a failure for who runs the gateway, once: page and Markdown are two forms of it. The order is the order of use: what
/// happened, why, what to type, what else was seen, then the record. Every list is bounded.
/// </summary>
internal static class Account
{
    private const int MaxHints = 8;
    private const int MaxLines = 24;
    private const int MaxPossibilities = 12;
    private const int MaxAttempts = 16;
    private const int MaxEvidence = 64;

    /// <param name="failure">What to tell.</param>
    /// <param name="form">How.</param>
    /// <param name="forStrangers">Whether it may be shown outside: then no value of a header field goes in.</param>
    public static void Tell(FailureEvent failure, IAccountForm form, bool forStrangers)
    {
        form.Finding(failure);
        form.Chain(failure.Diagnosis.Chain);
        TellReasonsAndRecord(failure, form, forStrangers);
    }

    /// <summary>All that follows the finding and the chain.</summary>
    public static void TellReasonsAndRecord(FailureEvent failure, IAccountForm form, bool forStrangers)
    {
        var d = failure.Diagnosis;
        TellReasons(d, form);
        if (d.Hints.Count == 0) TellChecks(d, form);
        TellLook(failure, form);
        if (d.Hints.Count > 0) TellChecks(d, form);
        TellContext(d, form);
        TellPossibilities(d, form);
        TellRecord(failure, form, forStrangers);
    }

    private static void TellReasons(Diagnosis d, IAccountForm form)
    {
        if (d.Hints.Count == 0) return;
        form.Open(AccountWords.Reasons(d.Hints));
        foreach (var hint in Most(d.Hints, MaxHints))
        {
            form.OpenReason(hint);
            TellCommands(form, hint);
            form.CloseReason();
        }

        form.Close();
    }

    /// <summary>Where nothing is open any more the fix comes first; otherwise one looks first.</summary>
    private static void TellCommands(IAccountForm form, Hint hint)
    {
        var look = hint.Fix.Count > 0 ? CommandKind.Check : CommandKind.Steps;
        var fixFirst = hint.Confidence == Confidence.Proved;
        if (fixFirst) TellCommands(form, CommandKind.Fix, hint.Fix);
        TellCommands(form, look, hint.Try);
        if (!fixFirst) TellCommands(form, CommandKind.Fix, hint.Fix);
    }

    private static void TellCommands(IAccountForm form, CommandKind kind, IReadOnlyList<string> lines)
    {
        if (lines.Count > 0) form.Commands(kind, Most(lines, MaxLines));
    }

    private static void TellChecks(Diagnosis d, IAccountForm form)
    {
        if (d.Checks.Count == 0) return;
        form.Open(d.Hints.Count == 0 ? "What to check now" : d.Hints[0].Confidence == Confidence.Proved ? "To see more of it" : "To make sure");
        TellCommands(form, CommandKind.Check, d.Checks);
        form.Close();
    }

    private static void TellLook(FailureEvent failure, IAccountForm form)
    {
        if (failure.Diagnosis is not { Investigation: { } look } d) return;
        form.Open("What a look at the machine and the network showed", AccountWords.Looked(look, AccountWords.Now(failure)));
        if (d.Findings.Count > 0) form.Items(Most(d.Findings, MaxLines));
        else form.Sentence("Nothing that explains the failure.");
        if (look.NotSeen.Count > 0)
        {
            form.OpenAside("What could not be seen");
            form.Items([.. look.NotSeen.Take(MaxLines).Select(b => b.Why.Length == 0 ? b.What : $"{b.What}: {b.Why}")]);
            form.CloseAside();
        }

        form.Close();
    }

    /// <summary>Since when, how often, and what else fails: the part that is another for every failure.</summary>
    public static void TellContext(Diagnosis d, IAccountForm form)
    {
        if (d.ContextLines.Count == 0) return;
        form.Open("Since when, how often");
        form.Items(Most(d.ContextLines, MaxLines));
        form.Close();
    }

    private static void TellPossibilities(Diagnosis d, IAccountForm form)
    {
        if (d.Possibilities.Count == 0) return;
        form.Open("Other usual reasons", "The most frequent first. There is no sign of them yet.");
        foreach (var possibility in Most(d.Possibilities, MaxPossibilities))
        {
            form.OpenAside(possibility.Title);
            form.Sentence(possibility.TellApart);
            TellCommands(form, CommandKind.Check, possibility.Confirm);
            TellCommands(form, CommandKind.Fix, possibility.Fix);
            form.CloseAside();
        }

        form.Close();
    }

    private static void TellRecord(FailureEvent failure, IAccountForm form, bool forStrangers)
    {
        var d = failure.Diagnosis;
        if (failure.Attempts.Count > 0)
        {
            form.Open(failure.Attempts.Count == 1 ? "The attempt" : "The attempts");
            form.Attempts(AccountRecord.Rows(failure, MaxAttempts));
            if (failure.Attempts.Count > MaxAttempts) form.Sentence($"And {failure.Attempts.Count - MaxAttempts} more; the event log has them all.");
            form.Close();
        }

        form.Open("Evidence");
        form.Facts(AccountRecord.Evidence(d, MaxEvidence, forStrangers));
        form.Close();
        form.Open("Reference");
        form.Facts(AccountRecord.Reference(failure));
        form.Close();
        if (d.NginxMessage.Length == 0 && d.Equivalents.Count == 0) return;
        form.Open("What other proxies say");
        if (d.NginxMessage.Length > 0) form.Facts([new Fact("nginx would have logged", d.NginxMessage, IsCode: true)]);
        if (d.Equivalents.Count > 0) form.Equivalents(Most(d.Equivalents, MaxLines));
        form.Close();
    }

    private static IReadOnlyList<T> Most<T>(IReadOnlyList<T> all, int most) => all.Count <= most ? all : [.. all.Take(most)];
}
