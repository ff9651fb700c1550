using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ProxyGate.EndToEnd.Tests.Support;
using static ProxyGate.EndToEnd.Tests.Commands.DiagnoseProgram;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary><c>proxygate diagnose URL</c> as a person runs it, against real programs that work or do not.</summary>
public sealed class DiagnoseCommandTests : IDisposable
{
    private const int Stop = 19, Continue = 18;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_app_that_works_is_healthy_in_a_few_lines_and_was_asked_only_what_was_named()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var (code, output, error) = await RunAsync("diagnose", $"http://localhost:{app.Port}", "--health", "/healthz", "--timeout", "40s");

        Assert.Equal((0, ""), (code, error));
        Assert.Matches(@"(?m)^  ok    name      localhost: ", output);
        Assert.Matches($@"(?m)^  ok    tcp       127\.0\.0\.1:{app.Port}: it accepts connections ", output);
        Assert.Matches(@"(?m)^  (ok  |warn)  http      GET /: 200 OK over HTTP/1\.1[^(]* \(", output);
        Assert.Matches(@"(?m)^  (ok  |warn)  health    GET /healthz: 200 OK over HTTP/1\.1[^(]* \(", output);
        Assert.Matches($@"(?m)^  ok    listener  127\.0\.0\.1:{app.Port}: node \(process {app.Pid}\S*.* listens there, started ", output);
        Assert.Contains($"$ nc -zv -w 3 127.0.0.1 {app.Port}", output, StringComparison.Ordinal);
        Assert.Contains($"$ ss -ltnp 'sport = :{app.Port}'", output, StringComparison.Ordinal);
        Assert.Matches($@"(?m)^HEALTHY(, with warnings)?: http://localhost:{app.Port} is healthy: GET /healthz was answered with 200 in ", output);
        Assert.DoesNotContain('\u001b', output);

        var asked = app.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement).ToList();
        Assert.Equal(["GET /", "GET /healthz"], asked.Select(a => $"{a.Text("method")} {a.Text("url")}"));
        Assert.All(asked, a => Assert.Equal(["accept", "host", "user-agent"], a.GetProperty("headers").EnumerateObject().Select(h => h.Name).Where(n => n != "connection").Order()));
        Assert.All(asked, a => Assert.Equal("ProxyGate-Diagnose", a.GetProperty("headers").Text("user-agent")));
    }

    [Fact]
    public async Task Json_is_one_object_with_stable_members()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}/moved");

        Assert.Equal(
            [
                "schema", "at", "target", "url", "route", "cluster", "destination", "source", "healthy", "exit", "duration_ms", "verdict", "sentence", "cause", "stage", "party", "act",
                "warnings", "speaks", "steps", "findings", "hints", "checks", "possibilities", "not_seen", "attempts", "look",
            ],
            look.EnumerateObject().Select(m => m.Name));
        Assert.Equal(("proxygate.diagnose/1", true, 0), (look.Text("schema"), look.GetProperty("healthy").GetBoolean(), look.GetProperty("exit").GetInt32()));
        Assert.Equal(JsonValueKind.Null, look.GetProperty("cause").ValueKind);
        Assert.Equal(("http/1.1", 302), (look.GetProperty("speaks").Text("protocol"), look.GetProperty("speaks").GetProperty("status").GetInt32()));
        Assert.Contains("which leads to /elsewhere (not followed)", look.Seen("http"), StringComparison.Ordinal);
        Assert.Equal(["rung", "subject", "result", "duration_ms", "seen", "commands", "fix"], look.Step("tcp").EnumerateObject().Select(m => m.Name));
        Assert.Equal(app.Pid, look.GetProperty("look").GetProperty("process").GetProperty("pid").GetInt32());
        Assert.DoesNotContain("/elsewhere", app.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_listening_is_unhealthy_with_the_verdict_of_the_gateway_and_what_to_type()
    {
        var port = Ports.Free();

        var (code, output, error) = await RunAsync("diagnose", $"http://127.0.0.1:{port}", "--health", "/up", "--timeout", "40s");

        Assert.Equal((1, ""), (code, error));
        Assert.Matches($@"(?m)^  FAIL  tcp       127\.0\.0\.1:{port}: the connection was refused", output);
        Assert.Matches(@"(?m)^  skip  http      GET /: ", output);
        Assert.Matches(@"(?m)^  skip  health    GET /up: ", output);
        Assert.Matches($@"(?m)^  FAIL  listener  127\.0\.0\.1:{port}: nothing listens there", output);
        Assert.Contains($"UNHEALTHY: 127.0.0.1:{port} refused the connection", output, StringComparison.Ordinal);
        Assert.Contains("Cause: connect_refused", output, StringComparison.Ordinal);
        Assert.Matches("Where to act: The (app's process: whether it runs|address: what is configured, or where the app (runs|listens))\\.", output); // in a container, localhost is the container itself
        Assert.Contains("More: proxygate explain connect_refused", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_on_the_next_port_is_found_there()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port - 1}");

        Assert.Equal(("connect_refused", "fail", "fail"), (look.Text("cause"), look.Result("tcp"), look.Result("listener")));
        Assert.EndsWith(" wrong_port", look.FirstHint(), StringComparison.Ordinal);
        Assert.Contains($"node (process {app.Pid}", look.Seen("listener"), StringComparison.Ordinal);
        Assert.Contains($"127.0.0.1:{app.Port}", look.Seen("listener"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_on_the_other_address_family_is_found_there()
    {
        using var app = new TcpListener(IPAddress.IPv6Loopback, Ports.Free());
        app.Start();
        var port = ((IPEndPoint)app.LocalEndpoint).Port;

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{port}");

        Assert.Equal(("connect_refused", "proved localhost_ipv6"), (look.Text("cause"), look.FirstHint()));
        Assert.Contains($"[::1]:{port}", look.Seen("listener"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_one_address_of_a_name_refuses_and_another_answers_it_works_with_a_warning()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "A hosts file of its own needs root.");
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var look = await WithHostsAsync(_folder.Write("hosts", "::1 two.test\n127.0.0.1 two.test\n"), "diagnose", $"http://two.test:{app.Port}");

        Assert.True(look.GetProperty("healthy").GetBoolean());
        Assert.Contains($"tcp [::1]:{app.Port}: the connection was refused", look.GetProperty("warnings").EnumerateArray().Select(w => w.GetString()));
    }

    [Fact]
    public async Task Plain_http_to_a_tls_port_and_tls_to_a_plain_port_are_named()
    {
        using var authority = new TestAuthority(_folder);
        var (certificate, key) = authority.Make("localhost");
        await using var secure = await DiagnoseApp.StartAsync(_folder, null, certificate, key);
        await using var plain = await DiagnoseApp.StartAsync(_folder);

        var toTls = await JsonAsync("diagnose", $"http://127.0.0.1:{secure.Port}");
        var toPlain = await JsonAsync("diagnose", $"https://127.0.0.1:{plain.Port}");

        Assert.Equal(("plain_http_to_tls_port", "proved scheme_http_to_https", "fail"), (toTls.Text("cause"), toTls.FirstHint(), toTls.Result("http")));
        Assert.Equal(("tls_to_plain_http_port", "proved scheme_https_to_http", "fail"), (toPlain.Text("cause"), toPlain.FirstHint(), toPlain.Result("tls")));
    }

    [Fact]
    public async Task A_certificate_is_judged_as_the_gateway_would_and_told_with_its_days()
    {
        using var authority = new TestAuthority(_folder);
        var (certificate, key) = authority.Make("app.test");
        await using var app = await DiagnoseApp.StartAsync(_folder, null, certificate, key);
        var url = $"https://127.0.0.1:{app.Port}";

        var untrusted = await JsonAsync("diagnose", url);
        var trusted = await JsonAsync("diagnose", url, "--ca", authority.RootFile, "--server-name", "app.test");
        var otherName = await JsonAsync("diagnose", url, "--ca", authority.RootFile, "--server-name", "other.test");
        var unverified = await JsonAsync("diagnose", url, "--insecure");

        Assert.Equal(("tls_cert_untrusted", "fail", "left_out"), (untrusted.Text("cause"), untrusted.Result("tls"), untrusted.Result("http")));
        Assert.True(trusted.GetProperty("healthy").GetBoolean());
        Assert.Equal(("pass", "Tls13", 19), (trusted.Result("tls"), trusted.GetProperty("speaks").Text("tls_version"), trusted.GetProperty("speaks").GetProperty("certificate_days_left").GetInt32()));
        Assert.Contains("its certificate is for app.test, 127.0.0.1 and good for 19 days more", trusted.Seen("tls"), StringComparison.Ordinal);
        Assert.Equal("tls_cert_name_mismatch", otherName.Text("cause"));
        Assert.True(unverified.GetProperty("healthy").GetBoolean());
        Assert.Contains("was not verified", unverified.Seen("tls"), StringComparison.Ordinal);
        Assert.Contains("-servername app.test </dev/null", trusted.Step("tls").GetProperty("commands")[0].GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-30, -2, "tls_cert_expired", "expired 2 days ago")]
    [InlineData(-1, 5, "", "good for 4 days more")]
    public async Task A_certificate_out_of_date_is_a_fault_and_one_that_ends_soon_a_warning(int from, int to, string cause, string says)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(to));
        var (certificate, key) = (_folder.Write("own.pem", made.ExportCertificatePem()), _folder.Write("own.key", pair.ExportPkcs8PrivateKeyPem()));
        await using var app = await DiagnoseApp.StartAsync(_folder, null, certificate, key);

        var look = await JsonAsync("diagnose", $"https://localhost:{app.Port}", "--ca", certificate);

        Assert.Equal((cause, cause.Length == 0 ? "warn" : "fail"), (look.GetProperty("cause").GetString() ?? "", look.Result("tls")));
        Assert.Contains(says, look.Seen("tls"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_service_behind_the_port_is_named()
    {
        var port = Ports.Free();
        await using var redis = await ServerProcess.StartAsync(Programs.Require("redis-server"), ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"], _folder.Path, port);

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{port}");

        Assert.Equal(("fail", "proved wrong_port"), (look.Result("http"), look.FirstHint()));
        Assert.Contains(look.GetProperty("findings").EnumerateArray(), f => f.GetString()!.Contains("Redis", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_paused_app_is_seen_to_be_paused_and_its_look_ends_in_time()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);
        Assert.Equal(0, Signal(app.Pid, Stop));
        try
        {
            var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}", "--timeout", "5s");

            Assert.Equal(("response_timeout", "proved app_hung", "fail"), (look.Text("cause"), look.FirstHint(), look.Result("listener")));
            Assert.Contains("it is stopped (state T)", look.Seen("listener"), StringComparison.Ordinal);
            Assert.Contains("--timeout makes this look wait longer", look.Step("http").Text("fix"), StringComparison.Ordinal);
        }
        finally
        {
            Assert.Equal(0, Signal(app.Pid, Continue));
        }
    }

    [Theory]
    [InlineData("/error", 1, "fail", "upstream_error_passed_through")]
    [InlineData("/missing", 1, "fail", "")]
    [InlineData("/slow", 0, "pass", "")]
    [InlineData("/moved", 0, "pass", "")]
    public async Task The_health_check_decides(string path, int exit, string result, string cause)
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}", "--health", path);

        Assert.Equal((exit, result, cause, "pass"), (look.GetProperty("exit").GetInt32(), look.Result("health"), look.GetProperty("cause").GetString() ?? "", look.Result("http")));
        if (path == "/slow") Assert.Contains("; that is slow", look.Seen("health"), StringComparison.Ordinal);
        if (path == "/missing") Assert.Contains("answered with 404, where 2xx or 3xx is expected", look.Text("verdict"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_health_check_that_never_comes_back_is_unhealthy_in_time()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}", "--health", "/never", "--timeout", "10s");

        Assert.Equal((1, "fail", "response_timeout", "pass"), (look.GetProperty("exit").GetInt32(), look.Result("health"), look.Text("cause"), look.Result("http")));
    }

    [Fact]
    public async Task An_error_of_the_app_counts_unless_its_health_check_is_good()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var alone = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}/error");
        var beside = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}/error", "--health", "/healthz");
        var missing = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}/missing");

        Assert.Equal(("upstream_error_passed_through", "fail"), (alone.Text("cause"), alone.Result("http")));
        Assert.Equal((0, "warn", "pass"), (beside.GetProperty("exit").GetInt32(), beside.Result("http"), beside.Result("health")));
        Assert.Equal((0, "warn"), (missing.GetProperty("exit").GetInt32(), missing.Result("http")));
    }

    [Fact]
    public async Task A_name_that_does_not_exist_and_a_socket_that_is_not_there_are_told()
    {
        var name = await JsonAsync("diagnose", "http://no-such-app.invalid:5000");
        var socket = await JsonAsync("diagnose", $"http://unix:{_folder.PathOf("app.sock")}");

        Assert.StartsWith("dns_", name.Text("cause"), StringComparison.Ordinal);
        Assert.Equal(("fail", "left_out", "left_out"), (name.Result("name"), name.Result("tcp"), name.Result("http")));
        Assert.Equal(["getent ahosts no-such-app.invalid"], name.Step("name").GetProperty("commands").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(("socket_missing", "fail"), (socket.Text("cause"), socket.Result("tcp")));
        Assert.Equal($"http://unix:{_folder.PathOf("app.sock")}", socket.Text("url"));
    }

    [Fact]
    public async Task What_an_upstream_says_does_nothing_to_terminal_or_json()
    {
        await using var app = await DiagnoseApp.StartAsync(_folder);

        var (code, output, _) = await RunAsync("diagnose", $"http://127.0.0.1:{app.Port}/hostile");
        var look = await JsonAsync("diagnose", $"http://127.0.0.1:{app.Port}/hostile");

        Assert.Equal(0, code);
        Assert.DoesNotContain(output, c => (char.IsControl(c) && c != '\n') || c == '\u202e');
        Assert.Contains("server evil", output, StringComparison.Ordinal);
        Assert.DoesNotContain(look.GetProperty("speaks").Text("server"), c => char.IsControl(c) || c == '\u202e');
    }

    [Theory]
    [InlineData("missing.pem", null, "does not exist")]
    [InlineData("empty.pem", "", "has no certificate in it")]
    public async Task Roots_that_cannot_be_used_are_3(string name, string? text, string says)
    {
        var file = text is null ? _folder.PathOf(name) : _folder.Write(name, text);

        var (code, output, error) = await RunAsync("diagnose", "https://127.0.0.1:1", "--ca", file);

        Assert.Equal((3, "", $"proxygate: --ca {file} {says}.\n"), (code, output, error));
    }

    [Theory]
    [InlineData("diagnose", "Say what to diagnose")]
    [InlineData("diagnose localhost:5000", "(did you mean http://localhost:5000?)")]
    [InlineData("diagnose htp://localhost:5000", "(did you mean http://localhost:5000?)")]
    [InlineData("diagnose http://localhost:99999", "a port is a number from 1 to 65535")]
    [InlineData("diagnose shop", "is no URL, and a name needs --config FILE")]
    [InlineData("diagnose http://localhost:1 --watch fast", "--watch \"fast\" is no duration")]
    [InlineData("diagnose http://localhost:1 --timeout 30", "(did you mean 30s?)")]
    [InlineData("diagnose http://localhost:1 --health up", "is no path")]
    [InlineData("diagnose http://localhost:1 --unit -x", "is no name of a unit")]
    [InlineData("diagnose http://localhost:1 --insecure --ca x.pem", "not both")]
    [InlineData("diagnose http://localhost:1 --jsno", "(did you mean --json?)")]
    [InlineData("check --deep", "give --config FILE")]
    [InlineData("check --config x.json --timeout 5s", "--timeout is for --deep")]
    [InlineData("diagnose http://localhost:1 --timeout", "Required argument missing for option: '--timeout'")]
    public async Task Wrong_usage_is_2_and_says_what_is_right(string arguments, string says)
    {
        var (code, output, error) = await RunAsync(arguments.Split(' '));

        Assert.Equal((2, ""), (code, output));
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Signal(int pid, int signal);
}
