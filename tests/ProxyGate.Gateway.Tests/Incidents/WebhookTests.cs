using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Incidents.Webhooks;
using ProxyGate.Gateway.Tests.EventLog;
using ProxyGate.Tests.Events;

namespace ProxyGate.Gateway.Tests.Incidents;

public sealed class WebhookTests
{
    private const string Secret = "a secret nobody guesses";

    private readonly FakeTimeProvider _clock = new(new DateTimeOffset(2026, 3, 1, 7, 0, 0, TimeSpan.Zero));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_is_valid_signed_and_sent_once()
    {
        var receiver = new Receiver(_clock);
        using var sender = await StartAsync(receiver);

        sender.Offer(Told(IncidentMoment.Opened));

        await Eventually.AssertAsync(() => receiver.Messages.Count == 1, "the message");
        var message = receiver.Messages.Single();
        await EventLineSchema.AssertValidIncidentAsync(message.Body);
        Assert.Equal("opened", message.Json.GetProperty("moment").GetString());
        Assert.Equal(message.Json.GetProperty("delivery").GetString(), message.Delivery);
        var parts = message.Signature.Split(',').ToDictionary(p => p.Split('=')[0], p => p.Split('=')[1]);
        Assert.Equal(_clock.GetUtcNow().ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture), parts["t"]);
        Assert.Equal(Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts["t"]}.{message.Body}"))), parts["v1"]);
    }

    [Fact]
    public async Task A_receiver_that_is_away_gets_it_later_with_the_same_delivery_and_a_new_signature()
    {
        var receiver = new Receiver(_clock) { Answers = new([HttpStatusCode.ServiceUnavailable, null, HttpStatusCode.TooManyRequests, HttpStatusCode.NoContent]) };
        using var sender = await StartAsync(receiver);

        sender.Offer(Told(IncidentMoment.Worsened));

        await AdvanceUntilAsync(() => receiver.Messages.Count == 4);
        Assert.Single(receiver.Messages.Select(m => m.Delivery).Distinct());
        Assert.Single(receiver.Messages.Select(m => m.Body).Distinct());
        // Two attempts may fall into one second, the first and the last do not.
        Assert.NotEqual(receiver.Messages.First().Signature, receiver.Messages.Last().Signature);
        // The clock may go on between signing and arriving.
        Assert.All(receiver.Messages, m => Assert.InRange(m.At.ToUnixTimeSeconds() - long.Parse(m.Signature.Split(',')[0][2..], CultureInfo.InvariantCulture), 0, 5));
        Assert.Equal(0, sender.GivenUp);
    }

    [Fact]
    public async Task The_pauses_grow_and_end()
    {
        var receiver = new Receiver(_clock) { Always = HttpStatusCode.BadGateway };
        using var sender = await StartAsync(receiver);
        sender.Offer(Told(IncidentMoment.Opened));

        await AdvanceUntilAsync(() => sender.GivenUp == 1, TimeSpan.FromSeconds(5));

        Assert.Equal(11, receiver.Messages.Count);
        var times = receiver.Messages.Select(m => m.At).ToList();

        // Each pause has its jitter, and the clock goes in steps: the halves are compared.
        Assert.True(times[^1] - times[5] > times[5] - times[0], "The later pauses are no longer than the first.");
        Assert.InRange(times[^1] - times[0], TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(60));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Redirect)]
    public async Task What_a_receiver_refuses_is_not_sent_again(HttpStatusCode status)
    {
        var receiver = new Receiver(_clock) { Always = status };
        using var sender = await StartAsync(receiver);
        sender.Offer(Told(IncidentMoment.Opened));
        await Eventually.AssertAsync(() => sender.GivenUp == 1, "the message is given up");
        Assert.Single(receiver.Messages);
    }

    [Fact]
    public async Task Only_what_was_asked_for_is_told()
    {
        var receiver = new Receiver(_clock);
        using var sender = await StartAsync(receiver, IncidentMoments.Recovered);
        sender.Offer(Told(IncidentMoment.Opened));
        sender.Offer(Told(IncidentMoment.Worsened));
        sender.Offer(Told(IncidentMoment.Recovered));
        await Eventually.AssertAsync(() => !receiver.Messages.IsEmpty, "the message");
        await sender.StopAsync(Stop);
        Assert.Equal("recovered", Assert.Single(receiver.Messages).Json.GetProperty("moment").GetString());
    }

    [Fact]
    public async Task Offering_never_waits_and_what_does_not_fit_is_counted()
    {
        var receiver = new Receiver(_clock) { Blocked = new TaskCompletionSource() };
        using var sender = await StartAsync(receiver);
        for (var i = 0; i < 1000; i++) sender.Offer(Told(IncidentMoment.Opened));
        Assert.InRange(sender.GivenUp, 1000 - 258, 1000 - 256);
        receiver.Blocked.SetResult();
    }

    [Fact]
    public async Task What_is_told_at_the_very_end_is_still_sent()
    {
        var receiver = new Receiver(_clock);
        using var sender = await StartAsync(receiver);
        for (var i = 0; i < 5; i++) sender.Offer(Told(IncidentMoment.Recovered));
        await sender.StopAsync(Stop);
        Assert.Equal(5, receiver.Messages.Count);
    }

    [Fact]
    public async Task What_cannot_be_told_before_a_stop_is_told_by_the_next_run_in_order_and_with_the_same_deliveries()
    {
        var away = new Receiver(_clock) { Always = HttpStatusCode.ServiceUnavailable };
        using var first = await StartAsync(away);
        foreach (var moment in (IncidentMoment[])[IncidentMoment.Opened, IncidentMoment.Worsened, IncidentMoment.Recovered]) first.Offer(Told(moment));
        await Eventually.AssertAsync(() => !away.Messages.IsEmpty, "the first try");
        var stopping = first.StopAsync(Stop);
        await AdvanceUntilAsync(() => stopping.IsCompleted);
        await stopping;

        var left = first.Outbox.Take().Waiting;
        Assert.Equal((3, 0), (left.Count, first.GivenUp));
        var back = new Receiver(_clock);
        using var next = await StartAsync(back);
        next.Resume(left);
        await Eventually.AssertAsync(() => next.Outbox.Count == 0, "all is told");
        Assert.Equal(left.Select(m => m.Delivery), back.Messages.Select(m => m.Delivery));
        Assert.Equal(["opened", "worsened", "recovered"], back.Messages.Select(m => m.Json.GetProperty("moment").GetString()));
        Assert.Equal(left.Select(m => m.Delivery).Order(), next.Outbox.Take().Settled.Order());
    }

    [Fact]
    public async Task What_is_delivered_at_once_is_never_stored_and_what_waits_is_stored_once()
    {
        var receiver = new Receiver(_clock) { Blocked = new TaskCompletionSource() };
        using var sender = await StartAsync(receiver);
        sender.Offer(Told(IncidentMoment.Opened));
        var stored = Assert.Single(sender.Outbox.Take().Waiting);
        Assert.True(sender.Outbox.Take().IsEmpty);
        receiver.Blocked.SetResult();
        await Eventually.AssertAsync(() => sender.Outbox.Count == 0, "it is told");
        Assert.Equal([stored.Delivery], sender.Outbox.Take().Settled);

        sender.Offer(Told(IncidentMoment.Recovered));
        await Eventually.AssertAsync(() => sender.Outbox.Count == 0, "it is told");
        Assert.True(sender.Outbox.Take().IsEmpty);
    }

    [Fact]
    public async Task Word_of_the_day_before_yesterday_is_given_up_and_counted()
    {
        var receiver = new Receiver(_clock);
        using var sender = await StartAsync(receiver);
        sender.Resume([new WebhookMessage("d1", sender.Keys[0], _clock.GetUtcNow().AddDays(-2), "{}"u8.ToArray()), new WebhookMessage("d2", "another webhook", _clock.GetUtcNow(), "{}"u8.ToArray())]);
        Assert.Equal((1L, 0), (sender.GivenUp, sender.Outbox.Count));
        Assert.Equal(["d1"], sender.Outbox.Take().Settled);
        Assert.Empty(receiver.Messages);
    }

    [Fact]
    public void What_was_never_written_need_not_be_undone()
    {
        var (one, two, three) = (Message("1"), Message("2"), Message("3"));
        var change = new OutboxChange([one, two], []).Then(new OutboxChange([three], ["1", "0"]));
        Assert.Equal([two, three], change.Waiting);
        Assert.Equal(["1", "0"], change.Settled);

        static WebhookMessage Message(string delivery) => new(delivery, "x", DateTimeOffset.UnixEpoch, []);
    }

    [Fact]
    public async Task A_recovery_is_a_valid_line_of_the_log_hostile_names_and_all()
    {
        var told = Told(IncidentMoment.Recovered);
        var recovery = new RecoveryEvent { Time = told.Time, Incident = told.Incident with { Route = "a\r\n\"b\u202e" }, DownSince = told.Time.AddMinutes(-1), Downtime = TimeSpan.FromSeconds(12.3456), Failures = 3 };
        var line = IncidentEventJson.ToLine(recovery);
        await EventLineSchema.AssertValidRecoveryAsync(line);
        Assert.DoesNotContain('\n', line);
        Assert.Contains("\"downtime_ms\":12345", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_that_say_the_same_are_the_same_so_that_a_reload_warns_of_no_change()
    {
        Assert.Equal(Settings("https://hooks.example/x"), Settings("https://hooks.example/x"));
        Assert.NotEqual(Settings("https://hooks.example/x"), Settings("https://hooks.example/y"));

        static IncidentSettings Settings(string url) => new() { Webhooks = [new WebhookSettings { Url = url, Secret = Secret }] };
    }

    private async Task<WebhookSender> StartAsync(Receiver receiver, IncidentMoments on = IncidentMoments.All)
    {
        var sender = new WebhookSender([new WebhookSettings { Url = "http://127.0.0.1:9/hook", Secret = Secret, On = on }], receiver, _clock, NullLogger.Instance);
        await sender.StartAsync(Stop);
        return sender;
    }

    private async Task AdvanceUntilAsync(Func<bool> done, TimeSpan? step = null) => await Eventually.AssertAsync(
        () =>
        {
            if (done()) return true;
            _clock.Advance(step ?? TimeSpan.FromMilliseconds(250));
            return false;
        },
        "the message got through or was given up");

    private IncidentEvent Told(IncidentMoment moment) => new()
    {
        Time = _clock.GetUtcNow(),
        Moment = moment,
        Reason = "It fails for the first time.",
        OutageDowntime = moment == IncidentMoment.Recovered ? TimeSpan.FromSeconds(4) : null,
        Incident = new Incident
        {
            Id = "inc-2b5c-9dkw",
            Gateway = "web1",
            Route = "shop",
            Destination = "app1",
            Cause = "connect_refused",
            FirstSeen = _clock.GetUtcNow(),
            LastSeen = _clock.GetUtcNow(),
            RecoveredAt = moment == IncidentMoment.Recovered ? _clock.GetUtcNow() : null,
            Count = 3,
            Sentence = "Nothing listens on 127.0.0.1:5000.",
        },
    };

    private sealed record Message(string Body, string Delivery, string Signature, DateTimeOffset At)
    {
        public JsonElement Json => JsonDocument.Parse(Body).RootElement;
    }

    /// <summary>Keeps what it is sent, and answers as told; null stands for a connection that breaks.</summary>
    private sealed class Receiver(TimeProvider clock) : HttpMessageHandler
    {
        public ConcurrentQueue<Message> Messages { get; } = new();

        public ConcurrentQueue<HttpStatusCode?> Answers { get; init; } = new();

        public HttpStatusCode Always { get; init; } = HttpStatusCode.OK;

        public TaskCompletionSource? Blocked { get; init; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Blocked is not null) await Blocked.Task.WaitAsync(cancellationToken);
            Messages.Enqueue(new Message(
                await request.Content!.ReadAsStringAsync(cancellationToken), request.Headers.GetValues("ProxyGate-Delivery").Single(), request.Headers.GetValues("ProxyGate-Signature").Single(), clock.GetUtcNow()));
            if (!Answers.TryDequeue(out var answer)) answer = Always;
            return new HttpResponseMessage(answer ?? throw new HttpRequestException("reset"));
        }
    }
}
