using System.Diagnostics;
using System.Text;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.Tests.EventLog;

public sealed class RollingFileTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_rolls_by_size_between_lines_and_keeps_by_count()
    {
        var path = _folder.File("sub/events.jsonl");
        using var file = new RollingFile(path, maxBytes: 100, maxFiles: 3);
        for (var i = 0; i < 50; i++) Write(file, $"line {i:00}\n");

        Assert.Equal(
            ["events.2.jsonl", "events.1.jsonl", "events.jsonl"],
            RollingFile.All(path).Select(f => Path.GetFileName(f)));
        Assert.Equal(3, Directory.GetFiles(Path.GetDirectoryName(path)!).Length);
        var kept = RollingFile.All(path).SelectMany(File.ReadAllLines).ToList();
        Assert.Equal(Enumerable.Range(50 - kept.Count, kept.Count).Select(i => $"line {i:00}"), kept);
        Assert.All(RollingFile.All(path), f => Assert.True(new FileInfo(f).Length <= 100));
    }

    [Fact]
    public void A_batch_larger_than_a_file_is_split_between_lines()
    {
        var path = _folder.File("events.jsonl");
        using var file = new RollingFile(path, maxBytes: 20, maxFiles: 10);
        Write(file, "0123456789\nabcdefghij\n" + new string('x', 50) + "\nend\n");

        Assert.Equal(
            ["0123456789", "abcdefghij", new string('x', 50), "end"],
            RollingFile.All(path).SelectMany(File.ReadAllLines));
    }

    [Fact]
    public void A_file_that_ends_within_a_line_is_gone_on_with_on_a_new_one()
    {
        var path = _folder.File("events.jsonl");
        File.WriteAllText(path, "{\"cut\":");
        using var file = new RollingFile(path, 1000, 2);
        Write(file, "whole\n");

        Assert.Equal(["{\"cut\":", "whole"], File.ReadAllLines(path));
    }

    [Fact]
    public void A_file_that_was_moved_or_removed_by_others_is_begun_anew()
    {
        var path = _folder.File("events.jsonl");
        using var file = new RollingFile(path, 1000, 2);
        Write(file, "one\n");
        File.Move(path, path + ".moved");
        Write(file, "two\n");
        File.Delete(path);
        Write(file, "three\n");
        File.WriteAllText(path, "");
        Write(file, "four\n");

        Assert.Equal("one\n", File.ReadAllText(path + ".moved"));
        Assert.Equal("four\n", File.ReadAllText(path));
    }

    [Fact]
    public async Task A_full_disk_loses_nothing_that_fits_in_memory_and_leaves_no_torn_line()
    {
        using var disk = TinyDisk.TryMount(64 * 1024);
        Assert.SkipWhen(disk is null, "A tmpfs of a few KiB cannot be mounted here.");
        var path = Path.Combine(disk.Path, "events.jsonl");
        var ballast = Path.Combine(disk.Path, "ballast");
        var options = new LineWriterOptions { FirstPause = TimeSpan.FromMilliseconds(5), LongestPause = TimeSpan.FromMilliseconds(20), DroppedLine = (n, _) => $"dropped {n}" };
        await using var writer = new LineWriter(new RollingFile(path, 1024 * 1024, 2), options, TimeProvider.System);
        writer.Write("first"u8);
        await Eventually.AssertAsync(() => File.Exists(path) && new FileInfo(path).Length == 6, "the first line is written");
        Fill(ballast);

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++) writer.Write(Encoding.UTF8.GetBytes($"line {i:000} {new string('x', 20)}"));
        Assert.True(watch.ElapsedMilliseconds < 1000);
        await Eventually.AssertAsync(() => writer.Error is not null, "the full disk is noticed");
        Assert.Contains("No space left", writer.Error, StringComparison.Ordinal);

        File.Delete(ballast);

        await Eventually.AssertAsync(() => writer.Error is null && File.ReadLines(path).Count() == 1001, "everything is written");
        Assert.Equal(0, writer.Dropped);
        Assert.All(File.ReadLines(path).Skip(1), l => Assert.Equal(29, l.Length));
    }

    [Fact]
    public async Task A_pipe_nobody_reads_blocks_neither_caller_nor_closing()
    {
        var pipe = _folder.File("pipe");
        using (var made = Process.Start("mkfifo", pipe)) await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        var options = new LineWriterOptions { MaxWaitingBytes = 256 * 1024, CloseLimit = TimeSpan.FromMilliseconds(300) };
        var writer = new LineWriter(new RollingFile(pipe, long.MaxValue, 2), options, TimeProvider.System);
        var line = new byte[1000];

        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 2000; i++) writer.Write(line);
        await writer.DisposeAsync();

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.True(writer.Dropped > 1000, $"{writer.Dropped} dropped");
    }

    private static void Write(RollingFile file, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var written = 0;
        file.Write(bytes, ref written);
        Assert.Equal(bytes.Length, written);
    }

    private static void Fill(string path)
    {
        using var ballast = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        Assert.ThrowsAny<IOException>(() =>
        {
            for (var page = 0; page < 1000; page++) ballast.Write(new byte[4096]);
        });
    }
}
