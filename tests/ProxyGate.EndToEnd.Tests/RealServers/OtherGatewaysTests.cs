using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealServers;

/// <summary>HAProxy and Apache httpd behind the gateway, in right and wrong roles.</summary>
public sealed class OtherGatewaysTests : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly TestAuthority _authority;

    public OtherGatewaysTests() => _authority = new TestAuthority(_folder);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Haproxy_with_no_server_left_is_a_gateway_that_answered()
    {
        await using var haproxy = await HaproxyAsync("", $"server dead 127.0.0.1:{Ports.Free()}");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{haproxy.Port}");
        var (failure, status, body) = await gateway.FailAsync(Stop);
        Assert.Equal(503, status);
        Assert.Contains("No server is available", body, StringComparison.Ordinal);
        // HAProxy's page names nobody: no Server, no Via. What is left to say is that the answer came from behind us.
        Assert.Contains((string?)failure["cause"], (string[])["upstream_is_a_gateway", "upstream_error_passed_through"]);
    }

    [Fact]
    public async Task Plain_http_to_haproxys_tls_port_ends_without_an_answer()
    {
        var (certificate, key) = _authority.Make("localhost");
        var both = _folder.Write("both.pem", await File.ReadAllTextAsync(certificate, Stop) + await File.ReadAllTextAsync(key, Stop));
        await using var haproxy = await HaproxyAsync($"ssl crt {both}", "http-request return status 200");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{haproxy.Port}");
        // It closes without a word, no alert: nothing seen proves that the port speaks TLS.
        await gateway.FailsWithAsync(Stop, "upstream_closed_without_response", "upstream_reset_without_response", "plain_http_to_tls_port");
    }

    [Fact]
    public async Task Tls_to_haproxys_plain_port_is_named()
    {
        await using var haproxy = await HaproxyAsync("", "http-request return status 200");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://127.0.0.1:{haproxy.Port}");
        await gateway.FailsWithAsync(Stop, "tls_to_plain_http_port");
    }

    [Fact]
    public async Task Pages_of_apache_come_through()
    {
        _folder.Write("www/small.txt", "small\n");
        await using var apache = await ApacheAsync("");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{apache.Port}");
        for (var i = 0; i < 150; i++) Assert.Equal("small\n", await gateway.Client.GetStringAsync("/small.txt", Stop));
        Assert.Empty(await gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task Plain_http_to_apaches_tls_port_is_named()
    {
        var (certificate, key) = _authority.Make("localhost");
        await using var apache = await ApacheAsync($"SSLEngine on\nSSLCertificateFile {certificate}\nSSLCertificateKeyFile {key}");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{apache.Port}");
        await gateway.FailsWithAsync(Stop, "plain_http_to_tls_port");
    }

    [Fact]
    public async Task Tls_to_apaches_plain_port_is_named()
    {
        await using var apache = await ApacheAsync("");
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"https://127.0.0.1:{apache.Port}");
        await gateway.FailsWithAsync(Stop, "tls_to_plain_http_port");
    }

    private Task<ServerProcess> HaproxyAsync(string bind, string rule)
    {
        var haproxy = Programs.Require("haproxy");
        var port = Ports.Free();
        var file = _folder.Write("haproxy.cfg", $"""
            global
              maxconn 200
            defaults
              mode http
              timeout connect 2s
              timeout client 20s
              timeout server 20s
            listen site
              bind 127.0.0.1:{port} {bind}
              {rule}

            """);
        return ServerProcess.StartAsync(haproxy, ["-db", "-f", file], _folder.Path, port);
    }

    private Task<ServerProcess> ApacheAsync(string directives)
    {
        var apache = Programs.Find("apache2") ?? Programs.Require("httpd");
        var modules = ((string[])["/usr/lib/apache2/modules", "/usr/lib64/httpd/modules", "/etc/httpd/modules"]).FirstOrDefault(Directory.Exists);
        Assert.SkipWhen(modules is null, "Apache's modules were not found.");
        Directory.CreateDirectory(_folder.PathOf("www"));
        var port = Ports.Free();
        var file = _folder.Write("apache.conf", $"""
            ServerRoot {_folder.Path}
            ServerName localhost
            PidFile {_folder.PathOf("apache.pid")}
            DefaultRuntimeDir {_folder.Path}
            LoadModule mpm_event_module {modules}/mod_mpm_event.so
            LoadModule authz_core_module {modules}/mod_authz_core.so
            LoadModule ssl_module {modules}/mod_ssl.so
            ErrorLog {_folder.PathOf("apache.log")}
            Listen 127.0.0.1:{port}
            DocumentRoot {_folder.PathOf("www")}
            <Directory {_folder.PathOf("www")}>
              Require all granted
            </Directory>
            {directives}

            """);
        return ServerProcess.StartAsync(apache, ["-D", "FOREGROUND", "-f", file], _folder.Path, port);
    }
}
