using System.Collections.Concurrent;
using System.Text;
using ProxyGate.Gateway.EventLog.Reading;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class LogLinesTests : IDisposable
{
    private readonly Folder _folder = new();

    private string Log => _folder.File("events.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Rolled_files_are_read_in_order_and_a_last_unended_line_counts()
    {
        File.WriteAllText(_folder.File("events.2.jsonl"), "1\n");
        File.WriteAllText(_folder.File("events.1.jsonl"), "2\r\n\n3\n");
        File.WriteAllText(Log, "4\n5");

        Assert.Equal(["1", "2", "3", "4", "5"], new LogLines(Log, TimeProvider.System).Read());
    }

    [Fact]
    public async Task Following_survives_rolling_and_loses_nothing()
    {
        var seen = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var following = FollowAsync(seen, stop.Token);
        using var file = new RollingFile(Log, maxBytes: 60, maxFiles: 50);
        for (var i = 0; i < 200; i++)
        {
            var line = Encoding.UTF8.GetBytes($"{i}\n");
            var written = 0;
            file.Write(line, ref written);
            if (i % 40 == 0) await Eventually.AssertAsync(() => seen.Contains($"{i}"), $"line {i} is seen");
        }

        await Eventually.AssertAsync(() => seen.Count >= 200, "all lines are seen");
        await stop.CancelAsync();
        await following;
        Assert.Equal(Enumerable.Range(0, 200).Select(i => $"{i}"), seen);
    }

    [Fact]
    public async Task Following_goes_on_after_the_file_was_emptied_in_place()
    {
        var seen = new ConcurrentQueue<string>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Log, "a long first line\n", stop.Token);
        var following = FollowAsync(seen, stop.Token);
        await Eventually.AssertAsync(() => seen.Count == 1, "the first line is seen");
        using (var file = new FileStream(Log, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(0);
        await File.AppendAllTextAsync(Log, "two\n", stop.Token);

        await Eventually.AssertAsync(() => seen.Count == 2, "the second line is seen");
        await stop.CancelAsync();
        await following;
    }

    private async Task FollowAsync(ConcurrentQueue<string> seen, CancellationToken stop)
    {
        await foreach (var line in new LogLines(Log, TimeProvider.System).FollowAsync(stop)) seen.Enqueue(line);
    }
}
