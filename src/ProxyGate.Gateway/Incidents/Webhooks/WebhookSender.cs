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
/// is bounded; what does not fit is counted and said. What still waits at a stop is stored, and sent by the next run.
/// </summary>
internal sealed partial class WebhookSender : BackgroundService
{
    private const int MostWaiting = 256;

    private static readonly TimeSpan TryLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(3);

    /// <summary>Word of an outage before that helps nobody.</summary>
    private static readonly TimeSpan Outdated = TimeSpan.FromDays(1);

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

    /// <summary>The webhooks there are, by their keys.</summary>
    public IReadOnlyList<string> Keys => [.. _targets.Select(t => t.Key)];

    /// <summary>What waits.</summary>
    public Outbox Outbox { get; } = new();

    /// <summary>Never waits.</summary>
    public void Offer(IncidentEvent told)
    {
        foreach (var target in _targets)
        {
            if (!target.Settings.Wants(told.Moment)) continue;
            var delivery = Guid.NewGuid().ToString("n");
            var message = new WebhookMessage(delivery, target.Key, told.Time, IncidentEventJson.ToBody(told, delivery));
            Outbox.Add(message);
            Enqueue(target, message);
        }
    }

    /// <summary>Sends what a run before could not.</summary>
    public void Resume(IReadOnlyList<WebhookMessage> left)
    {
        if (left.Count == 0) return;
        LogResumed(_log, left.Count);
        foreach (var message in left)
        {
            if (_targets.FirstOrDefault(t => t.Key == message.Target) is not { } target) continue;
            Outbox.Add(message, isStored: true);
            if (_clock.GetUtcNow() - message.Time <= Outdated)
            {
                Enqueue(target, message);
                continue;
            }

            Outbox.Settle(message);
            GiveUp(target, "it is older than a day");
        }
    }

    /// <summary>Says what could not be told before the stop.</summary>
    /// <param name="lost">Why it could not be stored either; absent when it is.</param>
    public void SayWhatIsLeft(string? lost)
    {
        if (Outbox.Count is not (> 0 and var left)) return;
        if (lost is null) LogLeft(_log, left);
        else LogLost(_log, left, lost);
    }

    /// <summary>May be called again. What is left then waits in the <see cref="Outbox"/>.</summary>
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
            await foreach (var message in target.Waiting.Reader.ReadAllAsync(stop))
            {
                // What waits for the next try at a stop is left to the next run.
                stop.ThrowIfCancellationRequested();
                try
                {
                    var status = await retrying.ExecuteAsync(async token => await TryAsync(target, message, token), stop);
                    if (status is < 200 or > 299) GiveUp(target, FormattableString.Invariant($"it answered {status}"));
                }
                catch (Exception e) when (e is HttpRequestException or IOException or TimeoutException)
                {
                    GiveUp(target, e.Message);
                }

                Outbox.Settle(message);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The outbox has it.
        }
    }

    private async Task<int> TryAsync(Target target, WebhookMessage message, CancellationToken stop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(TryLimit);
        using var request = new HttpRequestMessage(HttpMethod.Post, target.Settings.Url) { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json; charset=utf-8");
        request.Headers.TryAddWithoutValidation("User-Agent", "ProxyGate");
        request.Headers.TryAddWithoutValidation("ProxyGate-Delivery", message.Delivery);
        // Anew for each try: a receiver refuses what is old.
        request.Headers.TryAddWithoutValidation(WebhookSignature.Header, WebhookSignature.Of(message.Body, target.Settings.Secret, _clock.GetUtcNow()));
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

    private void Enqueue(Target target, WebhookMessage message)
    {
        if (target.Waiting.Writer.TryWrite(message)) return;
        Outbox.Settle(message);
        GiveUp(target, "too many messages wait for it");
    }

    private void GiveUp(Target target, string reason)
    {
        target.GivenUp++;
        if (target.GivenUp == 1 || _clock.GetElapsedTime(target.Complained) > TimeSpan.FromMinutes(1))
        {
            target.Complained = _clock.GetTimestamp();
            LogGivenUp(_log, target.Settings.Name, reason, target.GivenUp);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The webhook {Url:l} could not be told of an incident: {Reason:l}. Messages given up since the start: {GivenUp}.")]
    private static partial void LogGivenUp(ILogger log, string url, string reason, long givenUp);

    [LoggerMessage(Level = LogLevel.Information, Message = "Messages for webhooks that were left when a gateway stopped, and are sent now: {Messages}.")]
    private static partial void LogResumed(ILogger log, int messages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Messages for webhooks that could not be delivered before the stop: {Messages}. They are stored, and sent when the gateway starts again.")]
    private static partial void LogLeft(ILogger log, int messages);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Messages for webhooks that could not be delivered before the stop, and are lost: {Messages}. {Reason:l}")]
    private static partial void LogLost(ILogger log, int messages, string reason);

    private sealed class Target(WebhookSettings settings)
    {
        public WebhookSettings Settings => settings;

        public string Key { get; } = settings.Key;

        public Channel<WebhookMessage> Waiting { get; } = Channel.CreateBounded<WebhookMessage>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });

        public long GivenUp { get; set; }

        public long Complained { get; set; }
    }
}
