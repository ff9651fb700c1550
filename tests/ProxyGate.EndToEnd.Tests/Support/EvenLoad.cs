using System.Diagnostics;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>How one request of an <see cref="EvenLoad"/> went.</summary>
/// <param name="Number">Counted from 0.</param>
/// <param name="Status">0 when no whole answer came.</param>
/// <param name="FailureId">The gateway's, where it made the answer.</param>
/// <param name="Due">When it was to be sent, from the beginning of the load.</param>
/// <param name="Late">How long after that it was: for want of the load's own speed, or of a free connection.</param>
/// <param name="Took">From the moment it was due to the last byte of its answer: what a visitor waits, also for a load that lags behind.</param>
internal readonly record struct LoadSeen(int Number, int Status, string? FailureId, TimeSpan Due, TimeSpan Late, TimeSpan Took);

/// <summary>
/// Requests at an even rate, whatever becomes of those before: visitors do not wait for each other. A request takes a connection that is
/// idle or opens one, as far as it may, else it waits. All of it is one thread that polls plain sockets, so that it takes little of the machine
/// from what it measures: tasks and a thread pool took more of it than the gateway.
/// </summary>
/// <param name="gateway">Where to.</param>
/// <param name="request">The request with this number, whole.</param>
internal sealed class EvenLoad(Uri gateway, Func<int, byte[]> request)
{
    private const int MostConnections = 1000;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(120);

    private readonly IPEndPoint _gateway = new(IPAddress.Parse(gateway.Host), gateway.Port);
    private readonly List<LoadConnection> _busy = [];
    private readonly Stack<LoadConnection> _idle = new();
    private readonly Queue<(int Number, TimeSpan Due)> _waiting = new();
    private readonly List<LoadSeen> _seen = [];
    private PollEntry[] _polled = new PollEntry[64];
    private readonly Stopwatch _clock = new();
    private int _sent;

    /// <summary>The time since its beginning.</summary>
    public TimeSpan Now => _clock.Elapsed;

    /// <summary>How many were due so far.</summary>
    public int Sent => Volatile.Read(ref _sent);

    /// <summary>The bytes of a GET, or of a POST with a body of this length, by a visitor: who comes from this machine itself is shown everything, on a page of many times the cost.</summary>
    public static byte[] Request(string path, int? body = null)
    {
        var head = $"{(body is null ? "GET" : "POST")} {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nX-Forwarded-For: 203.0.113.7\r\n";
        return Encoding.ASCII.GetBytes(body is { } length ? $"{head}Content-Length: {length}\r\n\r\n{new string('x', length)}" : head + "\r\n");
    }

    /// <summary>With more and more, as a program that has just been started compiles while it runs.</summary>
    public static async Task WarmUpAsync(Uri gateway, Func<int, byte[]> request, double rate, CancellationToken stop)
    {
        foreach (var (share, seconds) in ((double, double)[])[(0.1, 5), (0.3, 5), (1, 10)]) await new EvenLoad(gateway, request).RunAsync(rate * share, TimeSpan.FromSeconds(seconds), stop);
    }

    /// <summary>Sends for so long, waits for the last answers, and closes its connections.</summary>
    public Task<List<LoadSeen>> RunAsync(double rate, TimeSpan time, CancellationToken stop = default) =>
        Task.Factory.StartNew(() => Run(rate, time, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private List<LoadSeen> Run(double rate, TimeSpan time, CancellationToken stop)
    {
        _clock.Start();
        try
        {
            TimeSpan? over = null;
            while (over is null || _busy.Count > 0)
            {
                var due = TimeSpan.FromSeconds(_sent / rate);
                for (; over is null && due <= Now; due = TimeSpan.FromSeconds(_sent / rate))
                {
                    if (stop.IsCancellationRequested || due >= time) over = Now;
                    else Begin((_sent++, due));
                }

                Assert.True(over is null || Now - over < AnswerLimit, $"{_busy.Count} requests were not answered within {AnswerLimit.TotalSeconds} s.");
                Advance(over is null ? Math.Max(1, (int)Math.Ceiling((due - Now).TotalMilliseconds)) : 100);
            }

            return _seen;
        }
        finally
        {
            foreach (var connection in _busy.Concat(_idle)) connection.Dispose();
        }
    }

    private void Begin((int Number, TimeSpan Due) one)
    {
        LoadConnection? connection = null;
        // One that was closed meanwhile is replaced, as every client does.
        while (_idle.TryPop(out var idle) && (connection = idle) is { WasClosed: true })
        {
            connection.Dispose();
            connection = null;
        }

        if (connection is null && _busy.Count >= MostConnections)
        {
            _waiting.Enqueue(one);
            return;
        }

        connection ??= new LoadConnection(_gateway);
        _busy.Add(connection);
        connection.Begin(one.Number, one.Due, Now - one.Due, request(one.Number));
    }

    /// <summary>Waits until something can be read or written, at most so long, and goes on with all for which that is so.</summary>
    private void Advance(int milliseconds)
    {
        var count = _busy.Count;
        if (_polled.Length < count) Array.Resize(ref _polled, count * 2);
        for (var i = 0; i < count; i++) _polled[i] = new PollEntry { Handle = _busy[i].Handle, Events = _busy[i].IsConnecting ? PollEntry.Writable : PollEntry.Readable };
        if (Poll(_polled, (nuint)count, milliseconds) <= 0) return;
        // From the end, as those that are done leave their place to the last one.
        for (var i = count - 1; i >= 0; i--)
        {
            if (_polled[i].Happened == 0) continue;
            var connection = _busy[i];
            if (connection.Advance() is not { } answer) continue;
            _busy[i] = _busy[^1];
            _busy.RemoveAt(_busy.Count - 1);
            _seen.Add(new LoadSeen(connection.Number, answer.Status, answer.FailureId, connection.Due, connection.Late, Now - connection.Due));
            if (answer.Keep) _idle.Push(connection);
            else connection.Dispose();
        }

        while (_busy.Count < MostConnections && _waiting.TryDequeue(out var next)) Begin(next);
    }

    [DllImport("libc", EntryPoint = "poll")]
    private static extern int Poll([In, Out] PollEntry[] entries, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public const short Readable = 1;
        public const short Writable = 4;

        public int Handle;
        public short Events;
        public short Happened;
    }
}

/// <summary>What is asked of a load's results.</summary>
internal static class LoadFigures
{
    /// <summary>In milliseconds; NaN of none.</summary>
    public static double Quantile(this IEnumerable<LoadSeen> seen, double quantile) => Quantile(seen.Select(s => s.Took), quantile);

    /// <summary>How many there were, how long they took, and how far the load itself lagged behind.</summary>
    public static string Words(this IReadOnlyCollection<LoadSeen> seen) => seen.Count == 0 ? "none" : FormattableString.Invariant(
        $"{seen.Count} requests in {seen.Max(s => s.Due + s.Took).TotalSeconds:0.0} s, median {seen.Quantile(0.5):0.00} ms, 99th percentile {seen.Quantile(0.99):0.0} ms, longest {seen.Quantile(1):0} ms; sent late by {Quantile(seen.Select(s => s.Late), 0.5):0.00} ms at the median, {Quantile(seen.Select(s => s.Late), 0.99):0.0} ms at the 99th percentile");

    private static double Quantile(IEnumerable<TimeSpan> times, double quantile)
    {
        var ordered = times.Select(t => t.TotalMilliseconds).Order().ToArray();
        return ordered.Length == 0 ? double.NaN : ordered[Math.Min(ordered.Length - 1, (int)(ordered.Length * quantile))];
    }
}
