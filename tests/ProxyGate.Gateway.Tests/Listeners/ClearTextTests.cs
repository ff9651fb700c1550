using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public sealed class ClearTextTests
{
    private static readonly GatewaySettings OnePort = new() { Listen = ["http://127.0.0.1:0"] };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task One_clear_text_port_speaks_both_versions(string version)
    {
        await using var server = await ListenerHarness.StartAsync(OnePort, SayProtocol);
        using var client = new HttpClient();
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.Port}/")
            {
                Version = Version.Parse(version),
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent(new string('x', 100_000)),
            };
            using var response = await client.SendAsync(request, Stop);

            var expected = version == "1.1" ? "HTTP/1.1" : "HTTP/2";
            Assert.Equal($"{expected} http 127.0.0.1 False 100000", await response.Content.ReadAsStringAsync(Stop));
            Assert.False(response.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_preface_that_comes_byte_by_byte_is_HTTP_2()
    {
        await using var server = await ListenerHarness.StartAsync(OnePort, SayProtocol);
        using var socket = await ConnectAsync(server.Port);
        socket.NoDelay = true;
        foreach (var b in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray())
            await socket.SendAsync(new[] { b }, Stop);
        // An empty SETTINGS frame of the client; the server's own comes back first.
        await socket.SendAsync(new byte[] { 0, 0, 0, 4, 0, 0, 0, 0, 0 }, Stop);
        var frame = new byte[9];
        Assert.Equal(9, await socket.ReceiveAsync(frame, Stop));
        Assert.Equal(4, frame[3]);
    }

    [Theory]
    [InlineData("PROPFIND / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", "200")]
    [InlineData("PR", "408")]
    [InlineData("GET / HTT", "408")]
    public async Task What_only_begins_like_a_preface_is_HTTP_1(string sent, string status)
    {
        var settings = OnePort with { Limits = new LimitSettings { RequestHeadersTimeout = TimeSpan.FromMilliseconds(500) } };
        await using var server = await ListenerHarness.StartAsync(settings, SayProtocol);
        using var socket = await ConnectAsync(server.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(sent), Stop);

        Assert.Equal($"HTTP/1.1 {status}", (await ReadAsync(socket))[..12]);
    }

    [Fact]
    public async Task An_HTTP_2_client_cannot_claim_https_on_a_clear_text_port()
    {
        await using var server = await ListenerHarness.StartAsync(OnePort, app =>
        {
            app.UseTrustedProxies();
            app.Run(context => context.Response.WriteAsync(context.Request.Scheme));
        });
        var said = await Command("nghttp", "-H", ":scheme: https", $"http://127.0.0.1:{server.Port}/");
        Assert.Equal("http", said);
    }

    [Fact]
    public async Task Localhost_is_both_loopback_families()
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        var port = ListenerHarness.FreePort();
        await using var server = await ListenerHarness.StartAsync(new GatewaySettings { Listen = [$"http://localhost:{port}"] }, SayProtocol);
        using var client = new HttpClient();

        Assert.Contains(" 127.0.0.1 ", await client.GetStringAsync($"http://127.0.0.1:{port}/", Stop), StringComparison.Ordinal);
        Assert.Contains(" ::1 ", await client.GetStringAsync($"http://[::1]:{port}/", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_star_is_every_address_and_IPv4_peers_are_shown_as_such()
    {
        await using var server = await ListenerHarness.StartAsync(new GatewaySettings { Listen = ["http://*:0"] }, SayProtocol);
        using var client = new HttpClient();
        Assert.Contains(" 127.0.0.1 ", await client.GetStringAsync($"http://127.0.0.1:{server.Port}/", Stop), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unix_socket_is_opened_for_owner_and_group_and_a_stale_one_is_replaced()
    {
        var folder = Directory.CreateTempSubdirectory("proxygate-unix-");
        var path = Path.Combine(folder.FullName, "gate.sock");
        // A killed process leaves its socket behind.
        using (var dead = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            dead.Bind(new UnixDomainSocketEndPoint(path + "-live"));
            File.Move(path + "-live", path);
        }

        Assert.True(File.Exists(path));
        var settings = new GatewaySettings { Listen = [$"http://unix:{path}"] };
        await using (var server = await ListenerHarness.StartAsync(settings, SayProtocol))
        {
            if (!OperatingSystem.IsWindows())
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, File.GetUnixFileMode(path));
            using var client = new HttpClient(new SocketsHttpHandler
            {
                ConnectCallback = async (_, stop) =>
                {
                    var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            });
            Assert.Equal("HTTP/1.1 http  True 0", await client.GetStringAsync("http://localhost/", Stop));

            // Somebody listens: the file is theirs.
            await Assert.ThrowsAnyAsync<IOException>(() => ListenerHarness.StartAsync(settings, SayProtocol));
            Assert.Contains($"cannot listen on http://unix:{path}: it is taken by ", ListenFailure.Explain(settings with { Admin = new AdminSettings { Listen = null } }), StringComparison.Ordinal);
        }

        await File.WriteAllTextAsync(path, "", Stop);
        await Assert.ThrowsAnyAsync<IOException>(() => ListenerHarness.StartAsync(settings, SayProtocol));
        Assert.True(File.Exists(path));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_taken_port_names_its_holder()
    {
        await using var server = await ListenerHarness.StartAsync(OnePort, SayProtocol);
        var settings = new GatewaySettings { Listen = [$"http://localhost:{server.Port}"] };

        var said = ListenFailure.Explain(settings);

        Assert.StartsWith($"cannot listen on http://localhost:{server.Port}: it is taken by ", said);
        Assert.EndsWith($"(pid {Environment.ProcessId})", said);
    }

    [Theory]
    [InlineData("http://localhost:8080", "/a%20b?c=d", "localhost", "https://localhost:{port}/a%20b?c=d")]
    [InlineData("http://localhost:8080", "/", "example.org:8080", "https://example.org:{port}/")]
    public async Task Plain_requests_are_sent_to_https_when_the_settings_say_so(string _, string path, string host, string expected)
    {
        var https = ListenerHarness.FreePort();
        var settings = new GatewaySettings
        {
            Listen = ["http://127.0.0.1:0", $"https://127.0.0.1:{https}"],
            Certificates = [new CertificateSettings { Certificate = Configuration.TestCertificates.Shared.PemFile }],
            RedirectToHttps = true,
        };
        await using var server = await ListenerHarness.StartAsync(settings, app =>
        {
            app.UseTrustedProxies().UseHttpsRedirect();
            SayProtocol(app);
        });
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, ServerCertificateCustomValidationCallback = (_, _, _, _) => true });
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{server.Port}{path}") { Headers = { Host = host } };
        using var response = await client.SendAsync(request, Stop);

        Assert.Equal(HttpStatusCode.PermanentRedirect, response.StatusCode);
        Assert.Equal(expected.Replace("{port}", $"{https}", StringComparison.Ordinal), response.Headers.Location!.OriginalString);
        Assert.StartsWith("HTTP/1.1 https ", await client.GetStringAsync($"https://127.0.0.1:{https}/", Stop));
    }

    internal static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = 10_000 };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return socket;
    }

    internal static async Task<string> ReadAsync(Socket socket)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(10));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, patience.Token)) > 0)
            text.Append(Encoding.ASCII.GetString(buffer, 0, read));
        return text.ToString();
    }

    private static void SayProtocol(WebApplication app) => app.Run(async context =>
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var peer = context.Features.Get<RealPeer>()!;
        await context.Response.WriteAsync($"{context.Request.Protocol} {context.Request.Scheme} {peer.Text} {peer.IsUnixSocket} {body.Length}");
    });

    private static async Task<string> Command(string program, params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/" + program), $"{program} is not installed.");
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(Stop);
        await process.WaitForExitAsync(Stop);
        return output;
    }
}
