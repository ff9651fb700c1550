using System.Text.Json.Serialization;
using ProxyGate.Diagnostics.Explanation.Guides;

namespace ProxyGate.Output;

/// <summary>What <see cref="ExplainJson"/> writes, in code made when this is built: the natively compiled program has no other.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, NewLine = "\n")]
[JsonSerializable(typeof(ExplainedList))]
[JsonSerializable(typeof(ExplainedSearch))]
internal sealed partial class ExplainJsonTypes : JsonSerializerContext;

internal sealed record ExplainedList(IReadOnlyList<ListedCause> Causes, IReadOnlyList<ListedHint> Hints)
{
    [JsonPropertyOrder(-1)]
    public string Schema => "proxygate.explain/1";
}

internal sealed record ListedCause(string Id, string Title, string Stage, string Party, int Status, string Meaning, IReadOnlyList<string> RootCauses);

internal sealed record ListedHint(string Id, string Title, string Meaning);

internal sealed record ExplainedSearch(
    string Query, IReadOnlyList<ExplainedMatch> Matches, IReadOnlyList<string> Nearest, ExplainedCause? Cause, ExplainedHint? Hint)
{
    [JsonPropertyOrder(-1)]
    public string Schema => "proxygate.explain/1";
}

internal sealed record ExplainedMatch(string Kind, string Id, string Strength, string Why);

internal sealed record ExplainedCause(
    string Id, string Title, string Stage, string Party, int Status, string ProxyStatus, bool Retryable, int? RetryAfterSeconds,
    string Meaning, string Example, string DoesNotProve, IReadOnlyList<string> Checks, IReadOnlyList<ExplainedRootCause> RootCauses, IReadOnlyList<Equivalent> Equivalents);

internal sealed record ExplainedRootCause(string Id, string Title, string Meaning, string TellApart, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix);

internal sealed record ExplainedHint(
    string Id, string Title, string Meaning, string Evidence, IReadOnlyList<string> Confirm, IReadOnlyList<string> Fix, IReadOnlyList<string> Causes);
