using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Guides;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>A form the account can take. <see cref="Account"/> decides what is told and in which order; a form only dresses it, and escapes.</summary>
internal interface IAccountForm
{
    /// <summary>The finding: what happened, where to act, what it leaves open.</summary>
    void Finding(FailureEvent failure);

    void Chain(IReadOnlyList<ChainLink> chain);

    /// <summary>A section under a heading of its own, up to <see cref="Close"/>.</summary>
    void Open(string heading, string note = "");

    void Close();

    /// <summary>A likely root cause with its evidence; its commands follow, up to <see cref="CloseReason"/>.</summary>
    void OpenReason(Hint hint);

    void CloseReason();

    /// <summary>Something for who wants to know more: folded away where the form can fold.</summary>
    void OpenAside(string title);

    void CloseAside();

    void Sentence(string text);

    void Items(IReadOnlyList<string> lines);

    void Commands(CommandKind kind, IReadOnlyList<string> lines);

    void Facts(IReadOnlyList<Fact> facts);

    void Attempts(IReadOnlyList<AttemptRow> rows);

    void Equivalents(IReadOnlyList<Equivalent> equivalents);
}

/// <summary>What a block of shell lines does.</summary>
internal enum CommandKind
{
    /// <summary>They look and change nothing.</summary>
    Check,
    /// <summary>They mend it: what they change stands in the step before.</summary>
    Fix,
    /// <summary>Both, step by step.</summary>
    Steps,
}

/// <summary>A fact with its name.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The value, raw.</param>
/// <param name="IsCode">Whether it is read letter by letter: an id, bytes, a log line.</param>
internal readonly record struct Fact(string Name, string Value, bool IsCode = false);

/// <summary>One attempt as a row.</summary>
internal readonly record struct AttemptRow(string Number, string Destination, string Address, string Connection, string Sent, string Received, string Time, string Outcome);
