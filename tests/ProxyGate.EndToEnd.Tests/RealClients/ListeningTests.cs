using System.Net;
using System.Text.Json.Nodes;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>TLS towards clients, as openssl and curl see it.</summary>
public sealed class ListeningTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_certificate_is_chosen_by_the_name_asked_for()
    {
        var openssl = Programs.Require("openssl");
        var curl = Programs.Require("curl");
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http1, null, "one.test", "two.test");
        var port = gateway.Secure.Port;
        foreach (var (asked, shown) in ((string, string)[])[("one.test", "one.test"), ("two.test", "two.test"), ("TWO.test", "two.test"), ("none.test", "one.test")])
        {
            var (_, output, error) = await Programs.RunAsync(
                openssl, ["s_client", "-connect", $"127.0.0.1:{port}", "-servername", asked, "-CAfile", gateway.RootFile], gateway.Folder, "");
            Assert.True(output.Contains($"CN = {shown}", StringComparison.Ordinal) || output.Contains($"CN={shown}", StringComparison.Ordinal), $"{asked}: {output}{error}");
            Assert.Contains("Verification: OK", output, StringComparison.Ordinal);
        }

        foreach (var name in (string[])["one.test", "two.test"])
        {
            var (code, output, error) = await Programs.RunAsync(
                curl, ["-sS", "--cacert", gateway.RootFile, "--resolve", $"{name}:{port}:127.0.0.1", $"https://{name}:{port}/"], gateway.Folder);
            Assert.True(code == 0, error);
            Assert.Equal("hello", output);
        }
    }

    [Theory]
    [InlineData("-tls1_1", false)]
    [InlineData("-tls1_2", true)]
    [InlineData("-tls1_3", true)]
    public async Task Only_versions_of_today_are_spoken(string version, bool spoken)
    {
        var openssl = Programs.Require("openssl");
        await using var app = await EchoApp.StartAsync();
        await using var gateway = await TlsGateway.StartAsync(app.Http1);
        var (code, output, error) = await Programs.RunAsync(
            openssl,
            ["s_client", "-connect", $"127.0.0.1:{gateway.Secure.Port}", "-servername", "localhost", "-CAfile", gateway.RootFile, "-cipher", "ALL:@SECLEVEL=0", version],
            gateway.Folder,
            "");
        Assert.True((code == 0) == spoken, output + error);
    }

    [Fact]
    public async Task Plain_http_is_sent_to_https()
    {
        var curl = Programs.Require("curl");
        await using var app = await EchoApp.StartAsync();
        // The redirect names the port of the https address, so it must be known beforehand.
        var secure = Ports.Free();
        await using var gateway = await TlsGateway.StartAsync(app.Http1, config =>
        {
            config["ProxyGate"]!["RedirectToHttps"] = true;
            config["ProxyGate"]!["Listen"]![1] = $"https://127.0.0.1:{secure}";
        });
        var (code, output, error) = await Programs.RunAsync(
            curl, ["-sS", "-o", "/dev/null", "-w", "%{response_code} %{redirect_url}", "-X", "POST", "-d", "x", $"http://localhost:{gateway.Plain.Port}/a/b?c=d"], gateway.Folder);
        Assert.True(code == 0, error);
        Assert.Equal($"{(int)HttpStatusCode.PermanentRedirect} https://localhost:{secure}/a/b?c=d", output);
        (code, output, error) = await Programs.RunAsync(
            curl, ["-sS", "-L", "--cacert", gateway.RootFile, "-d", "1234567", $"http://localhost:{gateway.Plain.Port}/count"], gateway.Folder);
        Assert.True(code == 0, error);
        Assert.Equal("7", output);
        // curl may leave with its redirect before the server has taken its body in; what is then left of it counts as a malformed request of
        // nobody. None of the requests themselves failed.
        var failures = await gateway.Process.LinesAsync(Stop);
        Assert.DoesNotContain(failures, line => (string?)JsonNode.Parse(line)!["client"]!["path"] != "");
    }
}
