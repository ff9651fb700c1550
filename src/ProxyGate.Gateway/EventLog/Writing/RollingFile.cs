namespace ProxyGate.Gateway.EventLog.Writing;

/// <summary>
/// A file that is appended to, rolled by size and kept by count: <c>events.jsonl</c> is always the newest, <c>events.1.jsonl</c> the one
/// before. It notices when someone else moved, removed or cut it, and never leaves half a line behind in a file it can cut back.
/// </summary>
internal sealed class RollingFile(string path, long maxBytes, int maxFiles) : ILineTarget
{
    private FileStream? _stream;
    private long _length;

    public string Name => path;

    /// <summary>The rolled files that exist, oldest first, then the current one.</summary>
    public static IReadOnlyList<string> All(string path)
    {
        var files = new List<string>();
        for (var n = 1; File.Exists(Rolled(path, n)); n++) files.Add(Rolled(path, n));
        files.Reverse();
        if (File.Exists(path)) files.Add(path);
        return files;
    }

    public void Write(ReadOnlySpan<byte> lines, ref int written)
    {
        while (!lines.IsEmpty)
        {
            var stream = Open();
            var part = Part(lines);
            if (part == 0)
            {
                Roll();
                continue;
            }

            Append(stream, lines[..part]);
            written += part;
            lines = lines[part..];
        }
    }

    public void Dispose() => Close();

    /// <summary>As many whole lines as fit; at least one in an empty file.</summary>
    private int Part(ReadOnlySpan<byte> lines)
    {
        var room = maxBytes - _length;
        if (lines.Length <= room) return lines.Length;
        var fits = room > 0 ? lines[..(int)room].LastIndexOf((byte)'\n') + 1 : 0;
        return fits == 0 && _length == 0 ? lines.IndexOf((byte)'\n') + 1 : fits;
    }

    private void Append(FileStream stream, ReadOnlySpan<byte> lines)
    {
        try
        {
            stream.Write(lines);
            _length += lines.Length;
        }
        catch
        {
            CutBack(stream);
            Close();
            throw;
        }
    }

    /// <summary>A full disk may have taken the beginning of a line; what stays of it would spoil the next one.</summary>
    private void CutBack(FileStream stream)
    {
        if (!IsRegular(stream)) return;
        try
        {
            stream.SetLength(_length);
        }
        catch (IOException)
        {
            // The line is then ended when the file is opened again.
        }
    }

    private FileStream Open()
    {
        if (_stream is { } open)
        {
            // Moved away, removed, cut or written by someone else (logrotate, an editor, a second gateway): begin anew at its end.
            if (!IsRegular(open) || LengthNow() == _length) return open;
            Close();
        }

        if (Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
        _stream = new FileStream(path, HowToOpen());
        _length = 0;
        if (!IsRegular(_stream)) return _stream;
        EndLastLine(_stream);
        return _stream;
    }

    /// <summary>A file left by a killed process or a full disk may end within a line.</summary>
    private void EndLastLine(FileStream stream)
    {
        _length = stream.Seek(0, SeekOrigin.End);
        if (_length == 0) return;
        stream.Seek(-1, SeekOrigin.End);
        if (stream.ReadByte() == '\n') return;
        stream.Write("\n"u8);
        _length++;
    }

    private void Roll()
    {
        Close();
        var oldest = Math.Max(1, maxFiles - 1);
        if (maxFiles <= 1)
        {
            File.Delete(path);
            return;
        }

        File.Delete(Rolled(path, oldest));
        for (var n = oldest - 1; n >= 1; n--)
        {
            if (File.Exists(Rolled(path, n))) File.Move(Rolled(path, n), Rolled(path, n + 1));
        }

        File.Move(path, Rolled(path, 1));
    }

    private long LengthNow()
    {
        var info = new FileInfo(path);
        if (!info.Exists) return -1;
        return info.LinkTarget is null ? info.Length : _length; // of a link, its own length would be told
    }

    /// <summary>
    /// Readable too, so that the end of its last line can be looked at, and so that opening a pipe nobody reads does not block. No buffer:
    /// a failed write must leave nothing behind to be written later. Not for everybody's eyes: it holds addresses and paths.
    /// </summary>
    private static FileStreamOptions HowToOpen()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
        return options;
    }

    private static bool IsRegular(FileStream stream) => stream.CanSeek && stream.CanRead;

    private static string Rolled(string path, int n) =>
        Path.Combine(Path.GetDirectoryName(path) ?? "", $"{Path.GetFileNameWithoutExtension(path)}.{n}{Path.GetExtension(path)}");

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }
}
