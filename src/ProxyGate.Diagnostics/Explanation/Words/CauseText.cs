namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The words of one cause, with the places where the real values go.</summary>
/// <param name="Sentence">The finding: what ProxyGate saw, no more.</param>
/// <param name="DoesNotProve">What the finding leaves open; empty where nothing is.</param>
/// <param name="Checks">Shell lines and steps that would tell the open possibilities apart.</param>
internal sealed record CauseText(Func<Seen, string> Sentence, Func<Seen, string> DoesNotProve, Func<Seen, IEnumerable<string>> Checks)
{
    public CauseText(Func<Seen, string> sentence, string doesNotProve, Func<Seen, IEnumerable<string>>? checks = null)
        : this(sentence, _ => doesNotProve, checks ?? (_ => []))
    {
    }
}
