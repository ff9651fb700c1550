using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Simulation.Namespaces;

/// <summary>A DNS server (RFC 1035) that fails in the way the first label of the name asks for.</summary>
internal sealed class FaultyResolver : IAsyncDisposable
{
    private const int ServerFailure = 2;
    private const int NameError = 3;
    private const int Refused = 5;

    private readonly Socket _socket;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;

    internal FaultyResolver(Socket socket)
    {
        _socket = socket;
        _serving = ServeAsync();
    }

    internal static Socket Bind()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 53));
        return socket;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _socket.Dispose();
        _stop.Dispose();
    }

    /// <summary>The answer to a query; <c>null</c>: none, ever.</summary>
    internal static byte[]? Answer(ReadOnlySpan<byte> query)
    {
        const int HeaderLength = 12;
        if (query.Length <= HeaderLength + 1 || query.Length < HeaderLength + 1 + query[HeaderLength])
            return null;
        int? code = Encoding.ASCII.GetString(query.Slice(HeaderLength + 1, query[HeaderLength])) switch
        {
            "timeout" => null,
            "servfail" => ServerFailure,
            "refused" => Refused,
            "nodata" => 0,
            _ => NameError,
        };
        if (code is not { } rcode)
            return null;
        // Up to the end of the question; a record of the additional section (EDNS) is left out of the answer.
        var end = HeaderLength;
        while (end < query.Length && query[end] != 0)
            end += query[end] + 1;
        end = Math.Min(end + 5, query.Length);
        byte[] answer = [.. query[..end]];
        answer[2] = (byte)(0x80 | (query[2] & 0x01));
        answer[3] = (byte)(0x80 | rcode);
        (answer[4], answer[5]) = (0, 1);
        answer.AsSpan(6, 6).Clear();
        return answer;
    }

    private async Task ServeAsync()
    {
        var buffer = new byte[2048];
        try
        {
            while (true)
            {
                var query = await _socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
                if (Answer(buffer.AsSpan(0, query.ReceivedBytes)) is { } answer)
                    await _socket.SendToAsync(answer, query.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The lab is being taken down.
        }
    }
}
