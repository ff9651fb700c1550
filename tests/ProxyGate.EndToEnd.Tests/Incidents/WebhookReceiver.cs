using System.Net;
using System.Text;
using System.Threading.Channels;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Incidents;

/// <summary>Takes in what a gateway posts, one after the other.</summary>
internal sealed class WebhookReceiver : IDisposable
{
    private readonly HttpListener _listener;
    private readonly Channel<(string Body, string Signature)> _messages = Channel.CreateUnbounded<(string, string)>();

    public WebhookReceiver()
    {
        (_listener, Url) = Listen();
        _ = ReceiveAsync();
    }

    public string Url { get; }

    /// <summary>It then answers 503 and keeps nothing.</summary>
    public bool IsAway { get; set; }

    /// <summary>How often it was asked in vain.</summary>
    public int Refused { get; private set; }

    public async Task<(string Body, string Signature)> NextAsync(CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TimeSpan.FromSeconds(45));
        return await _messages.Reader.ReadAsync(limit.Token);
    }

    public void Dispose() => _listener.Close();

    private static (HttpListener Listener, string Url) Listen()
    {
        for (var tries = 0; ; tries++)
        {
            var listener = new HttpListener();
            var url = FormattableString.Invariant($"http://127.0.0.1:{Ports.Free()}/hook/");
            listener.Prefixes.Add(url);
            try
            {
                listener.Start();
                return (listener, url);
            }
            catch (HttpListenerException) when (tries < 10)
            {
                // Taken in between: another.
            }
        }
    }

    private async Task ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                if (IsAway)
                {
                    Refused++;
                    context.Response.StatusCode = 503;
                    context.Response.Close();
                    continue;
                }

                using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                await _messages.Writer.WriteAsync((await reader.ReadToEndAsync(), context.Request.Headers["ProxyGate-Signature"] ?? ""));
                context.Response.StatusCode = 204;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or HttpListenerException)
        {
            // The test is over.
        }
    }
}
