using System.Globalization;
using System.Net;
using System.Text;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Investigation.Tests.Probing.Services;

/// <summary>What speaks there: real servers, each asked as if it were the destination of a failed request.</summary>
public sealed class RealServiceTests(ITestOutputHelper output)
{
    [Fact]
    public async Task OpenSSH_is_named()
    {
        await using var server = new RealServer();
        var sshd = RealServer.Require("sshd");
        var key = Path.Combine(server.Folder, "hostkey");
        await server.RunAsync(RealServer.Require("ssh-keygen"), "-q", "-t", "ed25519", "-N", "", "-f", key);
        if (Environment.IsPrivilegedProcess) Directory.CreateDirectory("/run/sshd");
        await server.StartAsync(sshd, "-D", "-e", "-f", server.Write("sshd_config", "ListenAddress 127.0.0.1\nUsePAM no\nPidFile none\n"), "-h", key, "-p", $"{server.Port}");
        var service = await LookAsync(server.Address);
        Assert.Equal("OpenSSH", service.Name);
        Assert.StartsWith("SSH-2.0-", Encoding.ASCII.GetString(service.Banner.Span), StringComparison.Ordinal);
        Assert.Equal((false, false, false), (service.SpeaksTls, service.SpeaksHttp1, service.SpeaksH2c));
    }

    [Fact]
    public async Task Redis_is_named_and_not_alarmed()
    {
        await using var server = new RealServer();
        var log = Path.Combine(server.Folder, "redis.log");
        await server.StartAsync(RealServer.Require("redis-server"), "--port", $"{server.Port}", "--bind", "127.0.0.1", "--save", "", "--logfile", log);
        var service = await LookAsync(server.Address);
        Assert.Equal("Redis", service.Name);
        Assert.False(service.SpeaksHttp1);
        Assert.DoesNotContain("SECURITY ATTACK", await File.ReadAllTextAsync(log, TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostgreSQL_that_says_nothing_unasked_is_named()
    {
        await using var server = new RealServer();
        var (initdb, postgres) = (RealServer.Require("initdb"), RealServer.Require("postgres"));
        // It refuses to be run by root.
        string[] prefix = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"] : [];
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(server.Folder, (UnixFileMode)0b111_111_111);
        var data = Path.Combine(server.Folder, "data");
        await server.RunAsync([.. prefix, initdb, "-D", data, "-A", "trust", "--no-sync"]);
        await server.StartAsync([.. prefix, postgres, "-D", data, "-p", $"{server.Port}", "-h", "127.0.0.1", "-k", server.Folder]);
        Assert.Equal("PostgreSQL", (await LookAsync(server.Address)).Name);
    }

    [Fact]
    public async Task Nginx_with_tls_is_seen_to_speak_it_and_to_refuse_clear_text()
    {
        await using var server = new RealServer();
        var (certificate, key) = await CertificateAsync(server);
        await NginxAsync(server, $"listen 127.0.0.1:{server.Port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key};");
        var service = await LookAsync(server.Address);
        Assert.Equal((true, true, 400), (service.SpeaksTls, service.SpeaksHttp1, service.HttpStatus));
        Assert.Contains("app.test", service.Certificate!.Subject, StringComparison.Ordinal);
        Assert.Contains(CertificateProblem.SelfSigned, service.Tls!.Problems);
        Assert.Contains("http/1.1", service.Alpn);
    }

    [Fact]
    public async Task Nginx_speaks_plain_http_and_its_health_is_asked_without_following_anything()
    {
        await using var server = new RealServer();
        await NginxAsync(server, $"listen 127.0.0.1:{server.Port}; location /healthz {{ return 302 http://192.0.2.1/; }} access_log {server.Folder}/access.log;");
        var result = await ResultAsync(server.Address, "response_timeout", "http", "/healthz");
        var service = result.Service!;
        Assert.Equal((false, true, false, false, null), (service.SpeaksTls, service.SpeaksHttp1, service.SpeaksH2c, service.AsksForTls, service.Name));
        Assert.StartsWith("nginx", service.HttpServer, StringComparison.Ordinal);
        Assert.Equal((302, null), (result.Health!.Status, result.Health.Failure));
        var log = await File.ReadAllTextAsync(Path.Combine(server.Folder, "access.log"), TestContext.Current.CancellationToken);
        Assert.Contains("\"GET /healthz HTTP/1.1\" 302", log, StringComparison.Ordinal);
        Assert.Contains("ProxyGate-Investigation", log, StringComparison.Ordinal);
        // Nothing that could be an app's is asked for but the health path.
        Assert.All(log.Split('\n').Where(l => l.Contains("\"GET ", StringComparison.Ordinal)), l => Assert.Contains("/healthz", l, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_node_https_server_closes_on_plain_http_without_a_byte_and_is_found_to_speak_tls()
    {
        await using var server = new RealServer();
        var (certificate, key) = await CertificateAsync(server);
        var script = server.Write("app.js", $"require('https').createServer({{cert:require('fs').readFileSync('{certificate}'),key:require('fs').readFileSync('{key}')}},(q,s)=>s.end('app')).listen({server.Port},'127.0.0.1')");
        await server.StartAsync(RealServer.Require("node"), script);
        var service = await LookAsync(server.Address);
        Assert.Equal((true, false, true), (service.SpeaksTls, service.SpeaksHttp1, service.ClosedOnHttp));
        Assert.NotNull(service.Certificate);
    }

    [Fact]
    public async Task A_node_http_app_never_sees_the_question()
    {
        await using var server = new RealServer();
        var seen = Path.Combine(server.Folder, "seen");
        var script = server.Write("app.js", $"require('http').createServer((q,s)=>{{require('fs').appendFileSync('{seen}',q.method+' '+q.url+'\\n');s.end('app')}}).listen({server.Port},'127.0.0.1')");
        await server.StartAsync(RealServer.Require("node"), script);
        var service = await LookAsync(server.Address);
        Assert.Equal((false, true), (service.SpeaksTls, service.SpeaksHttp1));
        // Older ones let it through, as the request that means nothing.
        var asked = File.Exists(seen) ? await File.ReadAllTextAsync(seen, TestContext.Current.CancellationToken) : "";
        Assert.Empty(asked.Replace("OPTIONS *\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Openssl_takes_one_connection_at_a_time_and_is_found_to_speak_tls_all_the_same()
    {
        await using var server = new RealServer();
        var (certificate, key) = await CertificateAsync(server);
        await server.StartAsync(RealServer.Require("openssl"), "s_server", "-accept", $"127.0.0.1:{server.Port}", "-cert", certificate, "-key", key, "-www");
        var service = await LookAsync(server.Address);
        Assert.True(service.SpeaksTls);
        Assert.False(service.SpeaksHttp1);
    }

    [Fact]
    public async Task Haproxy_is_an_http_server()
    {
        await using var server = new RealServer();
        var config = server.Write("haproxy.cfg", $"defaults\n mode http\n timeout client 5s\n timeout connect 1s\n timeout server 5s\nfrontend f\n bind 127.0.0.1:{server.Port}\n http-request return status 200\n");
        await server.StartAsync(RealServer.Require("haproxy"), "-db", "-f", config);
        var service = await LookAsync(server.Address);
        Assert.Equal((false, true), (service.SpeaksTls, service.SpeaksHttp1));
    }

    [Fact]
    public async Task A_server_that_wants_a_client_certificate_is_seen_to_ask()
    {
        await using var server = new RealServer();
        var (certificate, key) = await CertificateAsync(server);
        await NginxAsync(server, $"listen 127.0.0.1:{server.Port} ssl; ssl_certificate {certificate}; ssl_certificate_key {key}; ssl_verify_client on; ssl_client_certificate {certificate};");
        Assert.True((await LookAsync(server.Address)).Tls!.ClientCertificateRequested);
    }

    [Fact]
    public async Task The_ladder_says_each_step_as_it_is_taken()
    {
        await using var server = new RealServer();
        var (certificate, key) = await CertificateAsync(server);
        await NginxAsync(server, $"listen 127.0.0.1:{server.Port} ssl http2; ssl_certificate {certificate}; ssl_certificate_key {key};");
        var steps = new List<LadderStep>();
        var question = Ask(server.Address, "", "https", "/up") with { ConfiguredUrl = $"https://localhost:{server.Port}", Address = null };
        var ladder = new ProbeLook().Ladder(question, new DnsMemory(), steps.Add);
        await ladder.ReachAsync(TestContext.Current.CancellationToken);
        foreach (var step in steps) output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Rung} {step.Subject}: {step.Result} in {step.DurationMs:0} ms: {string.Join("; ", step.Seen)}"));
        Assert.Equal((Rung.Name, "localhost"), (steps[0].Rung, steps[0].Subject));
        Assert.All(steps[1..], s => Assert.Equal(Rung.Tcp, s.Rung));
        Assert.Contains(steps, s => s is { Rung: Rung.Tcp, Result: StepResult.Passed });
        await ladder.SpeakAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["h2", "http/1.1"], ladder.Result().Service!.Alpn);
    }

    internal static Question Ask(IPEndPoint address, string cause, string scheme, string? health) => new()
    {
        Destination = "web/1",
        ConfiguredUrl = $"{scheme}://{address}",
        Address = address,
        Cause = cause,
        FailedAt = DateTimeOffset.UnixEpoch,
        HealthPath = health,
    };

    private async Task<ServiceFacts> LookAsync(IPEndPoint address) => (await ResultAsync(address, "upstream_closed_without_response", "http", null)).Service!;

    private async Task<ProbeResult> ResultAsync(IPEndPoint address, string cause, string scheme, string? health)
    {
        var result = await new ProbeLook().LookAsync(Ask(address, cause, scheme, health), new DnsMemory(), TestContext.Current.CancellationToken);
        var service = result.Service!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.DurationMs:0} ms: name={service.Name} banner={service.Banner.Length} tls={service.SpeaksTls} http1={service.SpeaksHttp1} ({service.HttpStatus} {service.HttpServer}) h2c={service.SpeaksH2c} closed on http={service.ClosedOnHttp} asks for tls={service.AsksForTls} silent={service.Silent} alpn={string.Join(',', service.Alpn)}"));
        Assert.Empty(result.NotSeen);
        return result;
    }

    private static async Task<(string Certificate, string Key)> CertificateAsync(RealServer server)
    {
        var (certificate, key) = (Path.Combine(server.Folder, "cert.pem"), Path.Combine(server.Folder, "key.pem"));
        await server.RunAsync(RealServer.Require("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "20", "-subj", "/CN=app.test", "-addext", "subjectAltName=DNS:app.test,DNS:localhost", "-keyout", key, "-out", certificate);
        return (certificate, key);
    }

    private static Task NginxAsync(RealServer server, string lines)
    {
        var config = server.Write("nginx.conf", $"daemon off; pid {server.Folder}/pid; error_log {server.Folder}/error.log; events {{}} http {{ access_log off; client_body_temp_path {server.Folder}/b; proxy_temp_path {server.Folder}/p; fastcgi_temp_path {server.Folder}/f; uwsgi_temp_path {server.Folder}/u; scgi_temp_path {server.Folder}/s; server {{ {lines} }} }}");
        return server.StartAsync(RealServer.Require("nginx"), "-c", config, "-p", server.Folder, "-e", Path.Combine(server.Folder, "error.log"));
    }
}
