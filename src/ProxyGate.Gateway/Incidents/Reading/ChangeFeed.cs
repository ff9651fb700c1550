using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace ProxyGate.Gateway.Incidents.Reading;

/// <summary>Hands changes to everyone who watches. Never waits for any of them: who is too slow misses some and is told so.</summary>
internal sealed class ChangeFeed
{
    private const int MostWaiting = 256;

    private readonly ConcurrentDictionary<Watcher, bool> _watchers = new();

    public bool IsWatched => !_watchers.IsEmpty;

    public void Publish(ArchiveChange change)
    {
        foreach (var watcher in _watchers.Keys) watcher.Offer(change);
    }

    /// <summary>Watching begins with the call, not with the first read.</summary>
    public IAsyncEnumerable<ArchiveChange> WatchAsync(CancellationToken cancellationToken)
    {
        var watcher = new Watcher();
        _watchers[watcher] = true;
        cancellationToken.Register(() => _watchers.TryRemove(watcher, out _));
        return ReadAsync(watcher, cancellationToken);
    }

    private async IAsyncEnumerable<ArchiveChange> ReadAsync(Watcher watcher, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (await watcher.WaitAsync(cancellationToken))
            {
                while (watcher.TryTake(out var change)) yield return change;
            }
        }
        finally
        {
            _watchers.TryRemove(watcher, out _);
        }
    }

    private sealed class Watcher
    {
        private readonly Channel<ArchiveChange> _changes = Channel.CreateBounded<ArchiveChange>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        private int _missed;

        public void Offer(ArchiveChange change)
        {
            if (!_changes.Writer.TryWrite(change)) Interlocked.Exchange(ref _missed, 1);
        }

        public async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
        {
            try
            {
                return await _changes.Reader.WaitToReadAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        public bool TryTake(out ArchiveChange change)
        {
            if (_changes.Reader.TryRead(out change!)) return true;
            // What was missed came after all that waited.
            if (Interlocked.Exchange(ref _missed, 0) == 0) return false;
            change = new ArchiveChange(ArchiveChangeKind.Missed);
            return true;
        }
    }
}
