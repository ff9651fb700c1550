using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>The answers of <c>Corpus/answers.txt</c>: each comes out as it says there, in one piece and split at every place.</summary>
public sealed class AnswerCorpusTests
{
    /// <summary>Longer ones are split at some places only.</summary>
    private const int SplitEverywhere = 60;

    [Fact]
    public async Task Each_comes_out_as_noted()
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(Read(), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (entry, _) =>
        {
            var (line, expected, toHead, answer) = entry;
            var outcome = await Lane.AskAsync([answer], toHead);
            var became = Became(outcome);
            if (became != expected) wrong.Enqueue($"line {line} became {became}, not {expected}: {outcome}\n  {Bytes.Escape(answer.AsSpan(0, Math.Min(answer.Length, 200)))}");
            if (await AnswerFuzzTests.FailsAsync([answer], toHead) is { } fault) wrong.Enqueue($"line {line}: {fault}");
            if (answer.Length <= SplitEverywhere) await AnswerFuzzTests.SplitAsync(answer, toHead, at => wrong.Enqueue($"line {line}, {at}"));
            else await InPiecesAsync(answer, toHead, outcome.ToString(), at => wrong.Enqueue($"line {line}, {at}"));
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(20)));
    }

    private static string Became(Outcome outcome) => outcome switch
    {
        { Verdict: Verdict.Whole, Reused: true } => "kept",
        { Verdict: Verdict.Whole } => "whole",
        { Verdict: Verdict.Cut } => "cut",
        { HeadPassed: true } => "broken",
        _ => "refused",
    };

    private static async Task InPiecesAsync(byte[] answer, bool toHead, string whole, Action<string> differs)
    {
        foreach (var size in (int[])[1, 2, 3, 7, 1023, 1024, 1025])
        {
            var parts = (await Lane.AskAsync([.. answer.Chunk(size)], toHead)).ToString();
            if (parts != whole) differs($"in pieces of {size}:\n  in one: {whole}\n  in pieces: {parts}");
        }
    }

    private static IEnumerable<(int Line, string Expected, bool ToHead, byte[] Answer)> Read([CallerFilePath] string here = "")
    {
        var line = 0;
        foreach (var text in File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "Corpus", "answers.txt")))
        {
            line++;
            if (text.Length == 0 || text[0] == '#') continue;
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            var expected = text[..space].Split('/');
            yield return (line, expected[0], expected.Length > 1, Bytes.Unescape(text[space..].TrimStart()));
        }
    }
}
