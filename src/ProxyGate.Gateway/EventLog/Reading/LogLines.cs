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
        FileStream? oldest;
        while ((oldest = OpenOldest()) is null)
        {
            if (!await PauseAsync(cancellationToken)) yield break;
        }

        var stream = oldest;
        try
        {
            while (true)
            {
                if (stream.Length < stream.Position) stream.Position = 0; // emptied in place (logrotate's copytruncate)
                foreach (var line in ReadOn(stream)) yield return line;
                if (IsSame(stream, path))
                {
                    if (!await PauseAsync(cancellationToken)) yield break;
                    continue;
                }

                // The name belongs to a newer file by now; what was written to this one before it was rolled comes first.
                foreach (var line in ReadOn(stream)) yield return line;
                if (OpenNext(stream) is { } next)
                {
                    if (TakePartial() is { } last) yield return last;
                    await stream.DisposeAsync();
                    stream = next;
                }
                else if (!await PauseAsync(cancellationToken))
                {
                    yield break;
                }
            }
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }

    private FileStream? OpenOldest() => RollingFile.All(path).Select(TryOpen).FirstOrDefault(s => s is not null);

    /// <summary>The file that came after this one. The names move with every roll, so the answer counts only if they did not meanwhile.</summary>
    private FileStream? OpenNext(FileStream stream)
    {
        for (var tries = 0; tries < 5; tries++)
        {
            var files = RollingFile.All(path);
            var at = files.Count - 1;
            while (at >= 0 && !IsSame(stream, files[at])) at--;
            if (at == files.Count - 1) return null;
            var next = TryOpen(files[at + 1]);
            if (next is not null && (at < 0 || IsSame(stream, files[at]))) return next;
            next?.Dispose();
        }

        return null;
    }

    /// <summary>Whether the name still, or again, leads to the open file: told by how it begins, which the time and id of its first event make its own.</summary>
    private static bool IsSame(FileStream stream, string file)
    {
        using var named = TryOpen(file);
        if (named is null) return false;
        Span<byte> theirs = stackalloc byte[512], ours = stackalloc byte[512];
        theirs = theirs[..RandomAccess.Read(named.SafeFileHandle, theirs, 0)];
        ours = ours[..RandomAccess.Read(stream.SafeFileHandle, ours, 0)];
        return theirs.IsEmpty ? ours.IsEmpty : ours.StartsWith(theirs);
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

    private async Task<bool> PauseAsync(CancellationToken cancellationToken)
    {
        await Task.Delay(Poll, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !cancellationToken.IsCancellationRequested;
    }
}
