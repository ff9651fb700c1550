using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

/// <summary>What Kestrel relies on in a transport.</summary>
public sealed class LoopConnectionTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Bytes_come_and_go_and_the_end_is_an_end()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        await using var __ = connection;
        await peer.SendAsync("hello"u8.ToArray(), SocketFlags.None, Ct);
        var read = await connection.Transport.Input.ReadAsync(Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.Equal("hello", Encoding.ASCII.GetString(read.Buffer));
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        var flushed = await connection.Transport.Output.WriteAsync("world"u8.ToArray(), Ct);
        Assert.Equal((false, false), (flushed.IsCompleted, flushed.IsCanceled));
        Assert.Equal("world", await ReadAsync(peer, 5));
        Assert.False(connection.ConnectionClosed.IsCancellationRequested);
        peer.Shutdown(SocketShutdown.Send);
        read = await connection.Transport.Input.ReadAsync(Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.True(read is { IsCompleted: true, Buffer.IsEmpty: true });
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task A_client_that_leaves_is_noticed_while_it_is_worked_for()
    {
        var (connection, peer) = Make();
        await using var _ = connection;
        await peer.SendAsync("GET"u8.ToArray(), SocketFlags.None, Ct);
        var read = await connection.Transport.Input.ReadAsync(Ct).AsTask().WaitAsync(Limit, Ct);
        connection.Transport.Input.AdvanceTo(read.Buffer.End);
        peer.LingerState = new LingerOption(true, 0);
        peer.Dispose();
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task A_client_that_left_before_its_request_was_read_is_noticed_then()
    {
        var (ours, peer) = LoopPair.Sockets();
        await peer.SendAsync("GET"u8.ToArray(), SocketFlags.None, Ct);
        peer.Dispose();
        await using var connection = new LoopConnection(ours, EventLoops.OfThisProcess.Next(), new BlockPool(), NullLogger.Instance);
        var read = await connection.Transport.Input.ReadAsync(Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.Equal("GET", Encoding.ASCII.GetString(read.Buffer));
        await ClosedAsync(connection);
    }

    [Fact]
    public async Task An_abort_is_a_reset_and_who_reads_or_writes_hears_of_it()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        var reading = connection.Transport.Input.ReadAsync(Ct).AsTask();
        var reason = new ConnectionAbortedException("enough");
        connection.Abort(reason);
        Assert.Same(reason, await Assert.ThrowsAsync<ConnectionAbortedException>(() => reading.WaitAsync(Limit, Ct)));
        Assert.True((await connection.Transport.Output.WriteAsync("x"u8.ToArray(), Ct)).IsCompleted);
        Assert.Equal(SocketError.ConnectionReset, (await Assert.ThrowsAsync<SocketException>(() => peer.ReceiveAsync(new byte[1], SocketFlags.None, Ct).AsTask())).SocketErrorCode);
        await ClosedAsync(connection);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_flush_that_waits_for_a_slow_client_can_be_cancelled_and_goes_on_where_it_stopped()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        await using var __ = connection;
        var output = connection.Transport.Output;
        var sent = new byte[30_000_000];
        Random.Shared.NextBytes(sent);
        output.Write(sent);
        var flushing = output.FlushAsync(Ct).AsTask();
        Assert.False(flushing.IsCompleted);
        output.CancelPendingFlush();
        var canceled = await flushing.WaitAsync(Limit, Ct);
        Assert.Equal((true, false), (canceled.IsCanceled, canceled.IsCompleted));
        using var cancel = new CancellationTokenSource();
        flushing = output.FlushAsync(cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => flushing.WaitAsync(Limit, Ct));
        Assert.InRange(output.UnflushedBytes, 1, sent.Length - 1);
        flushing = output.FlushAsync(Ct).AsTask();
        var got = new byte[sent.Length];
        for (var at = 0; at < got.Length;) at += await peer.ReceiveAsync(got.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.Equal((false, false), ((await flushing).IsCanceled, (await flushing).IsCompleted));
        Assert.True(sent.AsSpan().SequenceEqual(got));
        Assert.Equal(0, output.UnflushedBytes);
    }

    [Fact]
    public async Task Pieces_of_all_sizes_go_out_in_order()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        await using var __ = connection;
        var output = connection.Transport.Output;
        var sent = new List<byte>();
        foreach (var size in new[] { 1, 100, 16_384, 16_385, 3, 70_000, 5, 16_000, 500 })
        {
            var piece = new byte[size];
            Random.Shared.NextBytes(piece);
            sent.AddRange(piece);
            piece.CopyTo(output.GetMemory(size));
            output.Advance(size);
        }

        Assert.Equal(sent.Count, output.UnflushedBytes);
        await output.FlushAsync(Ct);
        var got = new byte[sent.Count];
        for (var at = 0; at < got.Length;) at += await peer.ReceiveAsync(got.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
        Assert.True(sent.ToArray().AsSpan().SequenceEqual(got));
    }

    /// <summary>A close with unread bytes is a reset, and a reset may overtake what was sent before it.</summary>
    [Fact]
    public async Task An_answer_reaches_a_client_that_is_still_sending_when_the_connection_is_closed()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        await peer.SendAsync(new byte[100_000], SocketFlags.None, Ct);
        await connection.Transport.Output.WriteAsync("no, thanks"u8.ToArray(), Ct);
        var disposing = connection.DisposeAsync().AsTask();
        await peer.SendAsync(new byte[100_000], SocketFlags.None, Ct);
        Assert.Equal("no, thanks", await ReadAsync(peer, 10));
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct));
        peer.Shutdown(SocketShutdown.Send);
        await disposing.WaitAsync(Limit, Ct);
    }

    [Fact]
    public async Task What_was_written_and_not_flushed_goes_out_before_the_end()
    {
        var (connection, peer) = Make();
        using var _ = peer;
        connection.Transport.Output.Write("bye"u8);
        await connection.DisposeAsync();
        Assert.Equal("bye", await ReadAsync(peer, 3));
        Assert.Equal(0, await peer.ReceiveAsync(new byte[1], SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct));
    }

    [Fact]
    public void Features_are_found_replaced_and_removed()
    {
        var own = new object();
        var features = new ConnectionFeatures(own);
        Assert.Null(features.Get<string>());
        features.Set("a");
        var revision = features.Revision;
        features.Set("b");
        Assert.Equal("b", features.Get<string>());
        Assert.NotEqual(revision, features.Revision);
        for (var i = 0; i < 3; i++) features.Set(new List<int>());
        features.Set<string>(null);
        Assert.Null(features.Get<string>());
        Assert.Same(own, features[typeof(IConnectionItemsFeature)]);
        features[typeof(IConnectionItemsFeature)] = "others";
        Assert.Equal("others", features[typeof(IConnectionItemsFeature)]);
        features[typeof(IConnectionIdFeature)] = null;
        Assert.Null(features[typeof(IConnectionIdFeature)]);
        Assert.Equal(
            [typeof(List<int>), typeof(IConnectionItemsFeature), typeof(IConnectionTransportFeature), typeof(IConnectionLifetimeFeature), typeof(IConnectionEndPointFeature), typeof(IConnectionSocketFeature), typeof(IMemoryPoolFeature)],
            features.Select(f => f.Key));
        for (var i = 0; i < 20; i++) features[typeof(int).Assembly.GetTypes()[i]] = i;
        Assert.All(Enumerable.Range(0, 20), i => Assert.Equal(i, features[typeof(int).Assembly.GetTypes()[i]]));
    }

    private static (LoopConnection Connection, Socket Peer) Make()
    {
        var (ours, peer) = LoopPair.Sockets();
        return (new LoopConnection(ours, EventLoops.OfThisProcess.Next(), new BlockPool(), NullLogger.Instance), peer);
    }

    private static async Task<string> ReadAsync(Socket peer, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await peer.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
            if (read == 0) break;
            at += read;
        }

        return Encoding.ASCII.GetString(bytes);
    }

    private static async Task ClosedAsync(LoopConnection connection)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = connection.ConnectionClosed.Register(closed.SetResult);
        await closed.Task.WaitAsync(Limit, Ct);
    }
}
