using System.Net;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>nghttp2's clients: many streams at once, none lost.</summary>
public sealed class Http2LoadTests : IAsyncLifetime
{
    private EchoApp _app = null!;
    private TlsGateway _gateway = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await EchoApp.StartAsync();
        _gateway = await TlsGateway.StartAsync(_app.Http1);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_thousand_requests_in_many_streams_all_succeed(bool tls)
    {
        var url = tls ? _gateway.Secure : _gateway.Plain;
        var arguments = (string[])["-n", "2000", "-c", "4", "-m", "50", .. tls ? (string[])[] : ["-p", "h2c"], $"{url}"];
        var (code, output, error) = await Programs.RunAsync(Programs.Require("h2load"), arguments, _gateway.Folder);
        Assert.True(code == 0, output + error);
        Assert.Contains("2000 succeeded, 0 failed, 0 errored, 0 timeout", output, StringComparison.Ordinal);
        Assert.Contains("2000 2xx", output, StringComparison.Ordinal);
        Assert.Contains(tls ? "Application protocol: h2" : "Application protocol: h2c", output, StringComparison.Ordinal);
        Assert.Empty(await _gateway.Process.LinesAsync(Stop));
    }

    /// <summary>Answers of all sizes share a connection, while clients give some of them up.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Each_stream_gets_its_own_bytes_whatever_becomes_of_the_others(bool tls)
    {
        const int Requests = 4000;
        using var client = new HttpClient(_gateway.Handler())
        {
            BaseAddress = tls ? _gateway.Secure : _gateway.Plain,
            DefaultRequestVersion = HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = TimeSpan.FromSeconds(60),
        };
        await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = 48, CancellationToken = Stop }, async (i, stop) =>
        {
            var length = (i % 7) switch { 0 => 0, 1 => 300_000, 2 => 20_000, _ => i % 500 };
            using var response = await client.GetAsync(new Uri($"/random/{i}/{length}", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, stop);
            Assert.Equal((HttpStatusCode.OK, HttpVersion.Version20), (response.StatusCode, response.Version));
            if (i % 14 == 1) return; // before it is read
            var got = await response.Content.ReadAsByteArrayAsync(stop);
            Assert.True(EchoApp.RandomBytes(i, length).AsSpan().SequenceEqual(got), $"Answer {i} of {length} bytes is another one.");
        });
        Assert.Empty(_gateway.Process.Troubles);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Uploads_in_many_streams_all_succeed(bool tls)
    {
        var file = Path.Combine(_gateway.Folder, "body.bin");
        await File.WriteAllBytesAsync(file, new byte[100_000], Stop);
        var (code, output, error) = await Programs.RunAsync(
            Programs.Require("h2load"), ["-n", "300", "-c", "3", "-m", "20", "-d", file, .. tls ? (string[])[] : ["-p", "h2c"], $"{new Uri(tls ? _gateway.Secure : _gateway.Plain, "/count")}"], _gateway.Folder);
        Assert.True(code == 0, output + error);
        Assert.Contains("300 succeeded, 0 failed, 0 errored, 0 timeout", output, StringComparison.Ordinal);
        Assert.Contains("300 2xx", output, StringComparison.Ordinal);
        Assert.Empty(await _gateway.Process.LinesAsync(Stop));
    }
}
