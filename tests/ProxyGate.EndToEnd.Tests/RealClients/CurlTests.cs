using System.Globalization;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

public sealed class CurlTests : IAsyncLifetime
{
    private EchoApp _app = null!;
    private TlsGateway _gateway = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        Programs.Require("curl");
        _app = await EchoApp.StartAsync();
        _gateway = await TlsGateway.StartAsync(_app.Http1);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        if (_app is not null) await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("--http1.1", false, "1.1")]
    [InlineData("--http1.0", false, "1.1")]
    [InlineData("--http2-prior-knowledge", false, "2")]
    [InlineData("--http1.1", true, "1.1")]
    [InlineData("--http2", true, "2")]
    public async Task Curl_gets_a_page_in_every_protocol(string protocol, bool tls, string spoken)
    {
        var url = tls ? _gateway.Secure : _gateway.Plain;
        Assert.Equal($"hello {spoken}", await CurlAsync(protocol, "-w", " %{http_version}", $"{url}"));
        Assert.Equal("", await CurlAsync(protocol, "--head", "-o", "/dev/null", $"{url}"));
        await NothingFailedAsync();
    }

    [Theory]
    [InlineData("--http1.1", false)]
    [InlineData("--http2-prior-knowledge", false)]
    [InlineData("--http2", true)]
    public async Task Curl_uploads_with_and_without_a_length(string protocol, bool tls)
    {
        var url = new Uri(tls ? _gateway.Secure : _gateway.Plain, "/count");
        var file = Path.Combine(_gateway.Folder, "upload.bin");
        await File.WriteAllBytesAsync(file, new byte[20 << 20], Stop);
        var expected = (20 << 20).ToString(CultureInfo.InvariantCulture);
        Assert.Equal(expected, await CurlAsync(protocol, "-T", file, $"{url}"));
        Assert.Equal(expected, await CurlAsync(protocol, "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-T", file, $"{url}"));
        Assert.Equal("11", await CurlWithInputAsync("hello world", protocol, "-T", "-", $"{url}"));
        Assert.Equal("0", await CurlAsync(protocol, "-X", "POST", "-d", "", $"{url}"));
        await NothingFailedAsync();
    }

    [Fact]
    public async Task An_upload_that_waits_for_100_continue_is_told_to_go_on()
    {
        var said = await CurlErrorAsync("--http1.1", "-v", "-H", "Expect: 100-continue", "--expect100-timeout", "30", "-d", "body", "-o", "/dev/null", $"{new Uri(_gateway.Plain, "/count")}");
        Assert.Contains("100 Continue", said, StringComparison.Ordinal);
        Assert.Contains("200 OK", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ranges_arrive()
    {
        Assert.Equal("206 100", await CurlAsync("-r", "100-199", "-o", "/dev/null", "-w", "%{response_code} %{size_download}", $"{new Uri(_gateway.Plain, "/file")}"));
        Assert.Equal("416", await CurlAsync("-r", "5000-", "-o", "/dev/null", "-w", "%{response_code}", $"{new Uri(_gateway.Plain, "/file")}"));
        await NothingFailedAsync();
    }

    private async Task NothingFailedAsync() => Assert.Empty(await _gateway.Process.LinesAsync(Stop));

    private Task<string> CurlAsync(params string[] arguments) => CurlWithInputAsync(null, arguments);

    private async Task<string> CurlWithInputAsync(string? input, params string[] arguments)
    {
        var (code, output, error) = await RunAsync(input, arguments);
        Assert.True(code == 0, $"curl {string.Join(' ', arguments)} gave {code}: {error}");
        return output;
    }

    /// <summary>What curl says on its screen beside the page.</summary>
    private async Task<string> CurlErrorAsync(params string[] arguments)
    {
        var (code, _, error) = await RunAsync(null, arguments);
        Assert.True(code == 0, $"curl {string.Join(' ', arguments)} gave {code}: {error}");
        return error;
    }

    private Task<(int Code, string Output, string Error)> RunAsync(string? input, string[] arguments) => Programs.RunAsync(
        Programs.Require("curl"), ["-sS", "--fail-early", "--max-time", "40", "--cacert", _gateway.RootFile, .. arguments], _gateway.Folder, input);
}
