using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Browser;

/// <summary>A small site with a form, that can be stopped and started again on its port, and counts what it is asked.</summary>
internal sealed class HtmlApp : IAsyncDisposable
{
    private readonly int _port = Ports.Free();
    private WebApplication? _app;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_port}");

    /// <summary>Answers HEAD in order and breaks off at GET: what a page must not take for being back again and again.</summary>
    public bool AnswersOnlyHead { get; set; }

    /// <summary>What it was asked since it was last started: method and path.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Starts it, anew when it runs already: no test depends on how the one before left it.</summary>
    public async Task StartAsync()
    {
        await StopAsync();
        Asked.Clear();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Address);
        var app = _app = builder.Build();
        app.Run(async context =>
        {
            Asked.Enqueue($"{context.Request.Method} {context.Request.Path}");
            if (AnswersOnlyHead && !HttpMethods.IsHead(context.Request.Method))
            {
                context.Abort();
                return;
            }

            context.Response.ContentType = "text/html; charset=utf-8";
            const string Page = "<!DOCTYPE html><html lang=\"en\"><title>The app</title><main><h1>The app is here</h1><form method=\"post\"><button>Order</button></form></main></html>";
            context.Response.ContentLength = Page.Length;
            if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(Page);
        });
        await app.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _app = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();
}
