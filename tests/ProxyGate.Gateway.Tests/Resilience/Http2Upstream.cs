using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.Gateway.Tests.Forwarding;

namespace ProxyGate.Gateway.Tests.Resilience;

/// <summary>What an HTTP/2 upstream does with a request.</summary>
internal enum Http2Deed
{
    /// <summary>Takes it whole and answers with its method and body.</summary>
    Answer,

    /// <summary>RST_STREAM with REFUSED_STREAM, once it is there (RFC 9113 section 8.7).</summary>
    Refuse,

    /// <summary>The same as soon as its head is there, whatever of its body is still to come.</summary>
    RefuseAtOnce,

    /// <summary>GOAWAY whose last stream is below the request's, and the end of the connection (RFC 9113 section 6.8).</summary>
    LeaveBefore,

    /// <summary>Takes it whole, and then RST_STREAM with INTERNAL_ERROR.</summary>
    ResetAfter,

    /// <summary>Takes it whole, and then GOAWAY that counts it among those processed, and the end of the connection.</summary>
    LeaveAfter,
}

/// <summary>An HTTP/2 upstream (clear text, prior knowledge) that does one deed with each request, in their order; the last is repeated.</summary>
internal sealed class Http2Upstream : IAsyncDisposable
{
    private const byte Data = 0;
    private const byte Headers = 1;
    private const byte ResetStream = 3;
    private const byte Settings = 4;
    private const byte Ping = 6;
    private const byte GoAway = 7;
    private const byte EndStream = 1;
    private const byte Ack = 1;
    private const byte EndHeaders = 4;
    private const int RefusedStream = 7;
    private const int InternalError = 2;

    private readonly Http2Deed[] _deeds;
    private readonly ScriptedUpstream _upstream;
    private readonly List<string> _taken = [];
    private readonly TaskCompletionSource _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _requests;

    public Http2Upstream(params Http2Deed[] deeds)
    {
        _deeds = deeds;
        _upstream = new ScriptedUpstream(ServeAsync);
    }

    public string Url => _upstream.Url;

    public int Port => _upstream.Port;

    /// <summary>How many connections there have been.</summary>
    public int Accepted => _upstream.Accepted;

    /// <summary>Ends with the first request that is refused at once.</summary>
    public Task Refused => _refused.Task;

    /// <summary>Method and body of every request that was taken whole.</summary>
    public IReadOnlyList<string> Taken
    {
        get
        {
            lock (_taken) return [.. _taken];
        }
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private async Task ServeAsync(Conversation c)
    {
        if (await ReadAsync(c, 24) is null) return;
        await SendAsync(c, Settings, 0, 0, []);
        var open = new Dictionary<int, (string Method, List<byte> Body)>();
        while (await ReadAsync(c, 9) is { } header)
        {
            var payload = await ReadAsync(c, (header[0] << 16) | (header[1] << 8) | header[2]) ?? [];
            var (type, flags, stream) = (header[3], header[4], (int)(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(5)) & 0x7fffffff));
            if (type is Settings or Ping && (flags & Ack) == 0) await SendAsync(c, type, Ack, 0, type == Ping ? payload : []);
            if (type == Headers)
            {
                if (Next() == Http2Deed.RefuseAtOnce)
                {
                    await SendAsync(c, ResetStream, 0, stream, Number(RefusedStream));
                    _refused.TrySetResult();
                    continue;
                }

                // The first field of the client's block: ":method: GET" and ":method: POST" have numbers of their own (RFC 7541 appendix A).
                open[stream] = (payload[0] switch { 0x82 => "GET", 0x83 => "POST", _ => "?" }, []);
            }

            if (!open.TryGetValue(stream, out var request)) continue;
            if (type == Data) request.Body.AddRange(payload);
            if ((flags & EndStream) == 0 || type is not (Data or Headers)) continue;
            open.Remove(stream);
            if (!await EndAsync(c, stream, $"{request.Method} {Encoding.ASCII.GetString([.. request.Body])}")) return;
        }
    }

    /// <summary>A request is there whole. Whether the connection goes on.</summary>
    private async Task<bool> EndAsync(Conversation c, int stream, string request)
    {
        Http2Deed deed;
        lock (_taken)
        {
            deed = _deeds[Math.Min(_requests, _deeds.Length) - 1];
            if (deed is not (Http2Deed.Refuse or Http2Deed.LeaveBefore)) _taken.Add(request);
        }

        switch (deed)
        {
            case Http2Deed.Refuse:
                await SendAsync(c, ResetStream, 0, stream, Number(RefusedStream));
                return true;
            case Http2Deed.LeaveBefore:
                await SendAsync(c, GoAway, 0, 0, [.. Number(Math.Max(0, stream - 2)), .. Number(0)]);
                await CloseAsync(c);
                return false;
            case Http2Deed.ResetAfter:
                await SendAsync(c, ResetStream, 0, stream, Number(InternalError));
                return true;
            case Http2Deed.LeaveAfter:
                await SendAsync(c, GoAway, 0, 0, [.. Number(stream), .. Number(0)]);
                await CloseAsync(c);
                return false;
            default:
                await SendAsync(c, Headers, EndHeaders, stream, [0x88]);
                await SendAsync(c, Data, EndStream, stream, Encoding.ASCII.GetBytes(request));
                return true;
        }
    }

    private Http2Deed Next()
    {
        lock (_taken) return _deeds[Math.Min(_requests++, _deeds.Length - 1)];
    }

    /// <summary>With a FIN: to close over unread bytes would be a reset, which may overtake what was said before.</summary>
    private static async Task CloseAsync(Conversation c)
    {
        c.Socket.Shutdown(SocketShutdown.Send);
        while (await ReadAsync(c, 1) is not null)
        {
        }
    }

    private static async Task<byte[]?> ReadAsync(Conversation c, int count)
    {
        var bytes = new byte[count];
        for (var at = 0; at < count;)
        {
            var read = await c.Socket.ReceiveAsync(bytes.AsMemory(at), SocketFlags.None, c.Stop);
            if (read == 0) return null;
            at += read;
        }

        return bytes;
    }

    private static async Task SendAsync(Conversation c, byte type, byte flags, int stream, byte[] payload) => await c.Socket.SendAsync(
        (byte[])[(byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, type, flags, .. Number(stream), .. payload], SocketFlags.None, c.Stop);

    private static byte[] Number(int value) => BitConverter.GetBytes(IPAddress.HostToNetworkOrder(value));
}
