using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

/// <summary>What a protocol relies on in a reader, and what becomes of the memory.</summary>
public sealed class LoopInputTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly CountedPool _pool = new(4096);
    private readonly LoopConnection _connection;
    private readonly Socket _peer;

    public LoopInputTests()
    {
        (var ours, _peer) = LoopPair.Sockets();
        _connection = new LoopConnection(ours, EventLoops.OfThisProcess.Next(), _pool, NullLogger.Instance);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private PipeReader Input => _connection.Transport.Input;

    [Fact]
    public async Task Memory_is_held_only_while_there_are_bytes()
    {
        // Awaited before they are sent, so that the loop has told of them all when they are read.
        var reading = Input.ReadAsync(Ct).AsTask();
        await SendAsync("one");
        var read = await reading.WaitAsync(Limit, Ct);
        Assert.Equal(1, _pool.Out);
        Input.AdvanceTo(read.Buffer.End);
        Assert.Equal(0, _pool.Out);
        reading = Input.ReadAsync(Ct).AsTask();
        Assert.Equal((false, 0), (reading.IsCompleted, _pool.Out));
        await SendAsync("two");
        Assert.Equal("two", Text(await reading.WaitAsync(Limit, Ct)));
    }

    [Fact]
    public async Task What_was_looked_at_and_left_comes_again_with_more()
    {
        await SendAsync("GET / HT");
        var read = await ReadAsync();
        Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        Assert.False(Input.TryRead(out _));
        var more = Input.ReadAsync(Ct).AsTask();
        Assert.False(more.IsCompleted);
        await SendAsync("TP/1.1");
        read = await more.WaitAsync(Limit, Ct);
        Assert.Equal("GET / HTTP/1.1", Text(read));
        Input.AdvanceTo(read.Buffer.GetPosition(4), read.Buffer.GetPosition(6));
        // Not all of it was looked at: it is there at once.
        Assert.True(Input.TryRead(out read));
        Assert.Equal("/ HTTP/1.1", Text(read));
    }

    [Fact]
    public async Task The_end_comes_behind_what_is_left()
    {
        await SendAsync("rest");
        Input.AdvanceTo((await ReadAsync()).Buffer.Start);
        var read = await ReadAsync();
        Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        _peer.Shutdown(SocketShutdown.Send);
        read = await ReadAsync();
        Assert.Equal(("rest", true), (Text(read), read.IsCompleted));
        Input.AdvanceTo(read.Buffer.End);
        read = await ReadAsync();
        Assert.True(read is { IsCompleted: true, IsCanceled: false, Buffer.IsEmpty: true });
        Input.AdvanceTo(read.Buffer.End);
    }

    [Fact]
    public async Task A_pending_read_can_be_ended_and_the_next_one_goes_on()
    {
        var reading = Input.ReadAsync(Ct).AsTask();
        Input.CancelPendingRead();
        Assert.True((await reading.WaitAsync(Limit, Ct)) is { IsCanceled: true, IsCompleted: false, Buffer.IsEmpty: true });
        await SendAsync("on");
        var read = await ReadAsync();
        Assert.Equal(("on", false), (Text(read), read.IsCanceled));
        Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        reading = Input.ReadAsync(Ct).AsTask();
        Input.CancelPendingRead();
        read = await reading.WaitAsync(Limit, Ct);
        Assert.Equal(("on", true), (Text(read), read.IsCanceled));
    }

    [Fact]
    public async Task An_end_asked_for_while_nobody_reads_is_the_next_reads()
    {
        await SendAsync("there");
        Input.CancelPendingRead();
        Assert.True((await ReadAsync()).IsCanceled);
        var read = await ReadAsync();
        Assert.Equal(("there", false), (Text(read), read.IsCanceled));
    }

    [Fact]
    public async Task A_token_ends_the_read_and_nothing_is_lost()
    {
        using var cancel = new CancellationTokenSource();
        var reading = Input.ReadAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(Limit, Ct));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Input.ReadAsync(cancel.Token).AsTask());
        await SendAsync("still");
        Assert.Equal("still", Text(await ReadAsync()));
    }

    [Fact]
    public async Task Completed_while_it_reads_it_frees_its_memory_when_the_read_is_over()
    {
        await SendAsync("x");
        var read = await ReadAsync();
        Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        var reading = Input.ReadAsync(Ct).AsTask();
        await Input.CompleteAsync();
        Assert.Equal(1, _pool.Out);
        await SendAsync("y");
        await Assert.ThrowsAsync<InvalidOperationException>(() => reading.WaitAsync(Limit, Ct));
        Assert.Equal(0, _pool.Out);
        await Assert.ThrowsAsync<InvalidOperationException>(() => Input.ReadAsync(Ct).AsTask());
        Assert.Throws<InvalidOperationException>(() => Input.TryRead(out _));
    }

    [Fact]
    public async Task Positions_out_of_order_are_refused()
    {
        await SendAsync("abcdef");
        var buffer = (await ReadAsync()).Buffer;
        Assert.Throws<InvalidOperationException>(() => Input.AdvanceTo(buffer.GetPosition(3), buffer.GetPosition(2)));
        Input.AdvanceTo(buffer.GetPosition(3));
        Assert.Throws<InvalidOperationException>(() => Input.AdvanceTo(buffer.GetPosition(1)));
    }

    /// <summary>Against the plain rule: what was consumed is gone, everything else comes again and in order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Whatever_is_consumed_at_a_time_every_byte_comes_once(int seed)
    {
        var random = new Random(seed);
        var sent = new byte[300_000];
        random.NextBytes(sent);
        var sending = Task.Run(
            async () =>
            {
                var sizes = new Random(seed);
                for (var at = 0; at < sent.Length;)
                {
                    var size = Math.Min(sent.Length - at, 1 + sizes.Next(sizes.Next(2) == 0 ? 100 : 20_000));
                    at += await _peer.SendAsync(sent.AsMemory(at, size), SocketFlags.None, Ct);
                }

                _peer.Shutdown(SocketShutdown.Send);
            },
            Ct);
        var consumed = 0;
        while (true)
        {
            var read = await ReadAsync();
            Assert.True(sent.AsSpan(consumed, (int)read.Buffer.Length).SequenceEqual(read.Buffer.ToArray()));
            if (read is { IsCompleted: true, Buffer.IsEmpty: true }) break;
            var take = read.IsCompleted ? read.Buffer.Length : random.NextInt64(read.Buffer.Length + 1);
            var look = random.NextInt64(take, read.Buffer.Length + 1);
            consumed += (int)take;
            Input.AdvanceTo(read.Buffer.GetPosition(take), read.Buffer.GetPosition(look));
        }

        await sending;
        Assert.Equal((sent.Length, 0), (consumed, _pool.Out));
    }

    private Task<int> SendAsync(string text) => _peer.SendAsync(Encoding.ASCII.GetBytes(text), SocketFlags.None, Ct).AsTask();

    private Task<ReadResult> ReadAsync() => Input.ReadAsync(Ct).AsTask().WaitAsync(Limit, Ct);

    private static string Text(ReadResult read) => Encoding.ASCII.GetString(read.Buffer);

    public async ValueTask DisposeAsync()
    {
        _connection.Abort();
        await _connection.DisposeAsync();
        _peer.Dispose();
    }

    /// <summary>Knows what was not given back.</summary>
    private sealed class CountedPool(int size) : MemoryPool<byte>
    {
        private int _out;

        public int Out => Volatile.Read(ref _out);

        public override int MaxBufferSize => size;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            Interlocked.Increment(ref _out);
            return new Counted(this);
        }

        protected override void Dispose(bool disposing)
        {
        }

        private sealed class Counted(CountedPool pool) : IMemoryOwner<byte>
        {
            private int _returned;

            public Memory<byte> Memory { get; } = new byte[pool.MaxBufferSize];

            public void Dispose()
            {
                Assert.Equal(0, Interlocked.Exchange(ref _returned, 1));
                Interlocked.Decrement(ref pool._out);
            }
        }
    }
}
