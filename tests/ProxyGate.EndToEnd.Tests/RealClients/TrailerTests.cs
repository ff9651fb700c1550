using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>Trailers of an HTTP/1.1 app, as clients see them over HTTP/2.</summary>
public sealed class TrailerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("curl")]
    [InlineData("nghttp")]
    public async Task Trailers_of_the_app_arrive(string program)
    {
        var client = Programs.Require(program);
        var node = Programs.Require("node");
        var port = Ports.Free();
        var script = _folder.Write("app.cjs", $$"""
            require('http').createServer((q, r) => {
              r.writeHead(200, { 'Trailer': 'X-Checksum' });
              r.write('with a trailer');
              r.addTrailers({ 'X-Checksum': 'abc123' });
              r.end();
            }).listen({{port}}, '127.0.0.1');
            """);
        await using var app = await ServerProcess.StartAsync(node, [script], _folder.Path, port);
        await using var gateway = await TlsGateway.StartAsync($"http://127.0.0.1:{port}");
        var arguments = program == "curl"
            ? (string[])["-sS", "-v", "--http2", "--cacert", gateway.RootFile, $"{gateway.Secure}"]
            : ["-v", "--no-verify-peer", $"{gateway.Secure}"];
        var (code, output, error) = await Programs.RunAsync(client, arguments, _folder.Path);
        Assert.True(code == 0, output + error);
        Assert.Contains("with a trailer", output, StringComparison.Ordinal);
        Assert.Contains("x-checksum: abc123", output + error, StringComparison.OrdinalIgnoreCase);

        // Over HTTP/1.1 the page is whole, too.
        using var plain = new HttpClient { BaseAddress = gateway.Plain };
        Assert.Equal("with a trailer", Encoding.UTF8.GetString(await plain.GetByteArrayAsync("/", Stop)));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }
}
