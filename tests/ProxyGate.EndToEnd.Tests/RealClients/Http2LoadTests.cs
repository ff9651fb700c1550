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

    [Fact]
    public async Task Uploads_in_many_streams_all_succeed()
    {
        var file = Path.Combine(_gateway.Folder, "body.bin");
        await File.WriteAllBytesAsync(file, new byte[100_000], Stop);
        var (code, output, error) = await Programs.RunAsync(
            Programs.Require("h2load"), ["-n", "300", "-c", "3", "-m", "20", "-d", file, "-p", "h2c", $"{new Uri(_gateway.Plain, "/count")}"], _gateway.Folder);
        Assert.True(code == 0, output + error);
        Assert.Contains("300 succeeded, 0 failed, 0 errored, 0 timeout", output, StringComparison.Ordinal);
        Assert.Contains("300 2xx", output, StringComparison.Ordinal);
        Assert.Empty(await _gateway.Process.LinesAsync(Stop));
    }
}
