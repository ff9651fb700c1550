using System.Net.Sockets;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>How one request of a <see cref="SteadyClient"/> went.</summary>
/// <param name="Path">Unlike that of any other request.</param>
/// <param name="Status">Absent when no head came.</param>
/// <param name="FailureId">The gateway's, where it made the answer.</param>
/// <param name="Fine">200, whole and byte for byte what the app makes of this request.</param>
/// <param name="Trouble">What broke, in words.</param>
/// <param name="Began">When it was sent, by <see cref="Environment.TickCount64"/>.</param>
/// <param name="Ended">When its answer had ended.</param>
internal sealed record SteadyResult(string Path, int? Status, string? FailureId, bool Fine, string? Trouble, long Began, long Ended)
{
    public override string ToString() => $"{Path}: {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "no answer"} {FailureId} {Trouble}";
}

/// <summary>
/// A visitor of an <see cref="EchoApp"/> behind the gateway: one request after the other, GET and POST in turn, on one kept-alive connection.
/// How many connections it took shows whether one was ever broken under it.
/// </summary>
internal sealed class SteadyClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly string _prefix;
    private int _connections;
    private int _sent;

    public SteadyClient(Uri gateway, string prefix)
    {
        _prefix = prefix;
        _http = new HttpClient(new SocketsHttpHandler
        {
            MaxConnectionsPerServer = 1,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            UseProxy = false,
            ConnectCallback = async (context, cancellationToken) =>
            {
                Interlocked.Increment(ref _connections);
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        })
        { BaseAddress = gateway, Timeout = TimeSpan.FromSeconds(20) };
    }

    public int Connections => _connections;

    public async Task<SteadyResult> SendAsync(CancellationToken cancellationToken)
    {
        var n = _sent++;
        var path = $"{_prefix}/{n}";
        var began = Environment.TickCount64;
        int? status = null;
        string? id = null;
        try
        {
            using var request = new HttpRequestMessage(n % 2 == 0 ? HttpMethod.Get : HttpMethod.Post, path);
            var expected = EchoApp.PageOf(path);
            if (n % 2 != 0)
            {
                expected = new byte[n * 389 % 20_000 + 1];
                Array.Fill(expected, (byte)('a' + n % 26));
                request.Content = new ByteArrayContent(expected);
            }

            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            status = (int)response.StatusCode;
            id = response.Headers.TryGetValues("ProxyGate-Failure", out var ids) ? ids.First() : null;
            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            var fine = status == 200 && body.AsSpan().SequenceEqual(expected);
            return new SteadyResult(path, status, id, fine, fine ? null : $"{body.Length} bytes, {expected.Length} expected", began, Environment.TickCount64);
        }
        catch (Exception e) when (e is HttpRequestException or IOException || (e is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return new SteadyResult(path, status, id, false, $"{e.Message} {e.InnerException?.Message}", began, Environment.TickCount64);
        }
    }

    public void Dispose() => _http.Dispose();
}
