namespace ProxyGate.Diagnostics.Explanation.Languages;

/// <summary>What the public reads of one kind of failure. No value of any kind goes in.</summary>
/// <param name="Title">A few words, without a full stop.</param>
/// <param name="Sentence">What it means for the reader.</param>
/// <param name="Advice">What the reader can do.</param>
public sealed record PublicText(string Title, string Sentence, string Advice);
