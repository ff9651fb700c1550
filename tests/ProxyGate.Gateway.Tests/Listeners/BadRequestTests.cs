using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;

namespace ProxyGate.Gateway.Tests.Listeners;

public sealed class BadRequestTests
{
    [Theory]
    [InlineData("GET /\r\n\r\n", 400, "client_request_malformed", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nbad header\r\n\r\n", 400, "client_request_malformed", false)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400, "client_request_malformed", false)]
    [InlineData("GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505, "client_request_malformed", false)]
    [InlineData("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\r\n", 400, "client_request_malformed", false)]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: a\r\n\r\n", 414, "client_request_too_large", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nX: LONG\r\n\r\n", 431, "client_request_too_large", false)]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\n", 408, "client_head_timeout", false)]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400, "client_request_malformed", true)]
    public async Task What_the_server_refuses_by_itself_is_seen(string sent, int status, string cause, bool inBody)
    {
        var seen = new ConcurrentQueue<BadRequestFacts>();
        var settings = new GatewaySettings
        {
            Listen = ["http://127.0.0.1:0"],
            Limits = new LimitSettings { RequestHeaders = 8192, RequestHeadersTimeout = TimeSpan.FromSeconds(1) },
        };
        await using var server = await ListenerHarness.StartAsync(
            settings,
            app => app.Run(async context => await context.Request.Body.CopyToAsync(Stream.Null)),
            services => services.AddSingleton<IHostedService>(provider =>
                new BadRequestWatcher(provider.GetRequiredService<DiagnosticListener>(), seen.Enqueue)));
        using var socket = await ClearTextTests.ConnectAsync(server.Port);
        await socket.SendAsync(Encoding.Latin1.GetBytes(sent.Replace("LONG", new string('x', 9000), StringComparison.Ordinal)), TestContext.Current.CancellationToken);

        Assert.Equal($"HTTP/1.1 {status}", (await ClearTextTests.ReadAsync(socket))[..12]);
        await ListenerHarness.UntilAsync(() => !seen.IsEmpty);
        var facts = Assert.Single(seen);
        Assert.Equal(status, facts.Status);
        Assert.Equal(cause, facts.Cause);
        Assert.Equal(inBody, facts.InBody);
        Assert.NotNull(facts.Reason);
        Assert.Equal("127.0.0.1", facts.Peer!.Text);
        Assert.False(facts.Listener!.IsAdmin);
        Assert.NotNull(facts.ConnectionId);
    }
}
