using System.Net.Sockets;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

public sealed class KernelPipeTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(100_000, 1_000_000, false)]
    [InlineData(20_000_000, 1_000_000, false)]
    [InlineData(3_000_000, 1_000, true)]
    public async Task What_one_socket_receives_goes_out_of_the_other_in_order_behind_what_was_written_before(int length, int readAtOnce, bool slow)
    {
        using var from = LoopPair.Make();
        using var to = LoopPair.Make();
        var sent = new byte[length];
        Random.Shared.NextBytes(sent);
        var sending = Task.Run(() => from.Peer.SendAsync(sent, SocketFlags.None, Ct), Ct);
        var passing = Task.Run(PassAsync, Ct);
        var head = "HEAD"u8.ToArray();
        var got = new byte[head.Length + length];
        for (var at = 0; at < got.Length;)
        {
            if (slow) await Task.Yield();
            var read = await to.Peer.ReceiveAsync(got.AsMemory(at, Math.Min(readAtOnce, got.Length - at)), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
            Assert.True(read > 0, $"The end after {at} bytes.");
            at += read;
        }

        await sending;
        await passing.WaitAsync(Limit, Ct);
        Assert.True(got.AsSpan().SequenceEqual([.. head, .. sent]));
        Assert.Equal(got.Length, to.Loop.BytesSent);

        async Task PassAsync()
        {
            var pipe = KernelPipe.TryRent()!;
            Assert.Equal(0, pipe.Held);
            var before = new List<ArraySegment<byte>> { new("HE"u8.ToArray()), new("AD"u8.ToArray()) };
            for (var left = length; left > 0;)
            {
                var filled = await from.Loop.FillAsync(pipe, Math.Min(left, KernelPipe.Most), Ct).AsTask().WaitAsync(Limit, Ct);
                Assert.Equal(filled, pipe.Held);
                await to.Loop.SendAsync(before, pipe, Ct).AsTask().WaitAsync(Limit, Ct);
                Assert.Equal(0, pipe.Held);
                left -= filled;
            }

            pipe.Return();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_what_fills_it_is_told(bool reset)
    {
        using var pair = LoopPair.Make();
        using var pipe = KernelPipe.TryRent()!;
        var filling = pair.Loop.FillAsync(pipe, KernelPipe.Most, Ct).AsTask();
        Assert.False(filling.IsCompleted);
        if (reset)
        {
            pair.Reset();
            Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => filling.WaitAsync(Limit, Ct))).SocketErrorCode);
        }
        else
        {
            pair.Peer.Shutdown(SocketShutdown.Send);
            Assert.Equal(0, await filling.WaitAsync(Limit, Ct));
        }

        Assert.Equal(0, pipe.Held);
    }

    [Fact]
    public async Task Who_fills_it_is_told_when_the_socket_is_closed_here()
    {
        using var pair = LoopPair.Make();
        using var pipe = KernelPipe.TryRent()!;
        var filling = pair.Loop.FillAsync(pipe, KernelPipe.Most, Ct).AsTask();
        pair.Loop.Dispose();
        Assert.Equal(SocketError.OperationAborted, (await Assert.ThrowsAsync<SocketException>(() => filling.WaitAsync(Limit, Ct))).SocketErrorCode);
    }

    [Fact]
    public async Task A_pipe_with_bytes_that_nobody_took_is_not_used_again()
    {
        using var from = LoopPair.Make();
        using var to = LoopPair.Make();
        var pipe = KernelPipe.TryRent()!;
        from.Peer.Send("left over"u8);
        Assert.Equal(9, await from.Loop.FillAsync(pipe, KernelPipe.Most, Ct).AsTask().WaitAsync(Limit, Ct));
        to.Reset();
        await to.Ended.Task.WaitAsync(Limit, Ct);
        var error = (await Assert.ThrowsAsync<SocketException>(() => to.Loop.SendAsync(null, pipe, Ct).AsTask().WaitAsync(Limit, Ct))).SocketErrorCode;
        Assert.True(error is SocketError.ConnectionReset or SocketError.Shutdown, error.ToString());
        Assert.Equal(9, pipe.Held);
        pipe.Return();
        from.Peer.Send("x"u8);
        Assert.Equal(SocketError.OperationAborted, (await Assert.ThrowsAsync<SocketException>(() => from.Loop.FillAsync(pipe, 1, Ct).AsTask().WaitAsync(Limit, Ct))).SocketErrorCode);
    }

    [Fact]
    public void There_are_only_so_many()
    {
        var rented = new List<KernelPipe>();
        try
        {
            while (rented.Count < 1000 && KernelPipe.TryRent() is { } pipe) rented.Add(pipe);
            Assert.InRange(rented.Count, 1, 999);
        }
        finally
        {
            foreach (var pipe in rented) pipe.Return();
        }

        using var again = KernelPipe.TryRent();
        Assert.NotNull(again);
    }

    [Fact]
    public async Task An_output_sends_what_a_pipe_holds_in_its_place_and_counts_it()
    {
        var (ours, peer) = LoopPair.Sockets();
        using var client = peer;
        using var from = LoopPair.Make();
        await using var connection = new LoopConnection(ours, EventLoops.OfThisProcess.Next(), new BlockPool(), Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var output = Assert.IsType<LoopOutput>(connection.Transport.Output);
        var pipe = KernelPipe.TryRent()!;
        from.Peer.Send("from the pipe"u8);
        Assert.Equal(13, await from.Loop.FillAsync(pipe, KernelPipe.Most, Ct).AsTask().WaitAsync(Limit, Ct));
        "before "u8.CopyTo(output.GetSpan(7));
        output.Advance(7);
        output.Append(pipe);
        Assert.Throws<InvalidOperationException>(() => output.Append(pipe));
        _ = output.GetMemory();
        output.Advance(13);
        Assert.Equal(20, output.UnflushedBytes);
        Assert.False((await output.FlushAsync(Ct)).IsCompleted);
        Assert.Equal((0, 0L), (pipe.Held, output.UnflushedBytes));
        pipe.Return();
        await output.WriteAsync(" after"u8.ToArray(), Ct);
        var got = new byte[26];
        for (var at = 0; at < got.Length;) at += await peer.ReceiveAsync(got.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.Equal("before from the pipe after", System.Text.Encoding.ASCII.GetString(got));
    }
}
