using System.Globalization;
using System.Net;
using System.Net.WebSockets;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.RealClients;

/// <summary>A healthy app: one port speaks HTTP/1.1, one HTTP/2 without TLS.</summary>
internal sealed class EchoApp : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoApp(WebApplication app)
    {
        _app = app;
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (Http1, Http2) = (addresses[0], addresses[1]);
    }

    public string Http1 { get; }

    public string Http2 { get; }

    /// <summary>Released one by one, each lets <c>/events</c> send one more event.</summary>
    public SemaphoreSlim NextEvent { get; } = new(0);

    /// <summary>Ends a request to <c>/held</c>; counts those that wait.</summary>
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _held;

    public int Held => Volatile.Read(ref _held);

    public static async Task<EchoApp> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc();
        var app = builder.Build();
        var echo = new Lazy<EchoApp>(() => new EchoApp(app));
        app.UseWebSockets();
        app.MapGrpcService<EchoService>();
        app.MapGet("/", () => "hello");
        app.Map("/protocol", (HttpContext context) => context.Request.Protocol);
        app.MapPost("/count", CountAsync);
        app.MapPut("/count", CountAsync);
        app.MapGet("/zeros/{megabytes:int}", ZerosAsync);
        app.MapGet("/random/{seed:int}/{length:int}", (int seed, int length) => Results.Bytes(RandomBytes(seed, length)));
        app.MapGet("/file", () => Results.File(new byte[1000], "application/octet-stream", enableRangeProcessing: true));
        app.MapGet("/events", context => echo.Value.EventsAsync(context));
        app.MapGet("/held", context => echo.Value.HeldAsync(context));
        app.Map("/socket", SocketAsync);
        await app.StartAsync();
        return echo.Value;
    }

    /// <summary>Always the same for the same seed and length.</summary>
    public static byte[] RandomBytes(int seed, int length)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task CountAsync(HttpContext context)
    {
        using var nowhere = new CountingStream();
        await context.Request.Body.CopyToAsync(nowhere, 64 * 1024, context.RequestAborted);
        await context.Response.WriteAsync(nowhere.Position.ToString(CultureInfo.InvariantCulture));
    }

    private static Task ZerosAsync(HttpContext context)
    {
        var length = long.Parse((string)context.Request.RouteValues["megabytes"]!, CultureInfo.InvariantCulture) << 20;
        context.Response.ContentLength = length;
        return new ZeroStream(length).CopyToAsync(context.Response.Body, 64 * 1024, context.RequestAborted);
    }

    private async Task EventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        for (var i = 1; i <= 5; i++)
        {
            await NextEvent.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private async Task HeldAsync(HttpContext context)
    {
        Interlocked.Increment(ref _held);
        await Release.Task.WaitAsync(TimeSpan.FromSeconds(30), context.RequestAborted);
        await context.Response.WriteAsync("finished");
    }

    private static async Task SocketAsync(HttpContext context)
    {
        using var socket = await context.WebSockets.AcceptWebSocketAsync("echo");
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(), context.RequestAborted);
            if (got.MessageType == WebSocketMessageType.Close) break;
            await socket.SendAsync(buffer.AsMemory(0, got.Count), got.MessageType, got.EndOfMessage, context.RequestAborted);
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", context.RequestAborted);
    }

    public ValueTask DisposeAsync()
    {
        NextEvent.Dispose();
        return _app.DisposeAsync();
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override async Task<Words> Say(Words request, ServerCallContext context)
        {
            if (request.Text == "never") await Task.Delay(Timeout.Infinite, context.CancellationToken);
            if (request.Text == "wrong") throw new RpcException(new Status(StatusCode.InvalidArgument, "wrong words"));
            return request;
        }

        public override async Task Repeat(Words request, IServerStreamWriter<Words> responseStream, ServerCallContext context)
        {
            for (var i = 0; i < request.Times; i++) await responseStream.WriteAsync(new Words { Text = request.Text, Times = i });
        }

        public override async Task<Words> Gather(IAsyncStreamReader<Words> requestStream, ServerCallContext context)
        {
            var all = new Words();
            await foreach (var words in requestStream.ReadAllAsync())
            {
                all.Text += words.Text;
                all.Times++;
            }

            return all;
        }

        public override async Task Talk(IAsyncStreamReader<Words> requestStream, IServerStreamWriter<Words> responseStream, ServerCallContext context)
        {
            // As apps do that greet before they are spoken to: the head goes out by itself.
            await context.WriteResponseHeadersAsync(new Metadata { { "x-greeting", "speak" } });
            await foreach (var words in requestStream.ReadAllAsync()) await responseStream.WriteAsync(words);
        }
    }
}
