using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>How one request of an <see cref="EvenLoad"/> went.</summary>
/// <param name="Number">Counted from 0.</param>
/// <param name="Status">0 when no whole answer came.</param>
/// <param name="FailureId">The gateway's, where it made the answer.</param>
/// <param name="Due">When it was to be sent, from the beginning of the load.</param>
/// <param name="Took">From the moment it was due to the last byte of its answer: what a visitor waits, also for a load that lags behind.</param>
internal readonly record struct LoadSeen(int Number, int Status, string? FailureId, TimeSpan Due, TimeSpan Took);

/// <summary>
/// Requests at an even rate, whatever becomes of those before: visitors do not wait for each other. A request takes a connection that is
/// idle or opens one, as far as it may, else it waits. It speaks plain HTTP/1.1 over bare sockets, so that it takes little of the machine from what it measures.
/// </summary>
/// <param name="gateway">Where to.</param>
/// <param name="request">The request with this number, whole.</param>
internal sealed class EvenLoad(Uri gateway, Func<int, byte[]> request)
{
    private const int MostConnections = 1000;
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(120);

    private readonly IPEndPoint _gateway = new(IPAddress.Parse(gateway.Host), gateway.Port);
    private readonly ConcurrentStack<Connection> _idle = new();
    private readonly ConcurrentQueue<LoadSeen> _seen = new();
    private int _connections;
    private int _underWay;

    /// <summary>How many were sent so far.</summary>
    public int Sent { get; private set; }

    /// <summary>The bytes of a GET, or of a POST with a body of this length.</summary>
    public static byte[] Request(string path, int? body = null, string accept = "text/html") => Encoding.ASCII.GetBytes(
        body is { } length
            ? $"POST {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nContent-Length: {length}\r\n\r\n{new string('x', length)}"
            : $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\n\r\n");

    /// <summary>With more and more, as a program that has just been started compiles while it runs.</summary>
    public static async Task WarmUpAsync(Uri gateway, Func<int, byte[]> request, double rate, CancellationToken stop)
    {
        foreach (var (share, seconds) in ((double, double)[])[(0.1, 5), (0.3, 5), (1, 10)]) await new EvenLoad(gateway, request).RunAsync(rate * share, TimeSpan.FromSeconds(seconds), stop);
    }

    /// <summary>Sends for so long, waits for the last answers, and closes its connections.</summary>
    public async Task<IReadOnlyList<LoadSeen>> RunAsync(double rate, TimeSpan time, CancellationToken stop = default)
    {
        await Task.Factory.StartNew(() => Send(rate, time, stop), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var clock = Stopwatch.StartNew();
        while (Volatile.Read(ref _underWay) > 0)
        {
            Assert.True(clock.Elapsed < AnswerLimit, $"{_underWay} requests were not answered within {AnswerLimit.TotalSeconds} s.");
            await Task.Delay(10, CancellationToken.None);
        }

        while (_idle.TryPop(out var connection)) connection.Dispose();
        return [.. _seen];
    }

    /// <summary>The schedule has a thread of its own, so that no answer's handling delays it.</summary>
    private void Send(double rate, TimeSpan time, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (!stop.IsCancellationRequested)
        {
            var due = TimeSpan.FromSeconds(Sent / rate);
            if (due >= time) return;
            if (due > clock.Elapsed)
            {
                Thread.Sleep(1);
                continue;
            }

            Interlocked.Increment(ref _underWay);
            _ = ExchangeAsync(Sent++, due, clock);
        }
    }

    private async Task ExchangeAsync(int number, TimeSpan due, Stopwatch clock)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Connection? connection = null;
        var (status, id, keep) = (0, default(string), false);
        try
        {
            while (!_idle.TryPop(out connection))
            {
                if (Interlocked.Increment(ref _connections) <= MostConnections)
                {
                    connection = await Connection.OpenAsync(_gateway);
                    break;
                }

                Interlocked.Decrement(ref _connections);
                await Task.Delay(1, CancellationToken.None);
            }

            (status, id, keep) = await connection.ExchangeAsync(request(number));
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            status = 0;
        }

        _seen.Enqueue(new LoadSeen(number, status, id, due, clock.Elapsed - due));
        if (keep)
        {
            _idle.Push(connection!);
        }
        else
        {
            Interlocked.Decrement(ref _connections);
            connection?.Dispose();
        }

        Interlocked.Decrement(ref _underWay);
    }

    private sealed class Connection : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        private byte[] _buffer = new byte[16 * 1024];

        public static async Task<Connection> OpenAsync(IPEndPoint to)
        {
            var connection = new Connection();
            try
            {
                await connection._socket.ConnectAsync(to);
                return connection;
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }

        public async Task<(int Status, string? FailureId, bool Keep)> ExchangeAsync(byte[] request)
        {
            await _socket.SendAsync(request, SocketFlags.None);
            var length = 0;
            int head;
            while ((head = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0) length += await ReadAsync(length);
            var fields = Encoding.Latin1.GetString(_buffer, 0, head);
            var left = int.Parse(Field(fields, "content-length") ?? throw new IOException("An answer without a length."), CultureInfo.InvariantCulture) - (length - head - 4);
            while (left > 0) left -= await ReadAsync(head);
            return (int.Parse(fields.AsSpan(9, 3), CultureInfo.InvariantCulture), Field(fields, "proxygate-failure"), !string.Equals(Field(fields, "connection"), "close", StringComparison.OrdinalIgnoreCase));
        }

        private async ValueTask<int> ReadAsync(int at)
        {
            if (at == _buffer.Length) Array.Resize(ref _buffer, at * 2);
            var read = await _socket.ReceiveAsync(_buffer.AsMemory(at), SocketFlags.None);
            return read > 0 ? read : throw new IOException("The gateway closed the connection.");
        }

        private static string? Field(string head, string name)
        {
            var at = head.IndexOf($"\r\n{name}:", StringComparison.OrdinalIgnoreCase);
            if (at < 0) return null;
            var value = head.AsSpan(at + name.Length + 3);
            var end = value.IndexOf('\r');
            return (end < 0 ? value : value[..end]).Trim().ToString();
        }

        public void Dispose() => _socket.Dispose();
    }
}

/// <summary>What is asked of a load's results.</summary>
internal static class LoadFigures
{
    /// <summary>In milliseconds; NaN of none.</summary>
    public static double Quantile(this IEnumerable<LoadSeen> seen, double quantile)
    {
        var ordered = seen.Select(s => s.Took.TotalMilliseconds).Order().ToArray();
        return ordered.Length == 0 ? double.NaN : ordered[Math.Min(ordered.Length - 1, (int)(ordered.Length * quantile))];
    }
}
