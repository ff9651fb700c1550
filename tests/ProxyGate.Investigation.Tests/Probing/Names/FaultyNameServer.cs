using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Investigation.Tests.Probing.Names;

/// <summary>A name server on a loopback address that fails in the way the first label of the name asks for.</summary>
internal sealed class FaultyNameServer : IAsyncDisposable
{
    private const byte NoError = 0, ServerFailure = 2, NameError = 3, NotImplemented = 4, Refused = 5;
    private readonly Socket _datagrams;
    private readonly Socket _streams;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    public FaultyNameServer(string address = "127.0.0.1", int port = 0)
    {
        _streams = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _streams.Bind(new IPEndPoint(IPAddress.Parse(address), port));
        _streams.Listen();
        _datagrams = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _datagrams.Bind(_streams.LocalEndPoint!);
        _serving = Task.WhenAll(DatagramsAsync(), StreamsAsync());
    }

    public IPEndPoint Address => (IPEndPoint)_streams.LocalEndPoint!;

    /// <summary>What <c>app.…</c> resolves to.</summary>
    public string App
    {
        get => Apps[0];
        set => Apps = [value];
    }

    /// <summary>The same where it has several addresses; none: there is no such name.</summary>
    public IReadOnlyList<string> Apps { get; set; } = ["10.0.0.4"];

    /// <summary>For how many seconds an address may be kept.</summary>
    public byte Keep { get; init; } = 60;

    /// <summary>The names asked for over UDP, in order, with a slash and the type.</summary>
    public List<string> Asked { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _datagrams.Dispose();
        _streams.Dispose();
        _stop.Dispose();
    }

    private async Task DatagramsAsync()
    {
        var buffer = new byte[512];
        try
        {
            while (true)
            {
                var query = await _datagrams.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                var asked = buffer[..query.ReceivedBytes];
                var (name, type) = Question(asked);
                lock (Asked) Asked.Add($"{name}/{type}");
                if (name.StartsWith("forged.", StringComparison.Ordinal))
                {
                    // An answer to another question comes first.
                    var forged = Answer(asked, NoError, [Address4("6.6.6.6")]);
                    forged[0] ^= 0xFF;
                    await _datagrams.SendToAsync(forged, query.RemoteEndPoint, _stop.Token);
                }

                if (Reply(asked, name, type, stream: false) is { } reply) await _datagrams.SendToAsync(reply, query.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task StreamsAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _streams.AcceptAsync(_stop.Token);
                using var stream = new NetworkStream(client);
                var length = new byte[2];
                await stream.ReadExactlyAsync(length, _stop.Token);
                var asked = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                await stream.ReadExactlyAsync(asked, _stop.Token);
                var (name, type) = Question(asked);
                if (Reply(asked, name, type, stream: true) is not { } reply) continue;
                BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)reply.Length);
                await stream.WriteAsync((byte[])[.. length, .. reply], _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private byte[]? Reply(byte[] asked, string name, int type, bool stream) => name.Split('.')[0] switch
    {
        "app" when Apps.Count == 0 => Answer(asked, NameError, []),
        "app" or "forged" => type == 1 ? Answer(asked, NoError, [.. Apps.Select(Address4)]) : Answer(asked, NoError, []),
        "dual" => Answer(asked, NoError, [type == 1 ? Address4("10.0.0.4") : [0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16, .. IPAddress.Parse("fd00::4").GetAddressBytes()]]),
        "nodata" => Answer(asked, NoError, []),
        "servfail" => Answer(asked, ServerFailure, []),
        "refused" => Answer(asked, Refused, []),
        "notimp" => Answer(asked, NotImplemented, []),
        "silent" => null,
        // The record claims more bytes than there are.
        "malformed" => [.. Answer(asked, NoError, [[0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 200, 1, 2]])],
        // A name that points at itself.
        "loop" => Answer(asked, NoError, [[0xC0, (byte)asked.Length, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 1, 2, 3, 4]]),
        "alias" when type == 1 => Answer(asked, NoError,
        [
            [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 30, 0, 9, 4, (byte)'r', (byte)'e', (byte)'a', (byte)'l', 2, (byte)'x', (byte)'y', 0],
            [4, (byte)'r', (byte)'e', (byte)'a', (byte)'l', 2, (byte)'x', (byte)'y', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 10, 0, 0, 7],
            // Of no name that was asked for.
            [4, (byte)'e', (byte)'v', (byte)'i', (byte)'l', 0, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 6, 6, 6, 6],
        ]),
        "alias" => Answer(asked, NoError, []),
        "large" when type == 1 => stream ? Answer(asked, NoError, [.. Enumerable.Range(1, 60).Select(i => Address4($"10.0.1.{i}"))]) : Truncated(asked),
        "large" => Answer(asked, NoError, []),
        "cutoff" => stream ? null : Truncated(asked),
        _ => Answer(asked, NameError, []),
    };

    private byte[] Address4(string address) => [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, Keep, 0, 4, .. IPAddress.Parse(address).GetAddressBytes()];

    private byte[] Truncated(byte[] asked)
    {
        var answer = Answer(asked, NoError, [Address4("10.0.1.1")]);
        answer[2] |= 0x02;
        return answer;
    }

    private static byte[] Answer(byte[] asked, byte code, byte[][] records)
    {
        byte[] answer = [.. asked, .. records.SelectMany(r => r)];
        answer[2] = (byte)(0x80 | (asked[2] & 1));
        answer[3] = (byte)(0x80 | code);
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(6), (ushort)records.Length);
        return answer;
    }

    private static (string Name, int Type) Question(byte[] asked)
    {
        var labels = new List<string>();
        var at = 12;
        for (; asked[at] != 0; at += asked[at] + 1) labels.Add(Encoding.ASCII.GetString(asked, at + 1, asked[at]));
        return (string.Join('.', labels), asked[at + 2]);
    }
}
