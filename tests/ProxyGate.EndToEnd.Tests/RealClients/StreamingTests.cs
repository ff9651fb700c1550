using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>Nothing is buffered: not in time and not in memory.</summary>
public sealed class StreamingTests : IAsyncLifetime
{
    private const long Large = 200L << 20;

    private EchoApp _app = null!;
    private TlsGateway _gateway = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await EchoApp.StartAsync();
        _gateway = await TlsGateway.StartAsync(_app.Http1);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", true)]
    public async Task Server_sent_events_arrive_one_by_one(string version, bool tls)
    {
        using var client = Client(version, tls);
        using var answer = await client.GetAsync(new Uri("/events", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Stop);
        Assert.True(answer.IsSuccessStatusCode, $"{answer}\n{_gateway.Process.Output}");
        Assert.Equal("text/event-stream", answer.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Stop));
        for (var i = 1; i <= 5; i++)
        {
            // The app does not send the next one before this one was read here.
            _app.NextEvent.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Stop));
            Assert.Equal("", await reader.ReadLineAsync(Stop));
        }

        Assert.Null(await reader.ReadLineAsync(Stop));
    }

    [Theory]
    [InlineData("1.1", false)]
    [InlineData("2.0", true)]
    public async Task Large_bodies_pass_without_growing_the_gateway(string version, bool tls)
    {
        using var client = Client(version, tls);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("/zeros/20", UriKind.Relative), Stop)).StatusCode);
        var before = Resident();
        using var watch = new CancellationTokenSource();
        var peak = WatchAsync(watch.Token);

        using var upload = new StreamContent(new ZeroStream(Large), 64 * 1024);
        using var counted = await client.PostAsync(new Uri("/count", UriKind.Relative), upload, Stop);
        Assert.Equal(Large.ToString(CultureInfo.InvariantCulture), await counted.Content.ReadAsStringAsync(Stop));

        using var answer = await client.GetAsync(new Uri("/zeros/200", UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, Stop);
        using var nowhere = new CountingStream();
        await answer.Content.CopyToAsync(nowhere, Stop);
        Assert.Equal(Large, nowhere.Position);

        await watch.CancelAsync();
        var growth = (await peak - before) >> 20;
        Assert.True(growth < 80, $"The gateway grew by {growth} MiB over {before >> 20} MiB while 400 MiB went through.");
        Assert.Empty(await _gateway.Process.LinesAsync(Stop));
    }

    [Fact]
    public async Task A_slow_reader_holds_the_app_back_instead_of_filling_the_gateway()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 16 * 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, _gateway.Plain.Port, Stop);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET /zeros/200 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"), Stop);
        var buffer = new byte[16 * 1024];
        var before = Resident();
        var clock = Stopwatch.StartNew();
        long read = 0, peak = 0;
        // 2 s at about 3 MiB/s, then as fast as it comes.
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer, Stop);
            if (got == 0) break;
            read += got;
            if (clock.Elapsed > TimeSpan.FromSeconds(2)) continue;
            peak = Math.Max(peak, Resident());
            await Task.Delay(5, Stop);
        }

        Assert.True(read > Large, $"{read} bytes came.");
        Assert.True(peak - before < 60 << 20, $"The gateway grew by {(peak - before) >> 20} MiB for one slow reader.");
        Assert.Empty(await _gateway.Process.LinesAsync(Stop));
    }

    private HttpClient Client(string version, bool tls) => new(_gateway.Handler())
    {
        BaseAddress = tls ? _gateway.Secure : _gateway.Plain,
        DefaultRequestVersion = Version.Parse(version),
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
    };

    private long Resident()
    {
        using var process = Process.GetProcessById(_gateway.Process.Pid);
        return process.WorkingSet64;
    }

    private async Task<long> WatchAsync(CancellationToken done)
    {
        long peak = 0;
        while (!done.IsCancellationRequested)
        {
            peak = Math.Max(peak, Resident());
            await Task.Delay(20, CancellationToken.None);
        }

        return peak;
    }
}
