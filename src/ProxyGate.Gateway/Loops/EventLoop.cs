using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ProxyGate.Gateway.Loops;

/// <summary>
/// One thread that waits for the sockets of clients and upstreams together and, once that has proved to be quick, does the work where their bytes arrive: a
/// request then needs no change of thread. Until then, as after the start, when most of what happens is still being compiled, and after each event that was
/// slow, the thread pool does the work. So that the one slow event does not keep the other sockets waiting, another thread takes the loop over.
/// </summary>
#pragma warning disable CA1001 // It lives as long as the process.
internal sealed class EventLoop
#pragma warning restore CA1001
{
    private const int EventsAtOnce = 128;

    /// <summary>So many events in turn, for so long, none of them slow, are taken for a sign that the next ones are not either.</summary>
    private const int QuickEvents = 200;
    private static readonly TimeSpan QuickFor = TimeSpan.FromMilliseconds(250);

    /// <summary>How long a thread that has nothing to do waits for its next loop to take over.</summary>
    private static readonly TimeSpan SpareFor = TimeSpan.FromSeconds(10);

    /// <summary>So long an output waits for others at most, unless one event takes longer.</summary>
    private static readonly TimeSpan GatherFor = TimeSpan.FromMilliseconds(1);

    [ThreadStatic]
    private static EventLoop? t_current;

    [ThreadStatic]
    private static Batch? t_turn;

    private readonly int _epoll = Epoll.Create();
    private readonly EventLoops _loops;
    private readonly string _name;
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private LoopSocket?[] _sockets = new LoopSocket?[64];
    private int _used;
    private uint _generation;
    private int _spares;
    private int _threads;

    // Written by the thread in charge, read by the watch.
    private Batch _batch = new();
    private long _steps;
    private volatile bool _busy;
    private volatile bool _worksHere;
    private long _slowAt = Stopwatch.GetTimestamp();
    private int _quickSince;
    private volatile bool _isHandedOver;
    private int _turn;

    public EventLoop(EventLoops loops, string name)
    {
        (_loops, _name) = (loops, name);
        Start();
    }

    /// <summary>The loop whose thread this is.</summary>
    public static EventLoop? Current => t_current;

    /// <summary>Has the output send what it has gathered when this thread has dealt with the events that it fetched together.</summary>
    /// <returns>False when it deals with none.</returns>
    public static bool SendAtTurnsEnd(LoopOutput output)
    {
        if (t_turn is not { } turn) return false;
        turn.Gathering.Enqueue(output);
        return true;
    }

    /// <summary>Changes with each event and each wait.</summary>
    public long Steps => Volatile.Read(ref _steps);

    /// <summary>Whether its thread is at work, and not waiting for events.</summary>
    public bool IsBusy => _busy;

    /// <summary>Has this loop tell the socket what happens to it, until it is <see cref="Remove">removed</see>.</summary>
    public void Add(LoopSocket socket, SafeHandle descriptor)
    {
        ulong key;
        lock (_lock)
        {
            if (!_free.TryPop(out var index)) index = _used++;
            if (index == _sockets.Length) Array.Resize(ref _sockets, index * 2);
            key = ((ulong)++_generation << 32) | (uint)index;
            socket.Key = key;
            Volatile.Write(ref _sockets[index], socket);
        }

        try
        {
            Epoll.Watch(_epoll, descriptor, Epoll.In | Epoll.Out | Epoll.PeerShutDown | Epoll.EdgeTriggered, key);
        }
        catch
        {
            Remove(key);
            throw;
        }
    }

    /// <summary>Before its descriptor is closed, which takes it out of the kernel's list.</summary>
    public void Remove(ulong key)
    {
        var index = (int)(uint)key;
        lock (_lock)
        {
            if (_sockets[index] is not { } socket || socket.Key != key) return;
            _sockets[index] = null;
            _free.Push(index);
        }
    }

    /// <summary>Looked at by the watch: whether the work may be done here from now on.</summary>
    public void Consider()
    {
        if (!_worksHere && Volatile.Read(ref _quickSince) >= QuickEvents && Stopwatch.GetElapsedTime(Volatile.Read(ref _slowAt)) >= QuickFor) _worksHere = true;
    }

    private void WasSlow()
    {
        _worksHere = false;
        Volatile.Write(ref _quickSince, 0);
        Volatile.Write(ref _slowAt, Stopwatch.GetTimestamp());
    }

    /// <summary>The thread in charge is held up by what it does: another one goes on with the other sockets.</summary>
    public void HandOver()
    {
        WasSlow();
        if (_isHandedOver || Volatile.Read(ref _threads) >= EventLoops.MostThreads) return;
        _isHandedOver = true;
        if (Volatile.Read(ref _spares) > 0) _wanted.Release();
        else Start();
    }

    private void Start()
    {
        Interlocked.Increment(ref _threads);
        new Thread(Run) { IsBackground = true, Name = _name }.UnsafeStart();
    }

    private void Run()
    {
        t_current = this;
        do
        {
            // Whoever was in charge fetches nothing more.
            var turn = Interlocked.Increment(ref _turn);
            _isHandedOver = false;
            // What the one before has fetched and not come to.
            Work(Volatile.Read(ref _batch));
            var own = new Batch();
            while (Volatile.Read(ref _turn) == turn)
            {
                _busy = false;
                Volatile.Write(ref _steps, _steps + 1);
                own.Fetched(Epoll.Wait(_epoll, own.Events));
                Volatile.Write(ref _batch, own);
                _busy = true;
                _loops.Watch();
                Work(own);
            }
        }
        while (IsWantedAgain());
        t_current = null;
        Interlocked.Decrement(ref _threads);
    }

    private bool IsWantedAgain()
    {
        Interlocked.Increment(ref _spares);
        var wanted = _wanted.Wait(SpareFor);
        Interlocked.Decrement(ref _spares);
        // Asked for in the very moment in which the wait ended: then there is one to take.
        return wanted || _wanted.Wait(0);
    }

    /// <summary>Does what the batch has left. Who was held up in it may come back to it, too: each event is taken once.</summary>
    private void Work(Batch batch)
    {
        t_turn = batch;
        var gathersSince = 0L;
        while (batch.Next(out var events, out var key))
        {
            if (!batch.Gathering.IsEmpty) gathersSince = SendSoon(batch, gathersSince);
            Volatile.Write(ref _steps, _steps + 1);
            var sockets = Volatile.Read(ref _sockets);
            var index = (int)(uint)key;
            if (index >= sockets.Length || Volatile.Read(ref sockets[index]) is not { } socket || socket.Key != key) continue;
            if (_worksHere) socket.Happened(events);
            else if (socket.Note(events)) ThreadPool.UnsafeQueueUserWorkItem(static work => work.Do(), new Elsewhere(this, socket, events), preferLocal: false);
        }

        t_turn = null;
        batch.Send();
    }

    /// <returns>Since when there has been something to send.</returns>
    private static long SendSoon(Batch batch, long since)
    {
        if (since == 0) return Stopwatch.GetTimestamp();
        if (Stopwatch.GetElapsedTime(since) < GatherFor) return since;
        batch.Send();
        return 0;
    }

    /// <summary>An event that the thread pool deals with.</summary>
    private readonly record struct Elsewhere(EventLoop Loop, LoopSocket Socket, uint Events)
    {
        public void Do()
        {
            var started = Stopwatch.GetTimestamp();
            t_current = Loop;
            Socket.Happened(Events);
            t_current = null;
            if (Stopwatch.GetElapsedTime(started) >= EventLoops.Slow) Loop.WasSlow();
            else Interlocked.Increment(ref Loop._quickSince);
        }
    }

    /// <summary>What was fetched from the kernel together. Taken one by one by whoever is in charge.</summary>
    private sealed class Batch
    {
        private int _count;
        private int _next;

        // Pinned for good: the kernel writes into it.
        public byte[] Events { get; } = GC.AllocateUninitializedArray<byte>(EventsAtOnce * Epoll.EventLength, pinned: true);

        /// <summary>The outputs that wait for the turn's end. A thread that was held up may still add to it, and both send.</summary>
        public ConcurrentQueue<LoopOutput> Gathering { get; } = new();

        public void Send()
        {
            while (Gathering.TryDequeue(out var output)) output.SendGathered();
        }

        public void Fetched(int count)
        {
            _count = count;
            Volatile.Write(ref _next, 0);
        }

        public bool Next(out uint events, out ulong key)
        {
            (events, key) = (0, 0);
            if (Volatile.Read(ref _next) >= _count) return false;
            var index = Interlocked.Increment(ref _next) - 1;
            if (index >= _count) return false;
            (events, key) = Epoll.Event(Events, index);
            return true;
        }
    }
}
