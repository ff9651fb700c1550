using System.Text;
using Serilog.Debugging;

namespace ProxyGate.Gateway.EventLog.Writing;

/// <summary>
/// Takes lines without ever waiting and writes them in batches from a thread of its own. A full disk, a blocked pipe or a slow console
/// costs the caller nothing: lines wait up to a limit of bytes, the rest is dropped, counted and, once the target works again, said.
/// A thread rather than a task, because opening or writing a blocked pipe blocks, and must not hold one of the pool's threads.
/// </summary>
internal sealed class LineWriter : IAsyncDisposable
{
    private readonly ILineTarget _target;
    private readonly LineWriterOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _sync = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _stopping = new(false);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private byte[] _waiting = new byte[16 * 1024];
    private byte[] _spare = new byte[16 * 1024];
    private int _waitingLength;
    private int _waitingLines;
    private int _inHand;
    private int _inHandLines;
    private long _dropped;
    private long _droppedSaid;
    private DateTimeOffset _droppedSince;
    private volatile string? _error;
    private DateTimeOffset _complainedAt = DateTimeOffset.MinValue;

    public LineWriter(ILineTarget target, LineWriterOptions options, TimeProvider clock)
    {
        (_target, _options, _clock) = (target, options, clock);
        new Thread(Run) { IsBackground = true, Name = $"lines to {target.Name}" }.Start();
    }

    public string Name => _target.Name;

    /// <summary>Lines that were given up since the start.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>What the target's last failure was; absent while it works.</summary>
    public string? Error => _error;

    /// <summary>Takes one line, without its line feed. Never waits; false when the line was dropped.</summary>
    public bool Write(ReadOnlySpan<byte> line)
    {
        var wake = false;
        lock (_sync)
        {
            if (_stopping.IsSet || _waitingLength + line.Length + 1 > _options.MaxWaitingBytes - _inHand)
            {
                CountDroppedLocked();
                return false;
            }

            var needed = _waitingLength + line.Length + 1;
            if (needed > _waiting.Length) Array.Resize(ref _waiting, Math.Max(needed, _waiting.Length * 2));
            line.CopyTo(_waiting.AsSpan(_waitingLength));
            _waiting[needed - 1] = (byte)'\n';
            wake = _waitingLines == 0;
            _waitingLength = needed;
            _waitingLines++;
        }

        if (wake) _wake.Set();
        return true;
    }

    /// <summary>Counts a line that was lost before it could be handed over.</summary>
    public void CountDropped()
    {
        lock (_sync) CountDroppedLocked();
        _wake.Set();
    }

    /// <summary>Writes what is waiting, as far as the target lets it within the limit; what is left then counts as dropped.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_sync) _stopping.Set();
        _wake.Set();
        try
        {
            await _stopped.Task.WaitAsync(_options.CloseLimit);
        }
        catch (TimeoutException)
        {
            // The target is blocked. Its thread is a background thread and ends with the process.
            lock (_sync) _dropped += _waitingLines + _inHandLines;
            Complain(always: true);
        }
    }

    private void CountDroppedLocked()
    {
        if (_dropped == _droppedSaid) _droppedSince = _clock.GetUtcNow();
        _dropped++;
    }

    private void Run()
    {
        try
        {
            while (true)
            {
                _wake.WaitOne();
                if (_options.Gather > TimeSpan.Zero) _stopping.Wait(_options.Gather);
                WriteWaiting();
                if (!_stopping.IsSet) continue;
                WriteWaiting();
                if (Dropped > _droppedSaid) Complain(always: true); // lost for good, so it is said before the end
                return;
            }
        }
        finally
        {
            _target.Dispose();
            _stopped.TrySetResult();
        }
    }

    private void WriteWaiting()
    {
        byte[] batch;
        int length, lines;
        long dropped;
        lock (_sync)
        {
            if (_waitingLines == 0 && _dropped == _droppedSaid) return;
            (batch, length, lines, dropped) = (_waiting, _waitingLength, _waitingLines, _dropped);
            (_waiting, _waitingLength, _waitingLines, _inHand, _inHandLines) = (_spare, 0, 0, length, lines);
        }

        var written = WriteUntilOut(batch.AsSpan(0, length));
        lock (_sync)
        {
            _spare = batch.Length > 1024 * 1024 ? new byte[16 * 1024] : batch;
            (_inHand, _inHandLines) = (0, 0);
            if (written < length) _dropped += batch.AsSpan(written, length - written).Count((byte)'\n');
        }

        // In order of time: what was dropped so far came after the lines of this batch and before those of the next.
        if (written == length) SayDropped(dropped);
    }

    /// <summary>Tries again, with growing pauses, until all is out or the writer is closed. Returns how much is out.</summary>
    private int WriteUntilOut(ReadOnlySpan<byte> batch)
    {
        var written = 0;
        var pause = _options.FirstPause;
        while (written < batch.Length)
        {
            try
            {
                _target.Write(batch[written..], ref written);
                continue;
            }
            catch (Exception e)
            {
                var first = _error is null;
                _error = e.Message;
                Complain(first);
            }

            if (_stopping.Wait(pause)) break;
            pause = pause * 2 > _options.LongestPause ? _options.LongestPause : pause * 2;
        }

        return written;
    }

    private void SayDropped(long dropped)
    {
        var recovered = _error is not null;
        _error = null;
        long more;
        DateTimeOffset since;
        lock (_sync) (more, since) = (dropped - _droppedSaid, _droppedSince);
        if (more > 0 && _options.DroppedLine is { } line)
        {
            if (Notice(line, more, since) is not { } notice || WriteUntilOut(notice) < notice.Length) return;
            _error = null;
        }

        lock (_sync)
        {
            _droppedSaid = dropped;
            if (_dropped > dropped) _droppedSince = _clock.GetUtcNow();
        }

        if (recovered || more > 0) Complain(always: recovered);
    }

    /// <summary>
    /// What is to be said. At the limit of open files, when lines are likely to be dropped, the runtime may not find the code for it: then it is said
    /// with what is written next, for what was dropped stays counted, and this thread lives on.
    /// </summary>
    private byte[]? Notice(Func<long, DateTimeOffset, string> line, long dropped, DateTimeOffset since)
    {
        try
        {
            return Encoding.UTF8.GetBytes(line(dropped, since) + "\n");
        }
        catch (Exception e)
        {
            _error = e.Message;
            Complain(always: true);
            return null;
        }
    }

    private void Complain(bool always)
    {
        var now = _clock.GetUtcNow();
        if (!always && now - _complainedAt < _options.ComplainEvery) return;
        _complainedAt = now;
        try
        {
            _options.Complain?.Invoke(new LineWriterTrouble(_target.Name, Dropped, _error));
        }
        catch (Exception e)
        {
            // This thread must live on; the last resort is the logging library's own channel.
            SelfLog.WriteLine("Complaint about {0} failed: {1}", _target.Name, e);
        }
    }
}
