using System.Diagnostics;
using System.Text;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class LineWriterTests
{
    private static readonly LineWriterOptions Quick = new()
    {
        FirstPause = TimeSpan.FromMilliseconds(5),
        LongestPause = TimeSpan.FromMilliseconds(20),
        CloseLimit = TimeSpan.FromMilliseconds(300),
        DroppedLine = (dropped, _) => $"dropped {dropped}",
    };

    [Fact]
    public async Task Lines_come_out_whole_and_in_order_from_many_threads()
    {
        var target = new TestTarget();
        await using (var writer = new LineWriter(target, Quick, TimeProvider.System))
            Parallel.For(0, 8, thread =>
            {
                for (var i = 0; i < 1000; i++) writer.Write(Encoding.UTF8.GetBytes($"{thread} {i:0000}"));
            });

        var lines = target.Lines;
        Assert.Equal(8000, lines.Length);
        foreach (var thread in lines.GroupBy(l => l[0])) Assert.Equal(thread.Order(StringComparer.Ordinal), thread);
    }

    [Fact]
    public async Task A_blocked_target_costs_the_caller_nothing_and_what_is_dropped_is_said_when_it_works_again()
    {
        var target = new TestTarget();
        target.Block();
        await using var writer = new LineWriter(target, Quick with { MaxWaitingBytes = 1000 }, TimeProvider.System);
        writer.Write("line 0000"u8);
        await Eventually.AssertAsync(() => target.Writes == 1, "the first line is being written");
        var watch = Stopwatch.StartNew();
        for (var i = 1; i < 10_000; i++) writer.Write(Encoding.UTF8.GetBytes($"line {i:0000}"));
        Assert.True(watch.ElapsedMilliseconds < 2000, $"{watch.ElapsedMilliseconds} ms");
        Assert.Equal(9900, writer.Dropped);

        target.Unblock();

        await Eventually.AssertAsync(() => target.Lines.Length == 101, "what waited and the notice are written");
        Assert.Equal("dropped 9900", target.Lines[^1]);
        Assert.Equal("line 0000", target.Lines[0]);
        Assert.Equal("line 0099", target.Lines[^2]);
    }

    [Fact]
    public async Task What_cannot_be_put_into_words_now_is_said_with_what_is_written_next()
    {
        var target = new TestTarget();
        var tries = 0;
        var troubles = new System.Collections.Concurrent.ConcurrentQueue<LineWriterTrouble>();
        string Line(long dropped, DateTimeOffset since) => ++tries == 1 ? throw new FileNotFoundException("Too many open files") : $"dropped {dropped}";
        await using var writer = new LineWriter(target, Quick with { DroppedLine = Line, Complain = troubles.Enqueue }, TimeProvider.System);
        writer.CountDropped();
        await Eventually.AssertAsync(() => troubles.Any(t => t.Error == "Too many open files"), "it is complained of");
        writer.Write("one"u8);
        await Eventually.AssertAsync(() => target.Lines.Length == 2, "the next line and the notice are written");
        Assert.Equal(["one", "dropped 1"], target.Lines);
    }

    [Fact]
    public async Task A_failing_target_is_tried_again_until_everything_is_out_and_both_are_said()
    {
        var target = new TestTarget { Failure = new IOException("No space left on device") };
        var troubles = new System.Collections.Concurrent.ConcurrentQueue<LineWriterTrouble>();
        await using var writer = new LineWriter(target, Quick with { Complain = troubles.Enqueue }, TimeProvider.System);
        writer.Write("one"u8);
        await Eventually.AssertAsync(() => target.Writes > 3, "it is tried again");
        Assert.Equal("No space left on device", writer.Error);
        Assert.Equal(new LineWriterTrouble("test target", 0, "No space left on device"), Assert.Single(troubles));

        target.Failure = null;

        await Eventually.AssertAsync(() => troubles.Count == 2, "that it works again is said");
        Assert.Equal(["one"], target.Lines);
        Assert.Null(writer.Error);
        Assert.Equal(0, writer.Dropped);
    }

    [Fact]
    public async Task Closing_does_not_wait_for_a_blocked_target_and_counts_what_is_lost()
    {
        var target = new TestTarget();
        target.Block();
        var writer = new LineWriter(target, Quick, TimeProvider.System);
        writer.Write("in hand"u8);
        await Eventually.AssertAsync(() => target.Writes == 1, "the first line is being written");
        writer.Write("waiting"u8);

        var watch = Stopwatch.StartNew();
        await writer.DisposeAsync();

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5));
        Assert.Equal(2, writer.Dropped);
        Assert.False(writer.Write("after"u8));
        target.Unblock();
    }

    [Fact]
    public async Task A_complaint_that_throws_does_not_end_the_writing()
    {
        var target = new TestTarget { Failure = new IOException("broken") };
        await using var writer = new LineWriter(target, Quick with { Complain = _ => throw new InvalidOperationException() }, TimeProvider.System);
        writer.Write("one"u8);
        await Eventually.AssertAsync(() => target.Writes > 2, "it is tried again");
        target.Failure = null;
        await Eventually.AssertAsync(() => target.Lines.Length == 1, "the line is out");
    }
}
