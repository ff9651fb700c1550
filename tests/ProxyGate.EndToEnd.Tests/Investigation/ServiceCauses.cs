using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProxyGate.EndToEnd.Tests.Support;
using static ProxyGate.EndToEnd.Tests.Investigation.Apps;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>What speaks at the port: TLS where none is expected, none where it is, and other services.</summary>
internal static class ServiceCauses
{
    public static IReadOnlyList<RootCause> All { get; } =
    [
        new("https port of Node spoken to in http", Ended, "plain_http_to_tls_port", "scheme_http_to_https", "proved", folder => TlsAsync(folder, async (certificate, key) =>
        {
            var node = await NodeAsync(folder, $"const fs = require('fs'); require('https').createServer({{ cert: fs.readFileSync('{certificate}'), key: fs.readFileSync('{key}') }}, (q, r) => r.end('hello')).listen(+process.argv[2], '127.0.0.1');");
            return (node.Port, node);
        })),
        new("https port of openssl s_server spoken to in http", Ended, "plain_http_to_tls_port", "scheme_http_to_https", "proved", folder => TlsAsync(folder, async (certificate, key) =>
        {
            var server = await StartAsync(folder, null, port => [Programs.Require("openssl"), "s_server", "-accept", $"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-www", "-quiet"]);
            return (server.Port, server);
        })),
        new("https port of Kestrel spoken to in http", Ended, "plain_http_to_tls_port", "scheme_http_to_https", "proved", folder => TlsAsync(folder, async (certificate, key) =>
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, o => o.UseHttps(X509Certificate2.CreateFromPemFile(certificate, key))));
            var app = builder.Build();
            app.MapGet("/", () => Results.Text("hello"));
            await app.StartAsync();
            return (new Uri(app.Urls.First()).Port, app);
        })),
        new("https port of nginx spoken to in http", ["plain_http_to_tls_port"], "", "scheme_http_to_https", "proved", folder => TlsAsync(folder, async (certificate, key) =>
        {
            Directory.CreateDirectory(folder.PathOf("nginx"));
            var nginx = await StartAsync(folder, null, port => [Programs.Require("nginx"), "-p", folder.PathOf("nginx"), "-e", "stderr", "-g", "daemon off; master_process off;", "-c", folder.Write("nginx.conf", $$"""
                pid nginx.pid;
                events {}
                http {
                  access_log off;
                  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                  server { listen 127.0.0.1:{{port}} ssl; ssl_certificate {{certificate}}; ssl_certificate_key {{key}}; location / { return 200 hello; } }
                }
                """)]);
            return (nginx.Port, nginx);
        })),
        new("http port of Node spoken to in https", ["tls_to_plain_http_port"], "", "scheme_https_to_http", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            return new Scene { Upstream = $"https://127.0.0.1:{node.Port}", Mend = Steps.SetAddressAsync }.With(node);
        }),
        new("sshd behind the port", ["response_not_http"], "", "wrong_port", "proved", SshdAsync),
        new("Redis behind the port", [.. Ended, "response_not_http"], "", "wrong_port", "proved", async folder =>
        {
            var redis = await StartAsync(folder, null, port => [Programs.Require("redis-server"), "--port", Text(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder.Path, "--daemonize", "no"]);
            return new Scene { Upstream = $"http://127.0.0.1:{redis.Port}" }.With(redis);
        }),
        new("PostgreSQL behind the port", Ended, "", "wrong_port", "proved", PostgresAsync),
    ];

    private static async Task<Scene> TlsAsync(TestFolder folder, Func<string, string, Task<(int Port, IAsyncDisposable Server)>> start)
    {
        using var authority = new TestAuthority(folder);
        var (certificate, key) = authority.Make("localhost");
        var (port, server) = await start(certificate, key);
        return new Scene { Upstream = $"http://127.0.0.1:{port}", Change = GatewayInFront.Trusting(authority.RootFile), Mend = Steps.SetAddressAsync }.With(server);
    }

    private static async Task<Scene> SshdAsync(TestFolder folder)
    {
        var sshd = Programs.Require("sshd");
        var key = folder.PathOf("host_key");
        Assert.Equal(0, (await Programs.RunAsync(Programs.Require("ssh-keygen"), ["-q", "-t", "ed25519", "-N", "", "-f", key], folder.Path)).Code);
        // As root it wants a folder of the system for itself; as anybody else it does not.
        var prefix = Environment.UserName == "root" ? (string[])[Programs.Require("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
        if (prefix.Length > 0) await Programs.RunAsync("chown", ["-R", "nobody", folder.Path], folder.Path);
        var config = folder.Write("sshd_config", $"ListenAddress 127.0.0.1\nPidFile {folder.PathOf("sshd.pid")}\nUsePAM no\n");
        var server = await StartAsync(folder, null, port => [.. prefix, sshd, "-D", "-e", "-f", config, "-h", key, "-p", Text(port)]);
        return new Scene { Upstream = $"http://127.0.0.1:{server.Port}", Truth = () => ["SSH-2.0-OpenSSH"] }.With(server);
    }

    private static async Task<Scene> PostgresAsync(TestFolder folder)
    {
        var (initdb, postgres, data) = (Programs.Require("initdb"), Programs.Require("postgres"), folder.PathOf("data"));
        Directory.CreateDirectory(data);
        string[] prefix = [];
        if (Environment.UserName == "root")
        {
            // It refuses to run as root.
            await Programs.RunAsync("chown", ["postgres", data], folder.Path);
            prefix = [Programs.Require("setpriv"), "--reuid=postgres", "--regid=postgres", "--clear-groups"];
        }

        var make = (string[])[.. prefix, initdb, "-D", data, "-A", "trust", "--no-sync"];
        var (code, output, error) = await Programs.RunAsync(make[0], make[1..], folder.Path);
        Assert.True(code == 0, output + error);
        var server = await StartAsync(folder, null, port => [.. prefix, postgres, "-D", data, "-p", Text(port), "-h", "127.0.0.1", "-c", "unix_socket_directories="]);
        return new Scene { Upstream = $"http://127.0.0.1:{server.Port}", Truth = () => ["PostgreSQL"] }.With(server);
    }
}
