using System.Collections.Concurrent;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>
/// The same traffic through our gateway, forwarding in either way, and through bare YARP with its own client: what clients get and what the app gets
/// must be the same, except where <see cref="Deliberate"/> says why not. <c>tests/load/differential.sh</c> runs it for as long as is wanted.
/// </summary>
public sealed class DifferentialTests : IAsyncLifetime
{
    /// <summary>Moments differ too, such as a connection that is closed just when it is used: what differs every time is a difference.</summary>
    private const int Times = 3;

    private const int MostReports = 8;
    private static readonly ParallelOptions SideBySide = new() { MaxDegreeOfParallelism = 3 };

    private readonly ScriptedApp _app = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("proxygate-differential-").FullName;
    private readonly Http2Client _http2 = new();
    private GatewayUnderTest[] _ours = [];
    private GatewayUnderTest _bare = null!;

    public async ValueTask InitializeAsync()
    {
        _ours = [await GatewayUnderTest.StartOwnAsync("Direct", _app.Address, _folder), await GatewayUnderTest.StartOwnAsync("Yarp", _app.Address, _folder)];
        _bare = await GatewayUnderTest.StartBareAsync(_app.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _http2.Dispose();
        await _bare.DisposeAsync();
        foreach (var gateway in _ours) await gateway.DisposeAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Random_traffic_over_http1_comes_through_the_same() => await RunAsync(http2: false, FuzzBudget.Seeds(150, 0).Select(ExchangeSource.Make));

    [Fact]
    public async Task Random_traffic_over_http2_comes_through_the_same() => await RunAsync(http2: true, FuzzBudget.Seeds(100, 0).Select(ExchangeSource.Make).Where(Http2Client.Can));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_real_servers_answered_comes_through_the_same(bool http2)
    {
        var recorded = Transcripts.Read().ToList();
        Assert.True(recorded.Count > 50, "The transcripts are missing.");
        await RunAsync(http2, recorded.Where(e => !http2 || Http2Client.Can(e)));
    }

    private async Task RunAsync(bool http2, IEnumerable<Exchange> exchanges)
    {
        var wrong = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(exchanges.TakeWhile(_ => wrong.Count < MostReports), SideBySide, async (exchange, _) =>
        {
            var differences = await CompareAsync(exchange, http2);
            for (var again = 1; again < Times && differences.Count > 0; again++)
            {
                var before = differences;
                differences = [.. (await CompareAsync(exchange, http2)).Where(d => before.Exists(b => b.Gateway == d.Gateway))];
            }

            foreach (var (gateway, what) in differences) wrong.Enqueue($"{FuzzBudget.Named(exchange.Name)}, {gateway}{(http2 ? " over HTTP/2" : "")}: {what}\n{exchange}");
        });
        Assert.True(_app.Strange.IsEmpty, string.Join('\n', _app.Strange.Take(MostReports)));
        Assert.True(wrong.IsEmpty, string.Join("\n\n", wrong.Take(MostReports)));
    }

    private async Task<List<(string Gateway, string What)>> CompareAsync(Exchange exchange, bool http2)
    {
        _app.Add(exchange);
        var handled = await Task.WhenAll(_ours.Append(_bare).Select(g => HandleAsync(g, exchange, http2)));
        _app.Forget(exchange);
        var bare = handled[^1];
        return [.. handled[..^1].Select(ours => (ours.Gateway, What: Comparison.Differs(exchange, ours, bare, http2) is { } what ? $"{what}\n  ours {ours.Client}\n  bare {bare.Client}" : null)).Where(d => d.What is not null).Select(d => (d.Gateway, d.What!))];
    }

    private async Task<Handled> HandleAsync(GatewayUnderTest gateway, Exchange exchange, bool http2)
    {
        var view = http2 ? await _http2.AskAsync(gateway, exchange) : await RawClient.AskAsync(gateway, exchange);
        return new Handled(gateway.Name, view, _app.Take(exchange, gateway.Name));
    }
}
