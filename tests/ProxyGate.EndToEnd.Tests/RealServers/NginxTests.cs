using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealServers;

/// <summary>nginx as the app: in its right role, and reached in every wrong way people reach it.</summary>
public sealed class NginxTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;

    public NginxTests() => _authority = new TestAuthority(_folder);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Pages_of_every_framing_come_through_on_kept_connections()
    {
        var page = string.Concat(Enumerable.Range(0, 4000).Select(i => $"line {i} of the page\n"));
        _folder.Write("www/page.txt", page);
        _folder.Write("www/small.txt", "small\n");
        await using var nginx = await StartAsync("gzip on; gzip_types text/plain; gzip_min_length 100;");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{nginx.Port}");
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal("small\n", await gateway.Client.GetStringAsync("/small.txt", Stop));
            Assert.Equal(page, await gateway.Client.GetStringAsync("/page.txt", Stop));
            using var zipped = new HttpRequestMessage(HttpMethod.Get, "/page.txt");
            zipped.Headers.AcceptEncoding.ParseAdd("gzip");
            using var answer = await gateway.Client.SendAsync(zipped, Stop);
            Assert.Equal("gzip", Assert.Single(answer.Content.Headers.ContentEncoding));
            await using var unzipped = new System.IO.Compression.GZipStream(await answer.Content.ReadAsStreamAsync(Stop), System.IO.Compression.CompressionMode.Decompress);
            using var reader = new StreamReader(unzipped);
            Assert.Equal(page, await reader.ReadToEndAsync(Stop));
            using var head = new HttpRequestMessage(HttpMethod.Head, "/page.txt");
            using var headAnswer = await gateway.Client.SendAsync(head, Stop);
            Assert.Equal(page.Length, headAnswer.Content.Headers.ContentLength);
            using var missing = await gateway.Client.GetAsync("/missing", Stop);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }

        Assert.Empty(await gateway.Process.LinesAsync(Stop));
        // 100 requests on a few connections: nginx writes each request's number on its connection.
        var log = await File.ReadAllLinesAsync(_folder.PathOf("access.log"), Stop);
        Assert.Contains(log, line => int.Parse(line, System.Globalization.CultureInfo.InvariantCulture) > 50);
    }

    [Fact]
    public async Task Its_own_502_is_told_apart_from_ours()
    {
        await using var nginx = await StartAsync("", $"location / {{ proxy_pass http://127.0.0.1:{Ports.Free()}; }}");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{nginx.Port}");
        var (failure, status, body) = await gateway.FailAsync(Stop);
        Assert.Equal(502, status);
        Assert.Equal("upstream_is_a_gateway", (string?)failure["cause"]);
        Assert.Contains("nginx", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_http_to_its_tls_port_is_named()
    {
        var (certificate, key) = _authority.Make("localhost");
        await using var nginx = await StartAsync($"ssl_certificate {certificate}; ssl_certificate_key {key};", listen: "ssl");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{nginx.Port}");
        await gateway.FailsWithAsync(Stop, "plain_http_to_tls_port");
    }

    [Fact]
    public async Task Tls_to_its_plain_port_is_named()
    {
        await using var nginx = await StartAsync("");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://127.0.0.1:{nginx.Port}");
        var failure = await gateway.FailsWithAsync(Stop, "tls_to_plain_http_port");
        Assert.Equal("http1_response", GatewayInFront.FirstBytesAre(failure));
    }

    [Fact]
    public async Task A_certificate_it_demands_of_us_is_named()
    {
        var (certificate, key) = _authority.Make("localhost");
        await using var nginx = await StartAsync(
            $"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_client_certificate {_authority.RootFile}; ssl_verify_client on;", listen: "ssl");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{nginx.Port}", GatewayInFront.Trusting(_authority.RootFile));
        await gateway.FailsWithAsync(Stop, "tls_client_cert_required");
    }

    [Fact]
    public async Task A_certificate_it_demands_and_gets_opens_the_door()
    {
        var (certificate, key) = _authority.Make("localhost");
        var (ours, oursKey) = _authority.Make("gateway.test");
        _folder.Write("www/small.txt", "small\n");
        await using var nginx = await StartAsync(
            $"ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_client_certificate {_authority.RootFile}; ssl_verify_client on;", listen: "ssl");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{nginx.Port}", config =>
        {
            GatewayInFront.Trusting(_authority.RootFile)(config);
            config["ProxyGate"]!["UpstreamTls"]!["ClientCertificate"] = new JsonObject { ["Certificate"] = ours, ["Key"] = oursKey };
        });
        Assert.Equal("small\n", await gateway.Client.GetStringAsync("/small.txt", Stop));
    }

    [Fact]
    public async Task An_unknown_root_is_named()
    {
        var (certificate, key) = _authority.Make("localhost");
        await using var nginx = await StartAsync($"ssl_certificate {certificate}; ssl_certificate_key {key};", listen: "ssl");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{nginx.Port}");
        await gateway.FailsWithAsync(Stop, "tls_cert_untrusted");
    }

    [Fact]
    public async Task Http2_over_tls_carries_pages_and_errors()
    {
        var (certificate, key) = _authority.Make("localhost");
        _folder.Write("www/small.txt", "small\n");
        await using var nginx = await StartAsync($"ssl_certificate {certificate}; ssl_certificate_key {key};", listen: "ssl http2");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{nginx.Port}", config =>
        {
            GatewayInFront.Trusting(_authority.RootFile)(config);
            GatewayInFront.Http2(config);
        });
        var pages = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => gateway.Client.GetStringAsync("/small.txt", Stop)));
        Assert.All(pages, page => Assert.Equal("small\n", page));
        using var missing = await gateway.Client.GetAsync("/missing", Stop);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task Http2_by_prior_knowledge_to_its_http1_port_is_named()
    {
        await using var nginx = await StartAsync("");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{nginx.Port}", GatewayInFront.Http2);
        await gateway.FailsWithAsync(Stop, "http_version_mismatch");
    }

    [Fact]
    public async Task Its_early_413_reaches_a_client_in_the_middle_of_its_upload()
    {
        await using var nginx = await StartAsync("client_max_body_size 1m;", $"location / {{ proxy_pass http://127.0.0.1:{Ports.Free()}; }}");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{nginx.Port}");
        for (var i = 0; i < 10; i++)
        {
            using HttpContent upload = i % 2 == 0 ? new ByteArrayContent(new byte[32 << 20]) : new StreamContent(new ZeroStream(32 << 20));
            using var answer = await gateway.Client.PostAsync(new Uri($"/upload/{i}", UriKind.Relative), upload, Stop);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
            Assert.Contains("nginx", await answer.Content.ReadAsStringAsync(Stop), StringComparison.Ordinal);
        }

        // nginx reads on for a while after it has refused; only where it was not done with that is there something to tell.
        foreach (var line in await gateway.Process.LinesAsync(Stop)) Assert.True("upload_rejected_early" == (string?)JsonNode.Parse(line)!["cause"], line);
    }

    private Task<ServerProcess> StartAsync(string directives, string? location = null, string listen = "")
    {
        var nginx = Programs.Require("nginx");
        Directory.CreateDirectory(_folder.PathOf("www"));
        var port = Ports.Free();
        var file = _folder.Write("nginx.conf", $$"""
            daemon off;
            worker_processes 1;
            {{(Environment.UserName == "root" ? "user root;" : "")}}
            pid {{_folder.PathOf("nginx.pid")}};
            error_log {{_folder.PathOf("error.log")}};
            events { worker_connections 1024; }
            http {
              log_format numbers '$connection_requests';
              access_log {{_folder.PathOf("access.log")}} numbers;
              client_body_temp_path {{_folder.PathOf("body")}};
              proxy_temp_path {{_folder.PathOf("proxy")}};
              fastcgi_temp_path {{_folder.PathOf("fastcgi")}};
              uwsgi_temp_path {{_folder.PathOf("uwsgi")}};
              scgi_temp_path {{_folder.PathOf("scgi")}};
              server {
                listen 127.0.0.1:{{port}} {{listen}};
                root {{_folder.PathOf("www")}};
                {{directives}}
                {{location}}
              }
            }
            """);
        return ServerProcess.StartAsync(nginx, ["-e", _folder.PathOf("error.log"), "-c", file], _folder.Path, port);
    }
}
