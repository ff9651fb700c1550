using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealServers;

/// <summary>Node as the app: its keep-alive that ends early, its TLS port spoken to in http, its crash in the middle of a request.</summary>
public sealed class NodeTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;

    public NodeTests() => _authority = new TestAuthority(_folder);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_keep_alive_shorter_than_ours_costs_no_request()
    {
        await using var node = await StartAsync("""
            const server = http.createServer((q, r) => { q.resume(); q.on('end', () => r.end('hello')); });
            server.keepAliveTimeout = 1100;
            server.listen(port, '127.0.0.1');
            """);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{node.Port}");
        // Around the second after which Node closes: the gateway must know of it from "Keep-Alive: timeout=1" and not gamble.
        foreach (var pause in (int[])[0, 1050, 0, 1090, 1100, 1105, 0, 1110, 1120, 1200])
        {
            var calls = Enumerable.Range(0, 8).Select(async _ =>
            {
                using var upload = new StringContent("body");
                using var answer = await gateway.Client.PostAsync(new Uri("/", UriKind.Relative), upload, Stop);
                return await answer.Content.ReadAsStringAsync(Stop);
            });
            Assert.All(await Task.WhenAll(calls), body => Assert.Equal("hello", body));
            // The pause is what is tested, not a wait for something to happen.
            await Task.Delay(pause, Stop);
        }

        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task Its_https_server_is_spoken_to_in_https()
    {
        await using var node = await HttpsAsync();
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{node.Port}", GatewayInFront.Trusting(_authority.RootFile));
        for (var i = 0; i < 50; i++) Assert.Equal("hello", await gateway.Client.GetStringAsync("/", Stop));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task Plain_http_to_its_https_port_ends_without_an_answer()
    {
        await using var node = await HttpsAsync();
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{node.Port}");
        // Node says nothing: it closes. Only a TLS server's own words would prove more.
        var failure = await gateway.FailsWithAsync(Stop, "upstream_closed_without_response", "upstream_reset_without_response", "plain_http_to_tls_port");
        Assert.Contains(GatewayInFront.FirstBytesAre(failure), (string?[])[null, "none", "tls_alert"]);
    }

    [Fact]
    public async Task Tls_to_its_plain_port_is_named()
    {
        await using var node = await StartAsync("http.createServer((q, r) => r.end('hello')).listen(port, '127.0.0.1');");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://127.0.0.1:{node.Port}");
        await gateway.FailsWithAsync(Stop, "tls_to_plain_http_port");
    }

    [Fact]
    public async Task A_crash_in_the_handler_is_seen_as_the_end_it_was_and_then_as_refused()
    {
        await using var node = await StartAsync("http.createServer(() => process.exit(1)).listen(port, '127.0.0.1');");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{node.Port}");
        var failure = await gateway.FailsWithAsync(Stop, "upstream_closed_without_response", "upstream_reset_without_response");
        Assert.Equal("upstream_process", (string?)failure["party"]);
        await gateway.FailsWithAsync(Stop, "connect_refused");
    }

    [Fact]
    public async Task A_crash_in_the_middle_of_an_answer_cuts_it_for_the_client_too()
    {
        await using var node = await StartAsync("""
            http.createServer((q, r) => { r.write('x'.repeat(100000), () => setTimeout(() => process.exit(1), 50)); }).listen(port, '127.0.0.1');
            """);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{node.Port}");
        await Assert.ThrowsAsync<HttpRequestException>(() => gateway.Client.GetStringAsync("/cut", Stop));
        var failure = await gateway.EventOfPathAsync("/cut", Stop);
        Assert.Contains((string?)failure["cause"], (string[])["response_body_truncated", "response_body_reset"]);
        Assert.Equal(200, (int?)failure["status"]);
    }

    private Task<ServerProcess> HttpsAsync()
    {
        var (certificate, key) = _authority.Make("localhost");
        return StartAsync($$"""
            https.createServer({ key: fs.readFileSync('{{key}}'), cert: fs.readFileSync('{{certificate}}') }, (q, r) => r.end('hello')).listen(port, '127.0.0.1');
            """);
    }

    private Task<ServerProcess> StartAsync(string script)
    {
        var node = Programs.Require("node");
        var port = Ports.Free();
        var file = _folder.Write("app.cjs", $"const http = require('http'), https = require('https'), fs = require('fs'), port = {port};\n{script}\n");
        return ServerProcess.StartAsync(node, [file], _folder.Path, port);
    }
}
