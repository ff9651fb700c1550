using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation;

/// <summary>
/// A failure in words, written once; page, JSON, Markdown, terminal and event are renderings of it. Everything taken from a client or
/// upstream is still raw here: each renderer escapes for its own format. Words are made when they are first read: in a storm of failures nearly
/// all answers need but a few of them.
/// </summary>
public sealed record Diagnosis
{
    private readonly Wording? _wording;
    private readonly IReadOnlyList<Possibility>? _possibilities;

    /// <summary>What is not given is empty.</summary>
    public Diagnosis()
    {
    }

    internal Diagnosis(Wording wording) => _wording = wording;

    public required Failure Failure { get; init; }

    /// <summary>One sentence with the real values. Operators only.</summary>
    public string Sentence { get => field ?? _wording?.Sentence ?? ""; init; }

    /// <summary>What the observation does not prove. Operators only; empty where nothing is open.</summary>
    public string DoesNotProve { get => field ?? _wording?.DoesNotProve ?? ""; init; }

    /// <summary>A title and a sentence for the public: no address, port, host, path, certificate, version, byte or exception text.</summary>
    public string PublicTitle { get => field ?? _wording?.PublicTitle ?? ""; init; }

    public string PublicSentence { get => field ?? _wording?.PublicSentence ?? ""; init; }

    /// <summary>The chain client → gateway → name → TCP → TLS → request → answer.</summary>
    public IReadOnlyList<ChainLink> Chain { get => field ?? _wording?.Chain ?? []; init; }

    /// <summary>The recorded facts, as lines for people.</summary>
    public IReadOnlyList<string> Evidence { get => field ?? _wording?.Evidence ?? []; init; }

    public IReadOnlyList<Hint> Hints { get => field ?? _wording?.Hints ?? []; init; }

    /// <summary>
    /// What to look at where no hint is proved: shell lines with the real values, quoted. A line that begins with <c>#</c> is a step for
    /// a person. They read, they change nothing.
    /// </summary>
    public IReadOnlyList<string> Checks { get => field ?? _wording?.Checks ?? []; init; }

    /// <summary>Usual root causes without evidence yet, the most frequent first; none that a hint names already.</summary>
    public IReadOnlyList<Possibility> Possibilities { get => _possibilities ?? _wording?.Possibilities ?? []; init => _possibilities = value; }

    /// <summary>Their names: all that a short form shows.</summary>
    public IReadOnlyList<OtherReason> OtherReasons => _possibilities is null ? _wording?.OtherReasons ?? [] : [.. _possibilities.Select(p => new OtherReason(p.Id, p.Title))];

    /// <summary>What other proxies would have said.</summary>
    public IReadOnlyList<Equivalent> Equivalents { get => field ?? _wording?.Equivalents ?? []; init; }

    /// <summary>Since when, how often, and what else fails; absent where nobody knows (a recorded event, an example).</summary>
    public FailureContext? Context { get; init; }

    /// <summary>The context in plain sentences, the most telling first.</summary>
    public IReadOnlyList<string> ContextLines { get => field ?? _wording?.ContextLines ?? []; init; }

    /// <summary>What a look at network and host saw; absent when none has been taken.</summary>
    public InvestigationFacts? Investigation { get; init; }

    /// <summary>Its findings in plain sentences, the most telling first.</summary>
    public IReadOnlyList<string> Findings { get => field ?? _wording?.Findings ?? []; init; }

    /// <summary>How fresh they are, e.g. <c>Looked 12 s before this failure, in 240 ms.</c>; absent without a look.</summary>
    public string? Looked { get => field ?? _wording?.Looked; init; }

    /// <summary>What could not be seen, and why, as sentences.</summary>
    public IReadOnlyList<string> NotSeen { get => field ?? _wording?.NotSeen ?? []; init; }

    /// <summary>The line nginx would have logged, for people's greps and existing alert rules; empty where nginx logs none.</summary>
    public string NginxMessage { get => field ?? _wording?.NginxMessage ?? ""; init; }
}

/// <summary>One link of the chain.</summary>
/// <param name="Name">client, gateway, name, tcp, tls, request, answer.</param>
/// <param name="State">Whether it held.</param>
/// <param name="Milliseconds">How long it took, when measured.</param>
/// <param name="Detail">A few words with the real values. Operators only.</param>
public sealed record ChainLink(string Name, ChainState State, double? Milliseconds, string Detail);

public enum ChainState
{
    Passed,
    Failed,
    NotReached,
    /// <summary>There was nothing to do, e.g. no TLS configured, or the connection was reused.</summary>
    Skipped,
}

/// <summary>A likely root cause.</summary>
/// <param name="Id">Stable id, e.g. <c>keepalive_race</c>.</param>
/// <param name="Confidence">How sure.</param>
/// <param name="Sentence">What it says, with the real values.</param>
/// <param name="Evidence">At least one positive item.</param>
/// <param name="Try">Shell lines, real values filled in and quoted. A line that begins with <c>#</c> is a step for a person.</param>
public sealed record Hint(string Id, Confidence Confidence, string Sentence, IReadOnlyList<string> Evidence, IReadOnlyList<string> Try)
{
    /// <summary>
    /// The part of <see cref="Try"/> that mends it, when it stands apart there: steps, and commands behind a step that says what they change.
    /// The event's <c>try</c> is <see cref="Try"/> followed by these.
    /// </summary>
    public IReadOnlyList<string> Fix { get; init; } = [];
}
