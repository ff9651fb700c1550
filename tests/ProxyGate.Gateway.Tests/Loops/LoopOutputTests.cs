using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

/// <summary>An output that gathers what is written in a turn of its loop. The turns are the test's here.</summary>
public sealed class LoopOutputTests : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly LoopConnection _connection;
    private readonly Socket _peer;
    private readonly LoopOutput _output;
    private bool _isTurn = true;
    private int _due;

    public LoopOutputTests()
    {
        (var ours, _peer) = LoopPair.Sockets();
        _connection = new LoopConnection(ours, EventLoops.OfThisProcess.Next(), new BlockPool(), NullLogger.Instance);
        _output = (LoopOutput)_connection.Output;
        _output.Gather(output =>
        {
            Assert.Same(_output, output);
            if (_isTurn) _due++;
            return _isTurn;
        });
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _peer.Dispose();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task What_is_written_in_a_turn_leaves_at_its_end_and_together()
    {
        for (var turn = 1; turn <= 3; turn++)
        {
            foreach (var piece in new[] { "one ", "two ", "three" }) Assert.True(Write(piece).AsTask().IsCompletedSuccessfully);
            Assert.True(_output.FlushAsync(Ct).AsTask().IsCompletedSuccessfully);
            Assert.Equal((0, 13), (_peer.Available, (int)_output.UnflushedBytes));
            Assert.Equal(turn, _due);
            _output.SendGathered();
            Assert.Equal(0, _output.UnflushedBytes);
            Assert.Equal("one two three", await ReadAsync(13));
        }

        _output.SendGathered(); // an end with nothing to send
        Assert.Equal(0, _peer.Available);
    }

    [Fact]
    public async Task Outside_of_a_turn_it_is_sent_at_once_with_what_waits()
    {
        _isTurn = false;
        await Write("now");
        Assert.Equal("now", await ReadAsync(3));
        _isTurn = true;
        await Write("a");
        await Write(new string('b', 20_000)); // does not wait for others
        Assert.Equal($"a{new string('b', 20_000)}", await ReadAsync(20_001));
        _output.SendGathered();
        Assert.Equal((0, 0), (_peer.Available, (int)_output.UnflushedBytes));
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_up_the_next_write_and_loses_nothing()
    {
        var sent = new List<byte>();
        var random = new Random(1);
        Task writing;
        do
        {
            var piece = new byte[random.Next(1, 40_000)];
            random.NextBytes(piece);
            sent.AddRange(piece);
            writing = _output.WriteAsync(piece, Ct).AsTask();
            _output.SendGathered();
            Assert.True(sent.Count < 100_000_000, "It was never held up.");
        }
        while (writing.IsCompleted);

        var got = await ReadBytesAsync(sent.Count);
        await writing.WaitAsync(Limit, Ct);
        Assert.True(sent.ToArray().AsSpan().SequenceEqual(got));
        await Write("on");
        _output.SendGathered();
        Assert.Equal("on", await ReadAsync(2));
    }

    [Fact]
    public async Task What_waits_goes_out_before_the_end()
    {
        await Write("bye");
        await _connection.DisposeAsync();
        Assert.Equal("bye", await ReadAsync(3));
        Assert.Equal(0, await _peer.ReceiveAsync(new byte[1], SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct));
        _output.SendGathered(); // its turn ends after it
    }

    [Fact]
    public async Task A_client_that_has_gone_is_told_of_by_a_write_after_the_turns_end()
    {
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Dispose();
        var gone = false;
        for (var i = 0; i < 1000 && !gone; i++)
        {
            gone = (await Write("x")).IsCompleted;
            _output.SendGathered();
        }

        Assert.True(gone);
    }

    [Fact]
    public async Task A_turns_end_and_a_writer_on_another_thread_do_not_mix_up_the_bytes()
    {
        const int Pieces = 20_000;
        using var over = new CancellationTokenSource();
        var turns = Task.Run(() => { while (!over.IsCancellationRequested) _output.SendGathered(); }, Ct);
        var writing = Task.Run(
            async () =>
            {
                for (var i = 0; i < Pieces; i++) await _output.WriteAsync(BitConverter.GetBytes(i), Ct);
            },
            Ct);
        var got = await ReadBytesAsync(Pieces * sizeof(int));
        await writing.WaitAsync(Limit, Ct);
        await over.CancelAsync();
        await turns.WaitAsync(Limit, Ct);
        for (var i = 0; i < Pieces; i++) Assert.Equal(i, BitConverter.ToInt32(got, i * sizeof(int)));
    }

    private ValueTask<System.IO.Pipelines.FlushResult> Write(string text) => _output.WriteAsync(Encoding.ASCII.GetBytes(text), Ct);

    private async Task<string> ReadAsync(int length) => Encoding.ASCII.GetString(await ReadBytesAsync(length));

    private async Task<byte[]> ReadBytesAsync(int length)
    {
        var got = new byte[length];
        for (var at = 0; at < length;)
        {
            var read = await _peer.ReceiveAsync(got.AsMemory(at), SocketFlags.None, Ct).AsTask().WaitAsync(Limit, Ct);
            Assert.NotEqual(0, read);
            at += read;
        }

        return got;
    }
}
