namespace ProxyGate.Gateway.Loops;

/// <summary>The loops of this process, one for each processor, and the watch over them.</summary>
#pragma warning disable CA1001 // It lives as long as the process.
internal sealed class EventLoops
#pragma warning restore CA1001
{
    /// <summary>So many threads a loop may have, most of them held up. Beyond that its sockets wait: something is wrong with what is done there.</summary>
    public const int MostThreads = 64;

    /// <summary>An event that takes longer keeps others waiting too long: more than any usual one takes, less than anybody notices.</summary>
    public static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(10);

    /// <summary>After so many looks at loops that wait, the watch sleeps too.</summary>
    private const int QuietLooks = 40;

    private static readonly Lazy<EventLoops> s_ofThisProcess = new(static () => new EventLoops(Environment.ProcessorCount));

    private readonly EventLoop[] _loops;
    private readonly SemaphoreSlim _wake = new(0);
    private uint _next;
    private int _isAsleep;

    private EventLoops(int count)
    {
        _loops = new EventLoop[count];
        for (var i = 0; i < count; i++) _loops[i] = new EventLoop(this, $"loop {i}");
        new Thread(WatchLoops) { IsBackground = true, Name = "loops' watch" }.UnsafeStart();
    }

    /// <summary>Made at first use. They live as long as the process, as the thread pool does. Only where <see cref="AreThere"/>.</summary>
    public static EventLoops OfThisProcess => s_ofThisProcess.Value;

    /// <summary>Whether this system has them.</summary>
    public static bool AreThere => OperatingSystem.IsLinux();

    /// <summary>The loop for another client, in turn.</summary>
    public EventLoop Next() => _loops[Interlocked.Increment(ref _next) % (uint)_loops.Length];

    /// <summary>The loop for an upstream's connection: that of the client it is made for, where the caller is on it.</summary>
    public EventLoop Here() => EventLoop.Current ?? Next();

    /// <summary>A loop has something to do: the watch must be awake.</summary>
    public void Watch()
    {
        if (Volatile.Read(ref _isAsleep) != 0 && Interlocked.Exchange(ref _isAsleep, 0) != 0) _wake.Release();
    }

    private void WatchLoops()
    {
        var seen = new long[_loops.Length];
        var quiet = 0;
        while (true)
        {
            Thread.Sleep(Slow);
            quiet = Look(seen) ? 0 : quiet + 1;
            if (quiet < QuietLooks) continue;
            quiet = 0;
            Interlocked.Exchange(ref _isAsleep, 1);
            // One that began after the look did not know that nobody watches.
            if (Array.Exists(_loops, static l => l.IsBusy)) Watch();
            _wake.Wait();
        }
    }

    /// <summary>Whether there was anything to see.</summary>
    private bool Look(long[] seen)
    {
        var any = false;
        for (var i = 0; i < _loops.Length; i++)
        {
            var (steps, busy) = (_loops[i].Steps, _loops[i].IsBusy);
            if (busy && steps == seen[i]) _loops[i].HandOver();
            else _loops[i].Consider();
            any |= busy || steps != seen[i];
            seen[i] = steps;
        }

        return any;
    }
}
