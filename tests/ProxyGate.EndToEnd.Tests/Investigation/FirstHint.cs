using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.Tests.Events;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>What the first hint must be, wherever it is told: in the finding, in later events, and on the page.</summary>
internal static class FirstHint
{
    public static IReadOnlyList<string> Evidence(JsonObject told) => Texts(told["hints"]![0]!["evidence"]!);

    public static IReadOnlyList<string> Try(JsonObject told) => Texts(told["hints"]![0]!["try"]!);

    public static void Assert(RootCause row, JsonObject told, params IEnumerable<string> truth)
    {
        var hints = told["hints"]!.AsArray();
        Xunit.Assert.True(hints.Count > 0, $"No hint at all in {told}");
        Xunit.Assert.True(row.Hint.Split('|').Contains((string?)hints[0]!["id"]) && row.Confidence == (string?)hints[0]!["confidence"], $"Expected {row.Hint} ({row.Confidence}) first in {told}");
        Xunit.Assert.NotEmpty(Evidence(told));
        Xunit.Assert.NotEmpty(Try(told));
        Xunit.Assert.All(row.Never, id => Xunit.Assert.DoesNotContain(hints, h => (string?)h!["id"] == id && (string?)h["confidence"] != "possible"));
        var evidence = string.Join('\n', Evidence(told));
        foreach (var text in truth) Xunit.Assert.True(evidence.Contains(text, StringComparison.Ordinal), $"The evidence does not say \"{text}\": {told}");
    }

    /// <summary>The look that followed a failure, held to its schema.</summary>
    public static async Task AssertFindingAsync(RootCause row, JsonObject finding, JsonObject failure, IEnumerable<string> truth)
    {
        await EventLineSchema.AssertValidFindingAsync(finding.ToJsonString());
        Xunit.Assert.Equal((string?)failure["incident"], (string?)finding["incident"]);
        Assert(row, finding, truth);
        Xunit.Assert.True(row.Refined == ((string?)finding["refined_cause"] ?? ""), $"Expected \"{row.Refined}\": {finding}");
    }

    /// <summary>The page of the next failure tells what was looked at before it, in JSON and for people.</summary>
    public static void AssertPage(RootCause row, string problem, string html)
    {
        var told = JsonNode.Parse(problem)!.AsObject();
        Assert(row, told);
        Xunit.Assert.True(told["findings"]!.AsArray().Count > 0 && told["investigation"] is not null, problem);
        var page = WebUtility.HtmlDecode(html);
        Xunit.Assert.Contains((string)told["hints"]![0]!["sentence"]!, page, StringComparison.Ordinal);
        Xunit.Assert.Contains("What a look at the machine and the network showed", page, StringComparison.Ordinal);
    }

    private static IReadOnlyList<string> Texts(JsonNode array) => [.. array.AsArray().Select(t => (string)t!)];
}
