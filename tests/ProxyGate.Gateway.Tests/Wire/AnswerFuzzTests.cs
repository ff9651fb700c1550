using System.Collections.Concurrent;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>
/// The upstream client against whatever an upstream may send: it never fails without a name, never hangs, and what it passes on is what a
/// second, strict reader reads. <c>tests/load/fuzz.sh</c> runs it for as long as is wanted.
/// </summary>
public sealed class AnswerFuzzTests
{
    /// <summary>So many cases side by side keep both ends of the sockets busy.</summary>
    private static readonly ParallelOptions SideBySide = new() { MaxDegreeOfParallelism = 4 };

    [Fact]
    public async Task Sound_and_damaged_answers_come_out_as_a_strict_reader_reads_them()
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(FuzzBudget.Seeds(700, 0).TakeWhile(_ => wrong.Count < 5), SideBySide, async (seed, _) =>
        {
            var dice = new Dice(seed);
            var answer = AnswerSource.Make(dice);
            if (!dice.OneIn(3)) answer = Mutation.Damage(dice, answer);
            var toHead = dice.OneIn(8);
            var pieces = dice.Pieces(answer);
            if (await FailsAsync(pieces, toHead) is not { } fault) return;
            var least = await Shrink.ToLeastAsync(answer, async bytes => await FailsAsync([bytes], toHead) is not null);
            wrong.Enqueue($"{FuzzBudget.Repeat(seed)}{(toHead ? ", to HEAD" : "")}: {fault}\n  at least: {Bytes.Escape(least)}\n  {await FailsAsync([least], toHead) ?? "only in pieces"}");
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong));
    }

    [Fact]
    public async Task Every_split_of_an_answer_gives_the_same()
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(FuzzBudget.Seeds(3, 0).TakeWhile(_ => wrong.Count < 5), SideBySide, async (seed, _) =>
        {
            var dice = new Dice(seed);
            var answer = AnswerSource.Make(dice);
            if (dice.OneIn(2)) answer = Mutation.Damage(dice, answer);
            if (answer.Length > 160) answer = answer[..160];
            await SplitAsync(answer, toHead: false, at => wrong.Enqueue($"{FuzzBudget.Repeat(seed)}, {at}"));
        });
        Assert.True(wrong.IsEmpty, string.Join('\n', wrong.Take(10)));
    }

    /// <summary>In two at every place, and byte by byte.</summary>
    internal static async Task SplitAsync(byte[] answer, bool toHead, Action<string> differs)
    {
        var whole = (await Lane.AskAsync([answer], toHead)).ToString();
        for (var at = 1; at < answer.Length; at++)
        {
            var parts = (await Lane.AskAsync([answer[..at], answer[at..]], toHead)).ToString();
            if (parts != whole) differs($"split at {at}: {Bytes.Escape(answer.AsSpan(0, at))} + {Bytes.Escape(answer.AsSpan(at))}\n  in one: {whole}\n  in two: {parts}");
        }

        var single = (await Lane.AskAsync([.. answer.Select(b => new[] { b })], toHead)).ToString();
        if (single != whole) differs($"byte by byte: {Bytes.Escape(answer)}\n  in one: {whole}\n  in bytes: {single}");
    }

    /// <summary>What is wrong with how these came out, or null.</summary>
    internal static async Task<string?> FailsAsync(IReadOnlyList<byte[]> pieces, bool toHead)
    {
        byte[] answer = [.. pieces.SelectMany(p => p)];
        var strict = StrictReader.ReadAnswer(answer, toHead, closed: true);
        try
        {
            var outcome = await Lane.AskAsync(pieces, toHead);
            return AnswerJudge.Differs(strict, outcome, answer.Length) ?? (AnswerJudge.Wasted(strict, outcome, answer.Length) ? $"the connection was not used again behind {strict}" : null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return $"{e.GetType().Name}: {e.Message} at {e.StackTrace?.Split('\n').FirstOrDefault(l => l.Contains("Forwarding", StringComparison.Ordinal))?.Trim()}";
        }
    }
}
