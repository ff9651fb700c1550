using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Investigation.Probing.Services;

/// <summary>One short connection to the service: everything it says first is kept, and everything ends with the deadline.</summary>
internal sealed class Conversation : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _deadline;

    private Conversation(Socket socket, CancellationTokenSource deadline)
    {
        (_socket, _deadline) = (socket, deadline);
        Stream = new FirstBytesStream(new NetworkStream(socket, ownsSocket: true));
    }

    public FirstBytesStream Stream { get; }

    public CancellationToken Deadline => _deadline.Token;

    /// <summary>Whether the peer ended the connection, rather than staying silent.</summary>
    public bool Ended { get; private set; }

    /// <summary>Absent when nothing accepts the connection before the limit.</summary>
    public static async Task<Conversation?> OpenAsync(EndPoint target, TimeSpan limit, CancellationToken cancellationToken)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(limit);
        var socket = new Socket(target.AddressFamily, SocketType.Stream, target is UnixDomainSocketEndPoint ? ProtocolType.Unspecified : ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target, deadline.Token);
            return new Conversation(socket, deadline);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket.Dispose();
            deadline.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            return null;
        }
    }

    /// <summary>Says something and gives back what is answered until <paramref name="complete"/>, the end, or the deadline.</summary>
    public Task<byte[]> SayAsync(ReadOnlyMemory<byte> words, Func<byte[], bool> complete) => SayAsync(Stream, words, complete);

    public async Task<byte[]> SayAsync(Stream stream, ReadOnlyMemory<byte> words, Func<byte[], bool> complete)
    {
        const int MostBytes = 16 * 1024;
        var heard = new List<byte>();
        var buffer = new byte[4096];
        try
        {
            if (!words.IsEmpty) await stream.WriteAsync(words, Deadline);
            while (heard.Count < MostBytes)
            {
                var length = await stream.ReadAsync(buffer, Deadline);
                if (length == 0)
                {
                    Ended = true;
                    break;
                }

                heard.AddRange(buffer.AsSpan(0, length));
                if (complete([.. heard])) break;
            }
        }
        catch (IOException)
        {
            // Reset: an end as well.
            Ended = true;
        }
        catch (OperationCanceledException)
        {
            // The deadline: what came until now is the answer.
        }

        return [.. heard];
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        _socket.Dispose();
        _deadline.Dispose();
    }
}
