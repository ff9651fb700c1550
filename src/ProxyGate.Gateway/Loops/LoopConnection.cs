using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace ProxyGate.Gateway.Loops;

/// <summary>A client's connection on an event loop, as Kestrel takes it: its protocol runs where the client's bytes arrive, and writes straight to the socket.</summary>
internal sealed partial class LoopConnection : ConnectionContext,
    IConnectionIdFeature, IConnectionTransportFeature, IConnectionItemsFeature, IConnectionLifetimeFeature, IConnectionEndPointFeature, IConnectionSocketFeature, IMemoryPoolFeature, IDuplexPipe
{
    /// <summary>How long a client may go on sending what nobody reads any more, so that it gets the answer before it hears that the connection has ended.</summary>
    private static readonly TimeSpan Lingering = TimeSpan.FromSeconds(1);
    private const int DiscardAtOnce = 16 * 1024;

    private static long s_last = DateTime.UtcNow.Ticks;

    private readonly Socket _socket;
    private readonly LoopSocket _loop;
    private readonly MemoryPool<byte> _pool;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closed = new();
    private readonly ConnectionFeatures _features;
    private readonly Lock _lock = new();
    private LoopInput? _input;
    private LoopOutput? _output;
    private IDictionary<object, object?>? _items;
    private string? _id;
    private bool _isSocketClosed;
    private volatile bool _sawEnd;
    private volatile int _reads;
    private int _toldClosed;

    /// <exception cref="SocketException">The client has gone already.</exception>
    /// <exception cref="InvalidOperationException">The system cannot watch one more.</exception>
    public LoopConnection(Socket socket, EventLoop loop, MemoryPool<byte> pool, ILogger logger)
    {
        (_socket, _pool, _logger) = (socket, pool, logger);
        (LocalEndPoint, RemoteEndPoint) = (socket.LocalEndPoint, socket.RemoteEndPoint);
        ConnectionClosed = _closed.Token;
        _loop = new LoopSocket(socket, loop) { PeerEnded = PeerEnded };
        Transport = this;
        _features = new ConnectionFeatures(this);
        _loop.Begin();
    }

    public override string ConnectionId
    {
        get => _id ??= Interlocked.Increment(ref s_last).ToString("X16", System.Globalization.CultureInfo.InvariantCulture);
        set => _id = value;
    }

    public override IFeatureCollection Features => _features;

    public override IDictionary<object, object?> Items
    {
        get => _items ??= new ConnectionItems();
        set => _items = value;
    }

    public override IDuplexPipe Transport { get; set; }

    public override CancellationToken ConnectionClosed { get; set; }

    public PipeReader Input => _input ??= new LoopInput(_loop, this, _pool);

    public PipeWriter Output => _output ??= new LoopOutput(_loop, _pool, Broke);

    public MemoryPool<byte> MemoryPool => _pool;

    Socket IConnectionSocketFeature.Socket => _socket;

    /// <summary>Why it was ended from here, if it was.</summary>
    public ConnectionAbortedException? AbortReason { get; private set; }

    /// <summary>How often bytes came, and how many went: as long as they are the same, nobody has said anything.</summary>
    public (int Reads, long Sent) Said => (_reads, _loop.BytesSent);

    /// <summary>Whether all that was written has gone out, and nothing broke.</summary>
    public bool IsQuiet => !_sawEnd && AbortReason is null && _output is null or { UnflushedBytes: 0 };

    /// <summary>From now on what is written in one turn of the loop is sent together: see <see cref="LoopOutput.Gather"/>.</summary>
    public void GatherOutput() => ((LoopOutput)Output).Gather(EventLoop.SendAtTurnsEnd);

    /// <summary>
    /// Lets go of all that serves to read and to write, and waits for the client's next word, which is then there to be read. Only while nobody reads or
    /// writes; whoever does from then on asks for <see cref="Input"/> and <see cref="Output"/> anew.
    /// </summary>
    /// <returns>0 when the client has closed its side.</returns>
    /// <exception cref="SocketException">The connection broke, or was aborted here.</exception>
    /// <exception cref="OperationCanceledException">The rest was to end.</exception>
    public ValueTask<int> RestAsync(CancellationToken cancellationToken)
    {
        _input?.Complete();
        (_input, _output) = (null, null);
        return _loop.PeekAsync(cancellationToken);
    }

    /// <summary>Ends the rest, if it rests.</summary>
    public void EndRest() => _loop.CancelReceive();

    /// <summary>Bytes came, or with none the end: the client has closed its side, and everything before that was read.</summary>
    public void DidRead(int count)
    {
        if (count == 0)
        {
            _sawEnd = true;
            TellClosed();
            return;
        }

        _reads++;
        if (_loop.MayHaveEnded)
        {
            // It was not told as long as there were these to read.
            PeerEnded();
        }
    }

    public void Broke(SocketException error)
    {
        _sawEnd = true;
        TellClosed();
    }

    /// <summary>Closed or broken while nobody may be reading: whoever works for the client hears of it once there is nothing left to read.</summary>
    private void PeerEnded()
    {
        if (!_sawEnd && _loop.IsAtEnd()) TellClosed();
    }

    private void TellClosed()
    {
        if (Interlocked.Exchange(ref _toldClosed, 1) != 0) return;
        // What is registered there may take its time.
        ThreadPool.UnsafeQueueUserWorkItem(static connection => connection.CancelClosed(), this, preferLocal: false);
    }

    private void CancelClosed()
    {
        try
        {
            _closed.Cancel();
        }
        catch (AggregateException e)
        {
            CloseFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What was to be done at the end of a connection failed.")]
    private partial void CloseFailed(Exception exception);

    public override void Abort() => Abort(new ConnectionAbortedException("The connection was aborted by the application."));

    public override void Abort(ConnectionAbortedException abortReason)
    {
        lock (_lock)
        {
            if (_isSocketClosed) return;
            _isSocketClosed = true;
            AbortReason = abortReason;
        }

        _loop.Dispose();
        // The client must not take what it got for all: that is a reset.
        _socket.Close(timeout: 0);
        TellClosed();
    }

    /// <summary>The protocol is done with it.</summary>
    public override async ValueTask DisposeAsync()
    {
        _input?.Complete();
        if (_output is not null) await _output.FinishAsync();
        if (!_sawEnd && AbortReason is null) await LingerAsync();
        lock (_lock)
        {
            if (!_isSocketClosed)
            {
                _isSocketClosed = true;
                _loop.Dispose();
                _socket.Dispose();
            }
        }

        _output?.Release();
        TellClosed();
        await base.DisposeAsync();
    }

    /// <summary>
    /// Says goodbye in order. While unread bytes lie in our socket, closing it would be a reset, which may overtake the answer: they are read and thrown away,
    /// also those that are still on their way, for a moment.
    /// </summary>
    private async ValueTask LingerAsync()
    {
        byte[]? buffer = null;
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
            if (_socket.Available == 0) return;
            buffer = ArrayPool<byte>.Shared.Rent(DiscardAtOnce);
            using var patience = new CancellationTokenSource(Lingering);
            for (var read = 1; read > 0 && !patience.IsCancellationRequested;) read = await _loop.ReceiveAsync(buffer, patience.Token);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // Gone, or too slow: then it is a reset after all.
        }
        finally
        {
            if (buffer is not null) ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
