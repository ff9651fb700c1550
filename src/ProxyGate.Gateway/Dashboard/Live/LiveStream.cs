using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Dashboard.Api;
using ProxyGate.Gateway.Dashboard.Views;
using ProxyGate.Gateway.Incidents.Reading;

namespace ProxyGate.Gateway.Dashboard.Live;

/// <summary>
/// What changes, as server-sent events. Bounded on all sides: so many readers, so many events a second for each, and who was too slow is
/// told that something is missing. A reader that comes back with the id of its last event is told what happened since. Ends when the gateway stops.
/// </summary>
internal sealed class LiveStream(IIncidentArchive archive, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    public const int MostReaders = 64;

    /// <summary>In a storm nobody reads each; a screen asks anew every two seconds at most.</summary>
    private const int MostASecond = 50;

    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private int _readers;

    public async Task WriteAsync(HttpContext context)
    {
        if (Interlocked.Increment(ref _readers) > MostReaders)
        {
            Interlocked.Decrement(ref _readers);
            context.Response.Headers.RetryAfter = "30";
            await ApiJson.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many readers", $"{MostReaders} readers follow already.");
            return;
        }

        try
        {
            context.Response.ContentType = "text/event-stream";
            if (HttpMethods.IsHead(context.Request.Method)) return;
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
            await new Reader(context, archive, clock, ended).RunAsync();
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private sealed class Reader(HttpContext context, IIncidentArchive archive, TimeProvider clock, CancellationTokenSource ended)
    {
        private bool _missed;
        private int _written;
        private long _second;

        public async Task RunAsync()
        {
            var stop = ended.Token;
            await using var changes = archive.WatchAsync(stop).GetAsyncEnumerator(stop);
            var next = changes.MoveNextAsync().AsTask();
            try
            {
                context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
                await SendAsync("retry: 3000\n: here are changes from now on\n\n");
                await CatchUpAsync();
                while (!stop.IsCancellationRequested)
                {
                    if (!await ComesAsync(next))
                    {
                        await (_missed ? MissedAsync() : SendAsync(": alive\n\n"));
                        continue;
                    }

                    if (!await next) return;
                    await TellAsync(changes.Current);
                    next = changes.MoveNextAsync().AsTask();
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException && stop.IsCancellationRequested)
            {
                // The reader left, or the gateway stops.
            }
            finally
            {
                await ended.CancelAsync();
                await next.ContinueWith(static _ => { }, TaskScheduler.Default);
            }
        }

        private async Task<bool> ComesAsync(Task<bool> next)
        {
            if (next.IsCompleted) return true;
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(ended.Token);
            var quiet = Task.Delay(_missed ? Second : Heartbeat, clock, enough.Token);
            var first = await Task.WhenAny(next, quiet);
            await enough.CancelAsync();
            return first == next;
        }

        private async Task TellAsync(ArchiveChange change)
        {
            var second = clock.GetUtcNow().ToUnixTimeSeconds();
            if (second != _second) (_second, _written) = (second, 0);
            if (change.Kind == ArchiveChangeKind.Missed || _written >= MostASecond)
            {
                _missed = true;
                return;
            }

            _written++;
            if (_missed) await MissedAsync();
            await SendAsync(change.Kind, change.Incident is { } i ? IncidentRow.Of(i) : null, change.Failure is { } f ? FailureRow.Of(f) : null);
        }

        /// <summary>What happened since the last event the reader has.</summary>
        private async Task CatchUpAsync()
        {
            if (!long.TryParse(context.Request.Headers["Last-Event-ID"], CultureInfo.InvariantCulture, out var last) || last is < 0 or > 253_402_300_799_999) return;
            var since = DateTimeOffset.FromUnixTimeMilliseconds(last);
            var incidents = await archive.IncidentsAsync(new IncidentFilter { From = since, Limit = ArchivePage.Largest }, ended.Token);
            var failures = await archive.FailuresAsync(new FailureFilter { From = since, Limit = ArchivePage.Largest }, ended.Token);
            if (incidents.Next is not null || failures.Next is not null) await MissedAsync();
            foreach (var incident in incidents.Items) await SendAsync(ArchiveChangeKind.Updated, IncidentRow.Of(incident), null);
            foreach (var failure in failures.Items.Reverse()) await SendAsync(ArchiveChangeKind.Failure, null, FailureRow.Of(failure));
        }

        private Task MissedAsync()
        {
            _missed = false;
            return SendAsync(ArchiveChangeKind.Missed, null, null);
        }

        private Task SendAsync(ArchiveChangeKind kind, IncidentRow? incident, FailureRow? failure)
        {
            var data = JsonSerializer.Serialize(new LiveChange(KindOf(kind), incident, failure), ApiJson.TypeOf<LiveChange>());
            return SendAsync(string.Create(CultureInfo.InvariantCulture, $"id: {clock.GetUtcNow().ToUnixTimeMilliseconds()}\nevent: change\ndata: {data}\n\n"));
        }

        private async Task SendAsync(string text)
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), ended.Token);
            await context.Response.Body.FlushAsync(ended.Token);
        }

        private static string KindOf(ArchiveChangeKind kind) => kind switch
        {
            ArchiveChangeKind.Opened => "opened",
            ArchiveChangeKind.Worsened => "worsened",
            ArchiveChangeKind.Recovered => "recovered",
            ArchiveChangeKind.Failure => "failure",
            ArchiveChangeKind.Missed => "missed",
            _ => "updated",
        };
    }
}

/// <summary>The data of one server-sent event.</summary>
/// <param name="Kind">opened, worsened, recovered, updated, failure, or missed: ask anew.</param>
/// <param name="Incident">As it stands now.</param>
/// <param name="Failure">The failure that was kept.</param>
internal sealed record LiveChange(string Kind, IncidentRow? Incident, FailureRow? Failure);
