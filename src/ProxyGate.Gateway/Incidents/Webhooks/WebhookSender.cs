using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.Retry;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Incidents.Webhooks;

/// <summary>
/// Tells webhooks of incidents, one message of each at a time and in order, tried again with growing pauses while the receiver is away. What waits
/// is bounded; what does not fit is counted and said.
/// </summary>
internal sealed partial class WebhookSender : BackgroundService
{
    private const int MostWaiting = 256;

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    private readonly IReadOnlyList<Target> _targets;
    private readonly HttpMessageInvoker _http;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;

    public WebhookSender(IGatewaySettingsSource settings, TimeProvider clock, ILogger<WebhookSender> log)
        : this(settings.Current.Incidents.Webhooks, new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, ConnectTimeout = TryLimit }, clock, log)
    {
    }

    internal WebhookSender(IReadOnlyList<WebhookSettings> webhooks, HttpMessageHandler handler, TimeProvider clock, ILogger log)
    {
        (_http, _clock, _log) = (new HttpMessageInvoker(handler), clock, log);
        _targets = [.. webhooks.Select(w => new Target(w))];
    }

    /// <summary>Messages given up since the start: the receiver refused them or was away too long, or too many waited.</summary>
    public long GivenUp => _targets.Sum(t => t.GivenUp);

    /// <summary>Never waits.</summary>
    public void Offer(IncidentEvent told)
    {
        foreach (var target in _targets)
        {
            if (!target.Settings.Wants(told.Moment)) continue;
            if (!target.Waiting.Writer.TryWrite(told)) GiveUp(target, "too many messages wait for it");
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var target in _targets) target.Waiting.Writer.TryComplete();
        // What was told at the very end still gets its first try.
        if (ExecuteTask is { } sending) await Task.WhenAny(sending, Task.Delay(CloseLimit, _clock, cancellationToken));
        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        _http.Dispose();
        base.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(_targets.Select(t => SendAllAsync(t, stoppingToken)));

    private async Task SendAllAsync(Target target, CancellationToken stop)
    {
        var retrying = new ResiliencePipelineBuilder<int> { TimeProvider = _clock }
            .AddRetry(new RetryStrategyOptions<int>
            {
                ShouldHandle = new PredicateBuilder<int>().HandleResult(IsWorthAnotherTry).Handle<HttpRequestException>().Handle<IOException>().Handle<TimeoutException>(),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = TimeSpan.FromMinutes(5),
                MaxRetryAttempts = 10,
            })
            .Build();
        try
        {
            await foreach (var told in target.Waiting.Reader.ReadAllAsync(stop))
            {
                var delivery = Guid.NewGuid().ToString("n");
                var body = IncidentEventJson.ToBody(told, delivery);
                try
                {
                    var status = await retrying.ExecuteAsync(async token => await TryAsync(target, body, delivery, token), stop);
                    if (status is < 200 or > 299) GiveUp(target, FormattableString.Invariant($"it answered {status}"));
                }
                catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
                {
                    GiveUp(target, e.Message);
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            if (target.Waiting.Reader.Count > 0) GiveUp(target, "the gateway stopped", target.Waiting.Reader.Count);
        }
    }

    private async Task<int> TryAsync(Target target, byte[] body, string delivery, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TryLimit);
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Settings.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        request.Headers.TryAddWithoutValidation("User-Agent", "ProxyGate");
        request.Headers.TryAddWithoutValidation("ProxyGate-Delivery", delivery);
        // Anew for each try: a receiver refuses what is old.
        request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(body, target.Settings.Secret, _clock.GetUtcNow()));
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            return (int)response.StatusCode;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            throw new TimeoutException("it did not answer in ten seconds");
        }
    }

    private static bool IsWorthAnotherTry(int status) => status is 408 or 425 or 429 or >= 500;

    private void GiveUp(Target target, string reason, int messages = 1)
    {
        target.GivenUp += messages;
        if (target.GivenUp == messages || _clock.GetElapsedTime(target.Complained) > TimeSpan.FromMinutes(1))
        {
            target.Complained = _clock.GetTimestamp();
            LogGivenUp(_log, target.Settings.Name, reason, target.GivenUp);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The webhook {Url:l} could not be told of an incident: {Reason:l}. Messages given up since the start: {GivenUp}.")]
    private static partial void LogGivenUp(ILogger log, string url, string reason, long givenUp);

    private sealed class Target(WebhookSettings settings)
    {
        public WebhookSettings Settings => settings;

        public Channel<IncidentEvent> Waiting { get; } = Channel.CreateBounded<IncidentEvent>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        public long GivenUp { get; set; }

        public long Complained { get; set; }
    }
}
