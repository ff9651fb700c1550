using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealServers;

/// <summary>Servers of other protocols whose port was taken for the app's.</summary>
public sealed class ForeignServerTests : IDisposable
{
    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Redis_closes_or_is_named_by_what_it_answers()
    {
        var redis = Programs.Require("redis-server");
        var port = Ports.Free();
        await using var server = await ServerProcess.StartAsync(
            redis, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path, "--daemonize", "no"], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}");
        // "GET" is a command of Redis's own with too many words; at "Host:" it closes, as it takes it for an attack by a browser. When both
        // come in one packet, it closes before it has sent its complaint.
        var failure = await gateway.FailsWithAsync(Stop, "response_not_http", "upstream_closed_without_response", "upstream_reset_without_response");
        if ((string?)failure["cause"] == "response_not_http") Assert.Equal("redis_error", GatewayInFront.FirstBytesAre(failure));
    }

    [Fact]
    public async Task Redis_spoken_to_in_tls_does_not_pass_for_a_tls_server()
    {
        var redis = Programs.Require("redis-server");
        var port = Ports.Free();
        await using var server = await ServerProcess.StartAsync(
            redis, ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--dir", _folder.Path, "--daemonize", "no"], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(
            _folder, $"https://127.0.0.1:{port}", config => config["ProxyGate"]!["Timeouts"]!["Tls"] = "1s");
        await gateway.FailsWithAsync(Stop, "tls_to_plain_http_port", "tls_handshake_timeout", "tls_handshake_closed");
    }

    [Fact]
    public async Task Postgres_answers_nothing_to_a_packet_it_cannot_read()
    {
        var initdb = Programs.Require("initdb");
        var postgres = Programs.Require("postgres");
        var data = _folder.PathOf("data");
        Directory.CreateDirectory(data);
        // It refuses to run as root.
        var prefix = Array.Empty<string>();
        if (Environment.UserName == "root")
        {
            var setpriv = Programs.Require("setpriv");
            var (known, _, _) = await Programs.RunAsync("id", ["postgres"], _folder.Path);
            Assert.SkipUnless(known == 0, "PostgreSQL does not run as root, and there is no user postgres here.");
            await Programs.RunAsync("chown", ["postgres", data], _folder.Path);
            prefix = [setpriv, "--reuid=postgres", "--regid=postgres", "--clear-groups"];
        }

        var make = (string[])[.. prefix, initdb, "-D", data, "-A", "trust", "--no-sync"];
        var (code, output, error) = await Programs.RunAsync(make[0], make[1..], _folder.Path);
        Assert.True(code == 0, output + error);
        var port = Ports.Free();
        var run = (string[])[.. prefix, postgres, "-D", data, "-p", $"{port}", "-h", "127.0.0.1", "-c", "unix_socket_directories="];
        await using var server = await ServerProcess.StartAsync(run[0], run[1..], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}");
        // "GET " read as a length is no start-up packet: it is logged there, and the connection closed without a word.
        var failure = await gateway.FailsWithAsync(Stop, "upstream_closed_without_response", "upstream_reset_without_response", "response_not_http");
        Assert.Contains(GatewayInFront.FirstBytesAre(failure), (string?[])[null, "none", "postgres_error"]);
    }

    [Fact]
    public async Task Sshd_is_named_by_its_banner()
    {
        var sshd = Programs.Require("sshd");
        var keygen = Programs.Require("ssh-keygen");
        var key = _folder.PathOf("host_key");
        Assert.Equal(0, (await Programs.RunAsync(keygen, ["-q", "-t", "ed25519", "-N", "", "-f", key], _folder.Path)).Code);
        // As root it wants a folder of the system for itself; as anybody else it does not.
        var prefix = Environment.UserName == "root" ? (string[])[Programs.Require("setpriv"), "--reuid=nobody", "--regid=nogroup", "--clear-groups"] : [];
        if (prefix.Length > 0) await Programs.RunAsync("chown", ["-R", "nobody", _folder.Path], _folder.Path);
        var port = Ports.Free();
        var config = _folder.Write("sshd_config", $"ListenAddress 127.0.0.1\nPidFile {_folder.PathOf("sshd.pid")}\nUsePAM no\n");
        var run = (string[])[.. prefix, sshd, "-D", "-e", "-f", config, "-h", key, "-p", $"{port}"];
        await using var server = await ServerProcess.StartAsync(run[0], run[1..], _folder.Path, port);
        await using var gateway = await GatewayInFront.StartAsync(_folder, $"http://127.0.0.1:{port}");
        for (var i = 0; i < 5; i++)
        {
            var failure = await gateway.FailsWithAsync(Stop, "response_not_http");
            Assert.Equal("ssh_banner", GatewayInFront.FirstBytesAre(failure));
        }
    }
}
