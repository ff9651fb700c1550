using System.Collections.Concurrent;
using System.Globalization;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>Every fault, 64 requests at a time, in the middle of healthy traffic: nobody's fault may become somebody else's.</summary>
public sealed class MixedMatrixTests
{
    private const int AtOnce = 64;
    private const int Rounds = 3;
    private const int HealthyClients = 8;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);
    private static readonly string[] Formats = ["application/problem+json", "text/html", "application/problem+json"];

    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _lanes = new();

    [Fact]
    public async Task Faults_at_once_get_the_verdicts_they_get_alone_and_harm_no_healthy_request()
    {
        await using var app = new EchoApp();
        await using var stand = await FaultStand.StartAsync(
            FaultCatalogue.All.Where(f => f is { RequiresNamespace: false, RequiresOwnGateway: false }),
            FaultTimeouts.Patient,
            inNamespace: false,
            new Dictionary<string, (string, string)> { ["healthy"] = ("/healthy/{**rest}", app.Address) },
            TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var over = new CancellationTokenSource();
        var healthy = Enumerable.Range(0, HealthyClients).Select(n => VisitAsync(stand.Gateway, n, over.Token)).ToArray();
        try
        {
            await Parallel.ForEachAsync(
                Order(stand.Running),
                new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = limit.Token },
                async (one, cancellationToken) => await MeetAsync(stand, one.Fault, one.Round, cancellationToken));
        }
        finally
        {
            await over.CancelAsync();
        }

        var served = (await Task.WhenAll(healthy)).Sum();
        stand.Gateway.AssertAlive();
        foreach (var line in stand.Gateway.Troubles) _wrong.Enqueue($"The gateway said: {line}");
        await CheckEventsAsync(stand);
        Assert.True(_wrong.IsEmpty, $"{_wrong.Count} went wrong:\n{string.Join("\n\n", _wrong.Take(40))}");
        Assert.True(served >= 500, $"Only {served} healthy requests were made meanwhile.");
    }

    /// <summary>Each round in another order, always the same one.</summary>
    private static IEnumerable<(Fault Fault, int Round)> Order(IReadOnlyList<RunningFault> running)
    {
        for (var round = 0; round < Rounds; round++)
        {
            var shuffled = running.ToArray();
            new Random(round).Shuffle(shuffled);
            foreach (var one in shuffled) yield return (one.Fault, round);
        }
    }

    private async Task MeetAsync(FaultStand stand, Fault fault, int round, CancellationToken cancellationToken)
    {
        // Where one request is another's fate (a connection warmed up, one shared by streams, a place taken, a process that dies), two at
        // once would be another fault.
        var alone = fault.Request is { WarmUps: > 0 } or { Crowd: > 0 } || fault.Family == FaultFamily.Http2 || FaultStand.DiesOf(fault);
        var lane = _lanes.GetOrAdd(fault.Id, _ => new SemaphoreSlim(alone ? 1 : AtOnce));
        await lane.WaitAsync(cancellationToken);
        try
        {
            await stand.AliveAsync(fault, cancellationToken);
            var mark = string.Create(CultureInfo.InvariantCulture, $"run-{round}-{fault.Id}");
            await Verdicts.AssertAsync(stand.Gateway, fault, Formats[round], cancellationToken, mark);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            _wrong.Enqueue($"Round {round}, {e.Message}");
        }
        finally
        {
            lane.Release();
        }
    }

    private async Task<int> VisitAsync(GatewayProcess gateway, int number, CancellationToken over)
    {
        using var client = new SteadyClient(gateway.Address, $"/healthy/{number}");
        var served = 0;
        for (; !over.IsCancellationRequested; served++)
        {
            var result = await client.SendAsync(CancellationToken.None);
            if (!result.Fine) _wrong.Enqueue($"A healthy request broke: {result}");
        }

        if (client.Connections > 1) _wrong.Enqueue($"A healthy client lost its connection {client.Connections - 1} times.");
        return served;
    }

    /// <summary>
    /// No event belongs to a healthy route, nor to an odd but correct app unless a second attempt saved the request, and each names the route
    /// of its own path.
    /// </summary>
    private async Task CheckEventsAsync(FaultStand stand)
    {
        var correct = stand.Running.Select(r => r.Fault).Where(f => f.Expect.Cause is null && f.Expect.Or.Count == 0).Select(FaultGatewayConfig.IdOf).ToHashSet();
        foreach (var logged in await stand.Gateway.Events.AllAsync(TestContext.Current.CancellationToken))
        {
            if (logged.Id.Length == 0) continue; // told of the gateway, not of a request
            if (logged.Path.StartsWith("/healthy/", StringComparison.Ordinal) || logged.Route == "healthy" || (correct.Contains(logged.Route) && !logged.Saved))
            {
                _wrong.Enqueue($"A healthy request was blamed: {logged.Line}");
            }
            else if (logged.Route.Length > 0 && !logged.Path.StartsWith($"/faults/{logged.Route["fault-".Length..]}/", StringComparison.Ordinal))
            {
                _wrong.Enqueue($"An event names another route than its request's: {logged.Line}");
            }
        }
    }
}
