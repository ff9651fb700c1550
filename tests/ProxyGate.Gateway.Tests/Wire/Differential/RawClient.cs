using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>A client that speaks HTTP/1.1 byte by byte and takes nothing on trust.</summary>
internal static class RawClient
{
    /// <summary>Beyond every limit of the gateways: whoever waits so long hangs.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    public static async Task<ClientView> AskAsync(GatewayUnderTest gateway, Exchange exchange)
    {
        using var limit = new CancellationTokenSource(Longest);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(gateway.Http1, limit.Token);
        using var connection = new SocketEnd(socket, limit.Token);
        try
        {
            return await AskAsync(connection, gateway, exchange);
        }
        catch (OperationCanceledException)
        {
            return new ClientView { Came = Came.Malformed, Fault = $"nothing more came for {Longest.TotalSeconds} s" };
        }
    }

    private static async Task<ClientView> AskAsync(SocketEnd connection, GatewayUnderTest gateway, Exchange exchange)
    {
        var body = exchange.FramedBody().ToList();
        await connection.SendAsync([exchange.Head(gateway.Name)]);
        var now = exchange.Expects ? 0 : exchange.Play.Early ? body.Count / 2 : body.Count;
        await connection.SendAsync(body.Take(now));
        if (exchange.Expects) await ContinueAsync(connection);
        if (exchange.Play.Early && now < body.Count && ShowsItsEnd(exchange)) await AnswerAsync(connection, exchange.IsHead);
        var refused = exchange.Expects && StrictReader.ReadHead(connection.Received, request: false).Status >= 200;
        if (!refused) await connection.SendAsync(body.Skip(now));
        var answer = await AnswerAsync(connection, exchange.IsHead);
        var view = View(answer);
        if (view.Came != Came.Answer) return view;
        connection.Take(answer.Consumed);
        if (answer.Status == 101) return view with { Tunnel = await TunnelAsync(connection, exchange.Tunnel) };
        return exchange.Play.Early || refused ? view : view with { Kept = answer.Persists && await ServesAnotherAsync(connection) };
    }

    /// <summary>
    /// Whether an early answer can be known to be whole, or to fail, before the rest of the request is sent. An app that closes behind its answer waits for the
    /// request first, and so does the server with the close that ends what came in chunks for a client of HTTP/1.0: for that end nobody waits.
    /// </summary>
    private static bool ShowsItsEnd(Exchange exchange) => exchange.Strict is not ({ Verdict: Verdict.Cut } or { Framing: Framing.UntilClose }) && (exchange.Version == "HTTP/1.1" || exchange.Strict.Framing != Framing.Chunked);

    /// <summary>Waits for leave to send the body, or for the answer that makes it needless.</summary>
    private static async Task ContinueAsync(SocketEnd connection)
    {
        while (StrictReader.ReadHead(connection.Received, request: false).Verdict == Verdict.Cut && await connection.FillAsync())
        {
            // Not all there yet.
        }
    }

    private static async Task<StrictMessage> AnswerAsync(SocketEnd connection, bool toHead)
    {
        StrictMessage answer;
        while ((answer = StrictReader.ReadAnswer(connection.Received, toHead, closed: false)).Verdict == Verdict.Cut)
        {
            if (await connection.FillAsync()) continue;
            return connection.WasReset ? answer : StrictReader.ReadAnswer(connection.Received, toHead, closed: true);
        }

        return answer;
    }

    private static ClientView View(StrictMessage answer) => new()
    {
        Came = answer.Verdict switch
        {
            Verdict.Refused => Came.Malformed,
            Verdict.Cut => Came.Cut,
            _ => answer.Values(GatewayUnderTest.ErrorField).Any() || answer.Values("ProxyGate-Failure").Any() ? Came.GatewayError : Came.Answer,
        },
        Fault = answer.Fault,
        Status = answer.Status,
        Reason = answer.Reason,
        Fields = answer.Fields,
        Framing = answer.Framing,
        Body = answer.Body,
        Trailers = answer.Trailers,
    };

    private static async Task<byte[]> TunnelAsync(SocketEnd connection, byte[] bytes)
    {
        await connection.SendAsync([bytes]);
        while (await connection.FillAsync())
        {
            // To the app's close.
        }

        return connection.Received.ToArray();
    }

    /// <summary>A request that the gateway answers by itself, on the same connection.</summary>
    private static async Task<bool> ServesAnotherAsync(SocketEnd connection)
    {
        await connection.SendAsync([Bytes.Of($"OPTIONS {GatewayUnderTest.NoRoute} HTTP/1.1\r\nHost: other.example\r\n\r\n")]);
        var answer = await AnswerAsync(connection, toHead: false);
        return answer is { Verdict: Verdict.Whole, Status: 404 };
    }
}
