using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using ProxyGate.Gateway.EventLog.Writing;

namespace ProxyGate.Gateway.EventLog.Reading;

/// <summary>The lines of a rolled log, oldest first; when following, further ones as they come, through any number of rolls.</summary>
internal sealed class LogLines(string path, TimeProvider clock)
{
    /// <summary>No line of ours is this long; what is, is not taken into memory whole.</summary>
    private const int MaxLineBytes = 1024 * 1024;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly ArrayBufferWriter<byte> _partial = new(1024);

    /// <summary>All that is there now. A last line without its line feed is a line too.</summary>
    public IEnumerable<string> Read()
    {
        foreach (var file in RollingFile.All(path))
        {
            if (TryOpen(file) is not { } stream) continue; // rolled away between listing and opening
            using (stream)
            {
                foreach (var line in ReadOn(stream)) yield return line;
                if (TakePartial() is { } last) yield return last;
            }
        }
    }

    /// <summary>All that is there now, and what comes, until cancelled. Waits for a file that is not there yet.</summary>
    public async IAsyncEnumerable<string> FollowAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var waiting = new Queue<string>(RollingFile.All(path));
        while (true)
        {
            FileStream? stream = null;
            while (stream is null)
            {
                if (waiting.Count == 0) waiting = new Queue<string>(RollingFile.All(path).TakeLast(1));
                stream = waiting.TryDequeue(out var file) ? TryOpen(file) : null;
                if (stream is null && waiting.Count == 0 && !await PauseAsync(cancellationToken)) yield break;
            }

            await using (stream)
            {
                while (true)
                {
                    foreach (var line in ReadOn(stream)) yield return line;
                    if (waiting.Count > 0) break;
                    if (stream.Length == LengthOf(path))
                    {
                        if (!await PauseAsync(cancellationToken)) yield break;
                        if (stream.Length < stream.Position) stream.Position = 0; // emptied in place (logrotate's copytruncate)
                        continue;
                    }

                    // Either it has just grown, or the name belongs to a newer file by now.
                    var more = stream.Length > stream.Position;
                    foreach (var line in ReadOn(stream)) yield return line;
                    if (more || LengthOf(path) == stream.Length) continue;
                    waiting = Newer(stream.Length);
                    break;
                }

                if (TakePartial() is { } last) yield return last;
            }
        }
    }

    /// <summary>The files that came after the one just read, which is told from the rolled ones by its length.</summary>
    private Queue<string> Newer(long length)
    {
        var files = RollingFile.All(path);
        var at = files.Count - 1;
        while (at >= 0 && LengthOf(files[at]) != length) at--;
        return new Queue<string>(at < 0 ? files.TakeLast(1) : files.Skip(at + 1));
    }

    private IEnumerable<string> ReadOn(FileStream stream)
    {
        int read;
        while ((read = stream.Read(_buffer)) > 0)
        {
            var start = 0;
            while (start < read)
            {
                var end = Array.IndexOf(_buffer, (byte)'\n', start, read - start);
                Keep(start, (end < 0 ? read : end) - start);
                if (end < 0) break;
                if (TakePartial() is { } line) yield return line;
                start = end + 1;
            }
        }
    }

    private void Keep(int start, int count) =>
        _partial.Write(_buffer.AsSpan(start, Math.Min(count, Math.Max(0, MaxLineBytes - _partial.WrittenCount))));

    private string? TakePartial()
    {
        if (_partial.WrittenCount == 0) return null;
        var line = Encoding.UTF8.GetString(_partial.WrittenSpan).TrimEnd('\r');
        _partial.ResetWrittenCount();
        return line.Length == 0 ? null : line;
    }

    private static FileStream? TryOpen(string file)
    {
        try
        {
            return new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static long LengthOf(string file)
    {
        var info = new FileInfo(file);
        return info.Exists ? info.Length : -1;
    }

    private async Task<bool> PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Poll, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }
}
