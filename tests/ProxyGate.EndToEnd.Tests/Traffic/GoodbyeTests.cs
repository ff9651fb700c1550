using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>What stands on the wire when the gateway stops: each protocol's own word for "no more here", before the connection closes.</summary>
public sealed class GoodbyeTests : IDisposable
{
    private const int Terminate = 15;
    private const byte Data = 0, Headers = 1, Settings = 4, GoAway = 7;

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_HTTP2_client_gets_GOAWAY_and_the_whole_answer_it_is_waiting_for()
    {
        await using var app = new HeldApp();
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Url);
        await using var wire = await ConnectAsync(gateway);
        await wire.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray().Concat(Frame(Settings, 0, 0, [])).ToArray(), Stop);
        // GET http://localhost/ (RFC 7541: three indexed fields and :authority as a literal), with END_STREAM and END_HEADERS.
        await wire.WriteAsync(Frame(Headers, 0x5, 1, [0x82, 0x86, 0x84, 0x01, 9, .. "localhost"u8]), Stop);
        await app.Asked;

        gateway.Process.Signal(Terminate);
        var before = await FramesUntilAsync(wire, f => f.Type == GoAway);
        Assert.DoesNotContain(before, f => f.Type is Headers or Data);
        Assert.True(before[^1].LastStream >= 1, "The request under way was not to be answered any more.");
        Assert.Equal(0u, before[^1].ErrorCode);

        app.Release();
        var after = await FramesUntilAsync(wire, _ => false);
        Assert.Contains((byte)0x88, after.First(f => f is { Type: Headers, Stream: 1 }).Payload); // :status 200
        Assert.Equal("held", Encoding.ASCII.GetString([.. after.Where(f => f is { Type: Data, Stream: 1 }).SelectMany(f => f.Payload)]));
        var last = Assert.Single(after, f => f.Type == GoAway);
        Assert.Equal((1, 0u), (last.LastStream, last.ErrorCode));
        Assert.Equal(0, await gateway.Process.ExitedAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task An_HTTP1_client_is_told_that_its_connection_closes_and_an_idle_one_is_closed_in_order()
    {
        await using var app = new HeldApp();
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Url);
        await using var idle = await ConnectAsync(gateway);
        await using var wire = await ConnectAsync(gateway);
        await wire.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Stop);
        await app.Asked;

        gateway.Process.Signal(Terminate);
        Assert.Equal(0, await idle.ReadAsync(new byte[1], Stop)); // an end, no reset
        app.Release();
        using var reader = new StreamReader(wire, Encoding.ASCII);
        var answer = await reader.ReadToEndAsync(Stop);
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", answer, StringComparison.Ordinal);
        Assert.Contains("\r\nConnection: close\r\n", answer, StringComparison.OrdinalIgnoreCase);
        Assert.EndsWith("\r\n\r\nheld", answer, StringComparison.Ordinal);
        Assert.Equal(0, await gateway.Process.ExitedAsync(TimeSpan.FromSeconds(30)));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    private static async Task<NetworkStream> ConnectAsync(GatewayInFront gateway)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, gateway.Process.Address.Port, Stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame, 9);
        return frame;
    }

    /// <summary>All frames up to the one that is looked for, or to the end of the connection.</summary>
    private static async Task<List<Received>> FramesUntilAsync(NetworkStream wire, Func<Received, bool> found)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        var frames = new List<Received>();
        var head = new byte[9];
        while (await wire.ReadAtLeastAsync(head, 9, throwOnEndOfStream: false, limit.Token) == 9)
        {
            var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(head) >> 8];
            await wire.ReadExactlyAsync(payload, limit.Token);
            var frame = new Received(head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)), payload);
            frames.Add(frame);
            if (frame is { Type: Settings, Flags: 0 }) await wire.WriteAsync(Frame(Settings, 1, 0, []), limit.Token);
            if (found(frame)) break;
        }

        return frames;
    }

    private sealed record Received(byte Type, byte Flags, int Stream, byte[] Payload)
    {
        public int LastStream => BinaryPrimitives.ReadInt32BigEndian(Payload);

        public uint ErrorCode => BinaryPrimitives.ReadUInt32BigEndian(Payload.AsSpan(4));
    }

    /// <summary>Answers its one request when it is told to.</summary>
    private sealed class HeldApp : IAsyncDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly CancellationTokenSource _over = new(TimeSpan.FromSeconds(60));
        private readonly Task _serving;

        public HeldApp()
        {
            _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Listen();
            _serving = Task.Run(ServeAsync);
        }

        public string Url => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndPoint!).Port}";

        public Task Asked => _asked.Task.WaitAsync(TimeSpan.FromSeconds(30));

        public void Release() => _released.TrySetResult();

        private async Task ServeAsync()
        {
            try
            {
                using var connection = await _listener.AcceptAsync(_over.Token);
                await connection.ReceiveAsync(new byte[8192], SocketFlags.None, _over.Token);
                _asked.TrySetResult();
                await _released.Task.WaitAsync(_over.Token);
                await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nheld"u8.ToArray(), SocketFlags.None, _over.Token);
                await connection.ReceiveAsync(new byte[1], SocketFlags.None, _over.Token); // until the gateway closes it
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // The test is over.
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _over.CancelAsync();
            await _serving;
            _listener.Dispose();
            _over.Dispose();
        }
    }
}
