using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing;
using ProxyGate.Investigation.Probing.Ladders;
using ProxyGate.Investigation.Probing.Names;
using ProxyGate.Investigation.Probing.Services;

namespace ProxyGate.Investigation.Tests.Probing.Services;

/// <summary>Kestrel, and servers of which only the bytes are at hand.</summary>
public sealed class SpokenServiceTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(HttpProtocols.Http2, false, true)]
    [InlineData(HttpProtocols.Http1, true, false)]
    public async Task Kestrel_tells_which_http_it_speaks_in_clear_text(HttpProtocols protocols, bool http1, bool h2c)
    {
        var calls = 0;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0, l => l.Protocols = protocols));
        await using var app = builder.Build();
        app.Run(context =>
        {
            Interlocked.Increment(ref calls);
            return context.Response.WriteAsync("app");
        });
        await app.StartAsync(TestContext.Current.CancellationToken);
        var address = IPEndPoint.Parse(new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Authority);
        var service = await LookAsync(address);
        // The one that speaks HTTP/2 only refuses HTTP/1 in HTTP/1; neither lets the question through to its app.
        Assert.Equal((http1, h2c, 400), (service.SpeaksHttp1, service.SpeaksH2c, service.HttpStatus));
        Assert.Equal(0, calls);
    }

    [Theory]
    [InlineData("220 mail.example ESMTP Postfix\r\n", "Postfix SMTP")]
    [InlineData("220 (vsFTPd 3.0.3)\r\n", "FTP")]
    [InlineData("* OK [CAPABILITY IMAP4rev1] Dovecot ready.\r\n", "IMAP")]
    [InlineData("+OK Dovecot ready.\r\n", "POP3")]
    [InlineData("RFB 003.008\n", "VNC")]
    [InlineData("J\0\0\0\u000A8.0.36\0\u0008\0\0\0abcdefgh", "MySQL")]
    [InlineData("n\0\0\0\u000A5.5.5-10.11.6-MariaDB-0+deb12u1\0!", "MariaDB")]
    [InlineData("@RSYNCD: 31.0\n", "rsync")]
    [InlineData("INFO {\"server_id\":\"N1\",\"version\":\"2.10\"}\r\n", "NATS")]
    public async Task A_service_that_greets_is_named_by_its_greeting(string greeting, string name)
    {
        using var server = new Answering(_ => [], [.. greeting.Select(c => (byte)c)]);
        Assert.Equal(name, (await LookAsync(server.Address)).Name);
    }

    [Theory]
    [InlineData("ERROR\r\n", "memcached")]
    [InlineData("AMQP\0\0\u0009\u0001", "RabbitMQ")]
    [InlineData("RTSP/1.0 400 Bad Request\r\n\r\n", "RTSP")]
    [InlineData("It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n", "MongoDB")]
    public async Task A_service_that_complains_about_http_is_named_by_its_complaint(string complaint, string name)
    {
        using var server = new Answering(heard => heard.AsSpan().StartsWith("OPTIONS"u8) ? [.. complaint.Select(c => (byte)c)] : []);
        var service = await LookAsync(server.Address);
        Assert.Equal((name, false), (service.Name, service.SpeaksHttp1));
    }

    [Theory]
    [InlineData("PostgreSQL", new byte[] { (byte)'N' })]
    [InlineData("FastCGI", new byte[] { 1, 10, 0, 0, 0, 18, 6, 0, 14, 2 })]
    [InlineData("MongoDB", new byte[] { 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xDD, 7, 0, 0 })]
    public async Task A_shy_service_is_named_by_its_answer_to_its_own_question(string name, byte[] answer)
    {
        var question = ShyService.All.Single(s => s.Name == name).Question.ToArray();
        using var server = new Answering(heard => heard.AsSpan().SequenceEqual(question) ? answer : []);
        var service = await LookAsync(server.Address);
        Assert.Equal((name, false, false), (service.Name, service.SpeaksHttp1, service.Silent));
    }

    [Fact]
    public async Task A_service_that_takes_connections_and_says_nothing_is_silent()
    {
        using var server = new Answering(null);
        var service = await LookAsync(server.Address);
        Assert.Equal((true, true, null), (service.Connected, service.Silent, service.Name));
        Assert.False(service.ClosedOnHttp);
    }

    [Fact]
    public async Task A_tls_alert_in_answer_to_the_greeting_is_tls_too()
    {
        using var server = new Answering(heard => heard.Length > 2 && heard[0] == 0x16 ? [0x15, 3, 3, 0, 2, 2, 112] : []);
        var service = await LookAsync(server.Address);
        Assert.Equal((true, 112), (service.SpeaksTls, service.Tls!.AlertReceived));
    }

    [Fact]
    public async Task Something_that_answers_with_endless_bytes_is_left_in_time()
    {
        using var server = new Answering(_ => new byte[1 << 20], new byte[1 << 20]);
        var result = await ResultAsync(server.Address);
        Assert.True(result.DurationMs < 2500, $"{result.DurationMs} ms");
        Assert.True(result.Service!.Banner.Length <= 64);
    }

    [Fact]
    public async Task A_unix_socket_is_asked_as_well_and_a_missing_one_is_told()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var question = RealServiceTests.Ask(new IPEndPoint(IPAddress.Loopback, 1), "socket_missing", "http", null) with { Address = null, SocketPath = path, ConfiguredUrl = "http://unix:" + path };
        var missing = await new ProbeLook().LookAsync(question, new DnsMemory(), TestContext.Current.CancellationToken);
        Assert.Equal((false, 2), (missing.Service!.Connected, missing.Service.ConnectErrno));

        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        var nobody = await new ProbeLook().LookAsync(question, new DnsMemory(), TestContext.Current.CancellationToken);
        Assert.Equal(111, nobody.Service!.ConnectErrno);
        listener.Listen();
        var silent = await new ProbeLook().LookAsync(question, new DnsMemory(), TestContext.Current.CancellationToken);
        Assert.True(silent.Service is { Connected: true, Silent: true });
        File.Delete(path);
    }

    [Theory]
    [InlineData("200 OK", false)]
    [InlineData("400 Bad Request", true)]
    public async Task A_400_that_says_so_asks_for_tls(string status, bool asks)
    {
        using var server = new Answering(heard => heard[0] != 'O' ? [] : [.. $"HTTP/1.0 {status}\r\n\r\nClient sent an HTTP request to an HTTPS server.\n".Select(c => (byte)c)]);
        var service = await LookAsync(server.Address);
        Assert.Equal((true, asks), (service.SpeaksHttp1, service.AsksForTls));
    }

    [Fact]
    public async Task The_ladder_has_no_foothold_where_nothing_accepts()
    {
        IPEndPoint free;
        using (var server = new Answering(null)) free = server.Address;
        var steps = new List<LadderStep>();
        var ladder = new ProbeLook().Ladder(RealServiceTests.Ask(free, "", "https", "/up"), new DnsMemory(), steps.Add);
        await ladder.ReachAsync(TestContext.Current.CancellationToken);
        await ladder.SpeakAsync(TestContext.Current.CancellationToken);
        Assert.Null(ladder.Foothold);
        Assert.Equal([(Rung.Tcp, StepResult.Failed, $"{free}")], steps.Select(s => (s.Rung, s.Result, s.Subject)));
        Assert.Equal("the connection was refused", steps[0].Seen[0]);
        Assert.Equal([$"nc -zv -w 3 {free.Address} {free.Port}"], steps[0].Commands);
        var result = ladder.Result();
        Assert.Equal((false, 111), (result.Service!.Connected, result.Service.ConnectErrno));
        Assert.True(result.Path!.Local);
    }

    [Fact]
    public async Task The_ladder_finds_out_what_speaks_where_it_has_a_foothold()
    {
        using var server = new Answering(_ => [], "SSH-2.0-OpenSSH_9.2p1\r\n"u8.ToArray());
        var steps = new List<LadderStep>();
        var ladder = new ProbeLook().Ladder(RealServiceTests.Ask(server.Address, "", "http", null), new DnsMemory(), steps.Add);
        await ladder.ReachAsync(TestContext.Current.CancellationToken);
        await ladder.SpeakAsync(TestContext.Current.CancellationToken);
        Assert.Equal((server.Address, "OpenSSH"), (ladder.Foothold, ladder.Result().Service!.Name));
        Assert.Equal([(Rung.Tcp, StepResult.Passed)], steps.Select(s => (s.Rung, s.Result)));
    }

    [Fact]
    public async Task An_address_that_refuses_is_a_warning_where_another_one_accepts()
    {
        using var server = new Answering(null);
        var look = new ProbeLook(TimeProvider.System, static () => ResolverSettings.Parse("", "::1 two.test\n127.0.0.1 two.test\n", ""));
        var steps = new List<LadderStep>();
        var question = RealServiceTests.Ask(server.Address, "", "http", null) with { ConfiguredUrl = $"http://two.test:{server.Address.Port}", Address = null };
        var ladder = look.Ladder(question, new DnsMemory(), steps.Add);
        await ladder.ReachAsync(TestContext.Current.CancellationToken);
        Assert.Equal(server.Address, ladder.Foothold);
        Assert.Equal(Rung.Name, steps[0].Rung);
        Assert.Equal([StepResult.Passed, StepResult.Warned], steps.Where(s => s.Rung == Rung.Tcp).Select(s => s.Result).Order());
    }

    [Fact]
    public async Task The_one_who_asked_may_end_the_look()
    {
        using var server = new Answering(null);
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new ProbeLook().LookAsync(RealServiceTests.Ask(server.Address, "response_timeout", "http", null), new DnsMemory(), stop.Token));
    }

    private async Task<ServiceFacts> LookAsync(IPEndPoint address) => (await ResultAsync(address)).Service!;

    private async Task<ProbeResult> ResultAsync(IPEndPoint address)
    {
        var result = await new ProbeLook().LookAsync(RealServiceTests.Ask(address, "response_not_http", "http", null), new DnsMemory(), TestContext.Current.CancellationToken);
        output.WriteLine($"{result.Service!.Name}: {result.DurationMs:0} ms");
        return result;
    }
}
