using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

public sealed class LoopSocketTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(4096, 2_000_000)]
    [InlineData(100_000, 20_000_000)]
    public async Task Every_byte_arrives_in_order_whatever_the_buffers_are(int buffer, int length)
    {
        using var pair = LoopPair.Make();
        var sent = new byte[length];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(() => pair.Peer.SendAsync(sent, SocketFlags.None, Ct), Ct);
        var got = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = await pair.Loop.ReceiveAsync(got.AsMemory(at, Math.Min(buffer, length - at)), Ct).AsTask().WaitAsync(Limit, Ct);
            Assert.True(read > 0, $"The end after {at} bytes.");
            at += read;
        }

        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(got));
        pair.Peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await pair.Loop.ReceiveAsync(got, Ct).AsTask().WaitAsync(Limit, Ct));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_write_waits_for_a_peer_that_is_slow_and_sends_every_byte_once(int parts)
    {
        using var pair = LoopPair.Make();
        var sent = new byte[parts][];
        for (var i = 0; i < parts; i++)
        {
            sent[i] = new byte[16_000_000 / parts];
            Random.Shared.NextBytes(sent[i]);
        }

        var sending = parts == 1 ? pair.Loop.SendAsync(sent[0], Ct).AsTask() : pair.Loop.SendAsync([.. sent.Select(p => new ArraySegment<byte>(p))], Ct).AsTask();
        Assert.False(sending.IsCompleted); // more than the kernel takes
        var all = sent.SelectMany(p => p).ToArray();
        var got = new byte[all.Length];
        for (var at = 0; at < got.Length;) at += await pair.Peer.ReceiveAsync(got.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
        await sending.WaitAsync(Limit, Ct);
        Assert.True(all.AsSpan().SequenceEqual(got));
        Assert.Equal(all.Length, pair.Loop.BytesSent);
    }

    [Fact]
    public async Task A_read_that_was_cancelled_loses_nothing()
    {
        using var pair = LoopPair.Make();
        var buffer = new byte[10];
        for (var round = 0; round < 50; round++)
        {
            using var cancel = new CancellationTokenSource();
            var reading = pair.Loop.ReceiveAsync(buffer, cancel.Token).AsTask();
            // Both at once: whoever comes first.
            var canceling = Task.Run(cancel.Cancel, Ct);
            pair.Peer.Send([(byte)round]);
            await canceling;
            int read;
            try
            {
                read = await reading.WaitAsync(Limit, Ct);
            }
            catch (OperationCanceledException)
            {
                read = await pair.Loop.ReceiveAsync(buffer, Ct).AsTask().WaitAsync(Limit, Ct);
            }

            Assert.Equal((1, (byte)round), (read, buffer[0]));
        }
    }

    [Fact]
    public async Task Who_waits_is_told_when_it_is_closed_here()
    {
        using var pair = LoopPair.Make();
        var reading = pair.Loop.ReceiveAsync(new byte[1], Ct).AsTask();
        pair.Loop.Dispose();
        var told = await Assert.ThrowsAsync<SocketException>(() => reading.WaitAsync(Limit, Ct));
        Assert.Equal(SocketError.OperationAborted, told.SocketErrorCode);
        told = await Assert.ThrowsAsync<SocketException>(() => pair.Loop.ReceiveAsync(new byte[1], Ct).AsTask());
        Assert.Equal(SocketError.OperationAborted, told.SocketErrorCode);
    }

    [Fact]
    public async Task A_reset_is_told_to_who_reads()
    {
        using var pair = LoopPair.Make();
        var reading = pair.Loop.ReceiveAsync(new byte[1], Ct).AsTask();
        pair.Reset();
        var told = await Assert.ThrowsAsync<SocketException>(() => reading.WaitAsync(Limit, Ct));
        Assert.Equal(SocketError.ConnectionReset, told.SocketErrorCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_peers_end_is_noticed_while_nobody_reads(bool reset)
    {
        using var pair = LoopPair.Make();
        if (reset) pair.Reset();
        else pair.Peer.Shutdown(SocketShutdown.Send);
        await pair.Ended.Task.WaitAsync(Limit, Ct);
        Assert.True(pair.Loop.IsAtEnd());
    }

    [Fact]
    public async Task The_end_is_not_there_while_bytes_from_before_are_unread()
    {
        using var pair = LoopPair.Make();
        pair.Peer.Send("abc"u8);
        pair.Peer.Shutdown(SocketShutdown.Send);
        await pair.Ended.Task.WaitAsync(Limit, Ct);
        Assert.False(pair.Loop.IsAtEnd());
        var buffer = new byte[10];
        Assert.Equal(3, await pair.Loop.ReceiveAsync(buffer, Ct).AsTask().WaitAsync(Limit, Ct));
        Assert.True(pair.Loop.IsAtEnd());
        Assert.Equal(0, await pair.Loop.ReceiveAsync(buffer, Ct).AsTask().WaitAsync(Limit, Ct));
    }

    [Fact]
    public async Task An_empty_read_waits_until_there_is_something_and_takes_nothing()
    {
        using var pair = LoopPair.Make();
        var buffer = new byte[10];
        // Awaited before it is sent, so that the loop has told of it when it is read.
        var reading = pair.Loop.ReceiveAsync(buffer, Ct).AsTask();
        pair.Peer.Send("a"u8);
        Assert.Equal(1, await reading.WaitAsync(Limit, Ct));
        var asking = pair.Loop.ReceiveAsync(Memory<byte>.Empty, Ct).AsTask();
        Assert.False(asking.IsCompleted);
        pair.Peer.Send("b"u8);
        Assert.Equal(0, await asking.WaitAsync(Limit, Ct));
        Assert.Equal(1, await pair.Loop.ReceiveAsync(buffer, Ct).AsTask().WaitAsync(Limit, Ct));
        Assert.Equal((byte)'b', buffer[0]);
    }

    [Fact]
    public async Task A_peek_waits_for_bytes_and_leaves_them_and_finds_the_end()
    {
        using var pair = LoopPair.Make();
        for (var i = 0; i < 3; i++)
        {
            var peeking = pair.Loop.PeekAsync(Ct).AsTask();
            Assert.False(peeking.IsCompleted);
            pair.Loop.CancelReceive();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => peeking.WaitAsync(Limit, Ct));
            peeking = pair.Loop.PeekAsync(Ct).AsTask();
            Assert.False(peeking.IsCompleted);
            await pair.Peer.SendAsync("hello"u8.ToArray(), SocketFlags.None, Ct);
            Assert.Equal(1, await peeking.WaitAsync(Limit, Ct));
            var got = new byte[10];
            Assert.Equal(5, await pair.Loop.ReceiveAsync(got, Ct).AsTask().WaitAsync(Limit, Ct));
        }

        var last = pair.Loop.PeekAsync(Ct).AsTask();
        pair.Peer.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await last.WaitAsync(Limit, Ct));
        Assert.Equal(0, await pair.Loop.PeekAsync(Ct).AsTask().WaitAsync(Limit, Ct));
    }

    [Fact]
    public async Task A_peek_hears_of_a_reset_and_of_a_close_here()
    {
        using var pair = LoopPair.Make();
        var peeking = pair.Loop.PeekAsync(Ct).AsTask();
        pair.Reset();
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => peeking.WaitAsync(Limit, Ct))).SocketErrorCode);
        using var other = LoopPair.Make();
        peeking = other.Loop.PeekAsync(Ct).AsTask();
        other.Loop.Dispose();
        Assert.Equal(SocketError.OperationAborted, (await Assert.ThrowsAsync<SocketException>(() => peeking.WaitAsync(Limit, Ct))).SocketErrorCode);
    }

    [Fact]
    public async Task Connecting_succeeds_or_says_why_not_without_an_exception()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var at = (IPEndPoint)listener.LocalEndPoint!;
        Assert.Equal(SocketError.ConnectionRefused, await ConnectAsync(at)); // bound, and not listening
        listener.Listen();
        Assert.Equal(SocketError.Success, await ConnectAsync(at));

        static async Task<SocketError> ConnectAsync(IPEndPoint to)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var loop = new LoopSocket(socket, EventLoops.OfThisProcess.Next());
            var (error, errno) = await loop.ConnectAsync(to).AsTask().WaitAsync(Limit, Ct);
            if (error == SocketError.Success) Assert.Equal(IPAddress.Loopback, Epoll.LocalEndPoint(socket)!.Address);
            return errno is { } number ? Errno.Named(number) : error;
        }
    }

    [Fact]
    public async Task An_event_that_takes_its_time_does_not_keep_the_other_sockets_of_its_loop_waiting()
    {
        var loop = EventLoops.OfThisProcess.Next();
        using var slow = LoopPair.Make(loop);
        using var other = LoopPair.Make(loop);
        using var served = new ManualResetEventSlim();
        var began = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var holding = Task.Run(HoldAsync, Ct);
        slow.Peer.Send("x"u8);
        await began.Task.WaitAsync(Limit, Ct);
        var reading = other.Loop.ReceiveAsync(new byte[1], Ct).AsTask();
        other.Peer.Send("y"u8);
        Assert.Equal(1, await reading.WaitAsync(Limit, Ct));
        served.Set();
        Assert.True(await holding.WaitAsync(Limit, Ct));

        async Task<bool> HoldAsync()
        {
            await slow.Loop.ReceiveAsync(new byte[1], Ct);
            began.SetResult();
            // Here, on the thread that has the event in hand.
            return served.Wait(Limit, Ct);
        }
    }

    [Fact]
    public async Task Work_that_proves_quick_is_done_on_the_loop_itself()
    {
        using var pair = LoopPair.Make();
        // Away from the test's own scheduler, which would take every event off the loop's hands.
        Assert.True(await Task.Run(EchoAsync, Ct), "A million quick events, and none on the loop.");

        async Task<bool> EchoAsync()
        {
            var buffer = new byte[1];
            for (var n = 0; n < 1_000_000 && !Ct.IsCancellationRequested; n++)
            {
                var reading = pair.Loop.ReceiveAsync(buffer, Ct);
                pair.Peer.Send("x"u8);
                await reading;
                if (Thread.CurrentThread.Name?.StartsWith("loop ", StringComparison.Ordinal) == true) return true;
            }

            return false;
        }
    }
}
