using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;
using ProxyGate.Gateway.Forwarding.Dialing;
using ProxyGate.Gateway.Forwarding.Http1;

namespace ProxyGate.Gateway.Tests.Wire;

/// <summary>What the product made of an answer.</summary>
internal sealed record Outcome
{
    public required Verdict Verdict { get; init; }

    public bool HeadPassed { get; init; }

    public HeadDefect Defect { get; init; }

    public int Status { get; init; }

    public string Reason { get; init; } = "";

    public IReadOnlyList<StrictField> Fields { get; init; } = [];

    public byte[] Body { get; init; } = [];

    public IReadOnlyList<StrictField> Trailers { get; init; } = [];

    /// <summary>Whether the connection served another request afterwards, and served it right.</summary>
    public bool Reused { get; init; }

    /// <summary>Everything, for comparing two outcomes and for reports.</summary>
    public override string ToString() =>
        $"{Verdict}{(HeadPassed ? $" {Status} '{Reason}'" : "")}{(Defect == HeadDefect.None ? "" : $" {Defect}")} [{string.Join(" | ", Fields.Select(f => $"{f.Name.ToLowerInvariant()}={f.Value}").Order(StringComparer.Ordinal))}]"
        + $" body {Body.Length} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Body))[..8]} [{string.Join(" | ", Trailers.Select(f => $"{f.Name}={f.Value}"))}]{(Reused ? " reused" : "")}";
}

/// <summary>Something that must never happen, whatever an upstream sends.</summary>
internal sealed class BrokenPromiseException(string message) : Exception(message);

/// <summary>One connection of the product's HTTP/1.1 client over a real socket, with the test at the other end of it.</summary>
internal sealed class Lane : IDisposable
{
    private const int HeadLimit = 64 * 1024;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private static readonly FakeTimeProvider StoppedClock = new();
    private static readonly TcpListener Listener = Listen();
    private static readonly SemaphoreSlim Opening = new(1);
    private readonly Socket _app;
    private readonly UpstreamTransport _transport;
    private readonly Http1Pool _pool;
    private readonly Http1Connection _connection;

    private Lane(Socket app, Socket product)
    {
        _app = app;
        _transport = new UpstreamTransport(new SocketStream(product), null, new DialResult { Socket = product, Address = product.RemoteEndPoint!.ToString() }, null);
        _pool = new Http1Pool(new UpstreamTarget("127.0.0.1", ((IPEndPoint)product.RemoteEndPoint).Port, null, false), StoppedClock, null);
        _connection = _pool.Add(_transport);
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(512);
        return listener;
    }

    /// <summary>Bytes the product has read from its socket.</summary>
    public long Read => _transport.Raw.BytesIn;

    public static async Task<Lane> OpenAsync()
    {
        // One at a time, so that who connects and who accepts are the two ends of one.
        await Opening.WaitAsync();
        try
        {
            var product = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await product.ConnectAsync(Listener.LocalEndpoint);
            var app = await Listener.AcceptSocketAsync();
            app.NoDelay = true;
            return new Lane(app, product);
        }
        finally
        {
            Opening.Release();
        }
    }

    /// <summary>
    /// Asks once and answers with these pieces, each sent when the product has read the one before. The app closes only where a strict reader would wait
    /// for more: what is whole must be known as whole without that.
    /// </summary>
    public static async Task<Outcome> AskAsync(IReadOnlyList<byte[]> pieces, bool toHead)
    {
        byte[] answer = [.. pieces.SelectMany(p => p)];
        using var lane = await OpenAsync();
        return await lane.RunAsync(pieces, toHead, StrictReader.ReadAnswer(answer, toHead, closed: false), answer.Length);
    }

    private async Task<Outcome> RunAsync(IReadOnlyList<byte[]> pieces, bool toHead, StrictMessage strict, int length)
    {
        var asking = ReceiveAsync(toHead ? HttpMethod.Head : HttpMethod.Get);
        await SendAsync(pieces, asking);
        if (strict.Verdict == Verdict.Cut && !asking.IsCompleted) _app.Shutdown(SocketShutdown.Send);
        Outcome outcome;
        try
        {
            outcome = await asking.WaitAsync(Longest);
        }
        catch (TimeoutException)
        {
            throw new BrokenPromiseException("It waits for more than the answer has.");
        }

        if (outcome.Verdict != Verdict.Whole || strict.Verdict != Verdict.Whole) return outcome;
        if (strict.Consumed < length) await UntilAsync(() => _connection.IsDisposed || _connection.HasEnded(_connection.IdleFor), "What stands behind the answer was not seen");
        return outcome with { Reused = await NextAsync() };
    }

    private static async Task UntilAsync(Func<bool> done, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!done())
        {
            if (clock.Elapsed > Longest) throw new BrokenPromiseException(otherwise);
            await Task.Yield();
        }
    }

    private async Task SendAsync(IReadOnlyList<byte[]> pieces, Task<Outcome> asking)
    {
        var sent = 0L;
        foreach (var piece in pieces)
        {
            try
            {
                await _app.SendAsync(piece, SocketFlags.None);
            }
            catch (SocketException)
            {
                return; // it has seen enough and closed
            }

            sent += piece.Length;
            await UntilAsync(
                () => Read >= sent || _connection.IsDisposed || (asking.IsCompleted && _connection.HasEnded(_connection.IdleFor)), $"It stopped reading after {Read} of {sent} bytes.");
        }
    }

    /// <summary>Whether the connection, given back, serves another request; what lay behind the answer must not be taken for its answer.</summary>
    private async Task<bool> NextAsync()
    {
        if (_pool.TryRent(TimeSpan.FromMinutes(1), repeatable: true) is not { } again) return false;
        var asking = ReceiveAsync(HttpMethod.Get, again);
        await SendAsync([Bytes.Of("HTTP/1.1 203 Next\r\nContent-Length: 4\r\n\r\nnext")], asking);
        var next = await asking.WaitAsync(Longest);
        if (next is not { Verdict: Verdict.Whole, Status: 203 } || !next.Body.AsSpan().SequenceEqual("next"u8)) throw new BrokenPromiseException($"The next request on the connection got {next}");
        return true;
    }

    private async Task<Outcome> ReceiveAsync(HttpMethod method, Http1Connection? on = null)
    {
        var record = new RequestRecord(new DefaultHttpContext(), StoppedClock);
        var attempt = record.Begin("app", "http://127.0.0.1", new TimeoutSettings(), HeadLimit);
        using var request = new HttpRequestMessage(method, "http://127.0.0.1/");
        HttpResponseMessage response;
        try
        {
            response = await (on ?? _connection).SendAsync(request, attempt, CancellationToken.None);
        }
        catch (UpstreamException)
        {
            return new Outcome { Verdict = Named(attempt), Defect = attempt.HeadDefect };
        }

        using (response)
        {
            var outcome = new Outcome
            {
                Verdict = Verdict.Whole,
                HeadPassed = true,
                Status = (int)response.StatusCode,
                Reason = response.ReasonPhrase ?? "",
                Fields = [.. Listed(response.Headers), .. Listed(response.Content.Headers)],
            };
            using var body = new MemoryStream();
            try
            {
                await using var stream = await response.Content.ReadAsStreamAsync();
                var buffer = new byte[4096];
                for (int read; (read = await stream.ReadAsync(buffer)) > 0;) body.Write(buffer, 0, read);
            }
            catch (UpstreamBodyException)
            {
                return outcome with { Verdict = Named(attempt), Body = body.ToArray() };
            }

            if (attempt.End != AttemptEnd.Answered) throw new BrokenPromiseException($"The answer looks whole and the attempt ended as {attempt.End}.");
            return outcome with { Body = body.ToArray(), Trailers = [.. Listed(response.TrailingHeaders)] };
        }
    }

    private static IEnumerable<StrictField> Listed(HttpHeaders headers) => headers.NonValidated.SelectMany(f => f.Value.Select(v => new StrictField(f.Key, v)));

    /// <summary>Every failure has its name.</summary>
    private static Verdict Named(Attempt attempt) => attempt.End switch
    {
        AttemptEnd.HeadRefused when attempt.HeadDefect != HeadDefect.None => Verdict.Refused,
        AttemptEnd.ChunkInvalid => Verdict.Refused,
        AttemptEnd.PeerClosed or AttemptEnd.PeerReset => Verdict.Cut,
        _ => throw new BrokenPromiseException($"The attempt ended as {attempt.End} {attempt.Message}"),
    };

    public void Dispose()
    {
        _connection.Dispose();
        _pool.Dispose();
        _app.Dispose();
    }
}
