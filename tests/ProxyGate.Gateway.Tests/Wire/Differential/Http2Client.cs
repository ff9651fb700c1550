using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace ProxyGate.Gateway.Tests.Wire.Differential;

/// <summary>The same requests over HTTP/2.</summary>
internal sealed class Http2Client : IDisposable
{
    private static readonly UriCreationOptions AsItIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
        RequestHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
        ResponseHeaderEncodingSelector = static (_, _) => Encoding.Latin1,
    })
    {
        Timeout = TimeSpan.FromSeconds(20),
    };

    /// <summary>Whether a client of HTTP/2 can ask this at all.</summary>
    public static bool Can(Exchange exchange) => exchange is { Expects: false, Tunnel.Length: 0, Play.Early: false } && !exchange.Fields.Any(f => f.Is("Upgrade"));

    public async Task<ClientView> AskAsync(GatewayUnderTest gateway, Exchange exchange)
    {
        using var request = new HttpRequestMessage(new HttpMethod(exchange.Method), new Uri($"http://{gateway.Http2}{exchange.Target}", AsItIs))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        request.Headers.Host = "site.example";
        request.Headers.TryAddWithoutValidation(Exchange.CaseField, $"{exchange.Name}/{gateway.Name}");
        if (exchange.BodyKind != BodyKind.None) request.Content = exchange.BodyKind == BodyKind.Length ? new ByteArrayContent(exchange.Body) : new Unmeasured(exchange.Body);
        foreach (var field in exchange.Fields.Where(f => !f.Is("Connection") && !f.Is("Keep-Alive") && !f.Is("TE")))
        {
            if (!request.Headers.TryAddWithoutValidation(field.Name, field.Value.Trim())) request.Content?.Headers.TryAddWithoutValidation(field.Name, field.Value.Trim());
        }

        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            var view = new ClientView
            {
                Came = response.Headers.Contains(GatewayUnderTest.ErrorField) || response.Headers.Contains("ProxyGate-Failure") ? Came.GatewayError : Came.Answer,
                Status = (int)response.StatusCode,
                Fields = [.. Listed(response.Headers), .. Listed(response.Content.Headers)],
            };
            try
            {
                return view with { Body = await response.Content.ReadAsByteArrayAsync(), Trailers = [.. Listed(response.TrailingHeaders)] };
            }
            catch (Exception e) when (e is HttpRequestException or IOException)
            {
                return view with { Came = Came.Cut };
            }
        }
        catch (HttpRequestException e)
        {
            return new ClientView { Came = Came.Cut, Fault = e.HttpRequestError.ToString() };
        }
        catch (OperationCanceledException)
        {
            return new ClientView { Came = Came.Malformed, Fault = "nothing more came" };
        }
    }

    private static IEnumerable<StrictField> Listed(HttpHeaders headers) => headers.NonValidated.SelectMany(f => f.Value.Select(v => new StrictField(f.Key, v)));

    public void Dispose() => _client.Dispose();

    /// <summary>A body whose length nobody knows before its end.</summary>
    private sealed class Unmeasured(byte[] body) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(body).AsTask();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
