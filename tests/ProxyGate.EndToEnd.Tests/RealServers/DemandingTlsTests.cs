using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealServers;

/// <summary>Servers that speak one protocol only, or only to those with a certificate.</summary>
public sealed class DemandingTlsTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;

    public DemandingTlsTests() => _authority = new TestAuthority(_folder);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("-tls1_3")]
    [InlineData("-tls1_2")]
    public async Task Openssl_demanding_a_client_certificate_is_named(string version)
    {
        var openssl = Programs.Require("openssl");
        var (certificate, key) = _authority.Make("localhost");
        var port = Ports.Free();
        await using var server = await ServerProcess.StartAsync(
            openssl,
            ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-CAfile", _authority.RootFile, "-Verify", "1", version, "-www", "-verify_return_error"],
            _folder.Path,
            port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{port}", GatewayInFront.Trusting(_authority.RootFile));
        for (var i = 0; i < 5; i++) await gateway.FailsWithAsync(Stop, "tls_client_cert_required");
    }

    [Fact]
    public async Task Openssl_with_an_old_version_only_is_named()
    {
        var openssl = Programs.Require("openssl");
        var (certificate, key) = _authority.Make("localhost");
        var port = Ports.Free();
        await using var server = await ServerProcess.StartAsync(
            openssl, ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-www"], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://localhost:{port}", GatewayInFront.Trusting(_authority.RootFile));
        await gateway.FailsWithAsync(Stop, "tls_version_or_cipher_mismatch");
    }

    [Fact]
    public async Task Plain_http_to_openssl_is_named()
    {
        var openssl = Programs.Require("openssl");
        var (certificate, key) = _authority.Make("localhost");
        var port = Ports.Free();
        await using var server = await ServerProcess.StartAsync(
            openssl, ["s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-www"], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}");
        // s_server closes without an alert; others send one. What was seen is what is said.
        await gateway.FailsWithAsync(Stop, "plain_http_to_tls_port", "upstream_closed_without_response", "upstream_reset_without_response");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Kestrel_speaking_http2_only_is_named_when_spoken_to_in_http1(bool rightly)
    {
        await using var app = await KestrelAsync(HttpProtocols.Http2);
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Urls.First(), rightly ? GatewayInFront.Http2 : null);
        if (rightly)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => gateway.Client.GetStringAsync("/", Stop)));
            Assert.All(answers, answer => Assert.Equal("HTTP/2", answer));
        }
        else
        {
            await gateway.FailsWithAsync(Stop, "http_version_mismatch");
        }
    }

    [Fact]
    public async Task Kestrel_speaking_http1_only_is_named_when_spoken_to_in_http2()
    {
        await using var app = await KestrelAsync(HttpProtocols.Http1);
        await using var gateway = await GatewayInFront.StartAsync(_folder, app.Urls.First(), GatewayInFront.Http2);
        await gateway.FailsWithAsync(Stop, "http_version_mismatch");
    }

    private static async Task<WebApplication> KestrelAsync(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync(context.Request.Protocol));
        await app.StartAsync(Stop);
        return app;
    }
}
