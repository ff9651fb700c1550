using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>
/// An app that fails in one way after the other, and recovers each time, under steady traffic: nothing may leak, nothing may stay untold,
/// and the gateway must be well as soon as the app is. One minute here; <c>tests/load/soak.sh</c> runs it longer.
/// </summary>
public sealed class SoakTests
{
    /// <summary>Seconds to run, warm-up included.</summary>
    private const string DurationVariable = "PROXYGATE_SOAK_SECONDS";

    private const int FlakyClients = 12;
    private const int SteadyClients = 4;

    /// <summary>Upstream connections kept open for the next request may be that many more or fewer.</summary>
    private const int HandleTolerance = FlakyClients + SteadyClients;

    private const int ThreadTolerance = 8;

    /// <summary>What the collector may hold on to without it being a leak: a quarter more than after the warm-up, and 32 MiB.</summary>
    private const double MemoryTolerance = 1.25;

    private const long MemoryAllowance = 32L << 20;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(1);

    private readonly ConcurrentQueue<SteadyResult> _failed = new();
    private readonly ConcurrentQueue<string> _wrong = new();
    private readonly List<Window> _windows = [];
    private int _segment;
    private int _served;

    /// <summary>A time in which the app was well, by <see cref="Environment.TickCount64"/>.</summary>
    private sealed record Window(string After, long From, long To)
    {
        public bool Contains(SteadyResult result) => result.Began >= From + (long)Recovery.TotalMilliseconds && result.Ended < To;
    }

    [Fact]
    public async Task Gateway_stays_small_and_truthful_while_faults_come_and_go()
    {
        var seconds = Environment.GetEnvironmentVariable(DurationVariable) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 60;
        var total = TimeSpan.FromSeconds(seconds);
        var warmUp = TimeSpan.FromSeconds(Math.Clamp(seconds / 4, 15, 60));
        await using var flaky = new EchoApp();
        await using var steady = new EchoApp();
        await using var stand = await FaultStand.StartAsync(
            [],
            FaultTimeouts.Brief,
            inNamespace: false,
            new Dictionary<string, (string, string)> { ["flaky"] = ("/flaky/{**rest}", flaky.Address), ["steady"] = ("/steady/{**rest}", steady.Address) },
            TestContext.Current.CancellationToken);

        await LoadAsync(stand.Gateway, flaky, warmUp);
        var before = await RestAsync(stand.Gateway);
        await LoadAsync(stand.Gateway, flaky, total - warmUp);
        var after = await RestAsync(stand.Gateway);

        stand.Gateway.AssertAlive();
        await CheckEventsAsync(stand.Gateway);
        CheckRecovery();
        foreach (var line in stand.Gateway.Troubles) _wrong.Enqueue($"The gateway said: {line}");
        var measured = $"{_served} requests, {_failed.Count} failed; after the warm-up {before}, at the end {after}";
        TestContext.Current.SendDiagnosticMessage(measured);
        TestContext.Current.TestOutputHelper?.WriteLine(measured);
        Assert.True(_wrong.IsEmpty, $"{measured}\n{_wrong.Count} went wrong:\n{string.Join('\n', _wrong.Take(30))}");
        Assert.True(after.Handles <= before.Handles + HandleTolerance, $"Handles leak. {measured}");
        Assert.True(after.Threads <= before.Threads + ThreadTolerance, $"Threads leak. {measured}");
        Assert.True(after.Memory <= before.Memory * MemoryTolerance + MemoryAllowance, $"Memory leaks. {measured}");
    }

    /// <summary>Steady traffic on both routes while one app goes through its moods.</summary>
    private async Task LoadAsync(GatewayProcess gateway, EchoApp flaky, TimeSpan time)
    {
        using var over = new CancellationTokenSource();
        var segment = _segment++;
        var clients = Enumerable.Range(0, FlakyClients).Select(n => VisitAsync(gateway, $"/flaky/{segment}-{n}", mayFail: true, over.Token))
            .Concat(Enumerable.Range(0, SteadyClients).Select(n => VisitAsync(gateway, $"/steady/{segment}-{n}", mayFail: false, over.Token))).ToArray();
        try
        {
            await TroubleAsync(flaky, time);
        }
        finally
        {
            await over.CancelAsync();
            await Task.WhenAll(clients);
        }
    }

    private async Task TroubleAsync(EchoApp app, TimeSpan time)
    {
        (string Name, Func<Task> Begin, Func<Task> End)[] troubles =
        [
            ("stopped", app.StopAsync, () => Run(app.Start)),
            ("resetting", () => Run(() => app.Mood = AppMood.Reset), () => Run(() => app.Mood = AppMood.Healthy)),
            ("hanging", () => Run(() => app.Mood = AppMood.Hang), () => Run(() => app.Mood = AppMood.Healthy)),
            ("answering 500", () => Run(() => app.Mood = AppMood.Error), () => Run(() => app.Mood = AppMood.Healthy)),
            ("cutting answers", () => Run(() => app.Mood = AppMood.Cut), () => Run(() => app.Mood = AppMood.Healthy)),
        ];
        var clock = Stopwatch.StartNew();
        var (well, after) = (Environment.TickCount64, "the start");
        for (var n = 0; clock.Elapsed < time; n++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            _windows.Add(new Window(after, well, Environment.TickCount64));
            var (name, begin, end) = troubles[n % troubles.Length];
            await begin();
            await Task.Delay(TimeSpan.FromSeconds(1));
            await end();
            (well, after) = (Environment.TickCount64, name);
        }

        await Task.Delay(TimeSpan.FromSeconds(2));
        _windows.Add(new Window(after, well, Environment.TickCount64));
    }

    private static Task Run(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private async Task VisitAsync(GatewayProcess gateway, string prefix, bool mayFail, CancellationToken over)
    {
        using var client = new SteadyClient(gateway.Address, prefix);
        using var pace = new PeriodicTimer(Pace);
        while (!over.IsCancellationRequested)
        {
            var result = await client.SendAsync(CancellationToken.None);
            Interlocked.Increment(ref _served);
            if (!result.Fine) _failed.Enqueue(result);
            if (!result.Fine && !mayFail) _wrong.Enqueue($"A request to the healthy app failed: {result}");
            await pace.WaitForNextTickAsync(CancellationToken.None);
        }

        if (!mayFail && client.Connections > 1) _wrong.Enqueue($"A client of the healthy app lost its connection {client.Connections - 1} times.");
    }

    /// <summary>Every failed request has its one event, and no other request has any, unless a second attempt saved it.</summary>
    private async Task CheckEventsAsync(GatewayProcess gateway)
    {
        var expected = _failed.ToDictionary(r => r.Path);
        var waited = Stopwatch.StartNew();
        IReadOnlyList<LoggedEvent> events;
        while ((events = await gateway.Events.AllAsync(TestContext.Current.CancellationToken)).Count < expected.Count && waited.Elapsed < TimeSpan.FromSeconds(5))
        {
            await Task.Delay(50);
        }

        // Findings and recoveries are told of the gateway, not of a request.
        foreach (var of in events.Where(e => e.Id.Length > 0).GroupBy(e => e.Path))
        {
            if (of.All(e => e.Saved && e.Route == "flaky")) expected.Remove(of.Key);
            else if (!expected.Remove(of.Key, out var result)) _wrong.Enqueue($"An event of a request that went well: {of.First().Line}");
            else if (of.Count() > 1) _wrong.Enqueue($"{of.Count()} events of one request: {of.First().Line}");
            else if (result.FailureId is { } id && id != of.First().Id) _wrong.Enqueue($"{result} has the event {of.First().Id}.");
        }

        foreach (var left in expected.Values) _wrong.Enqueue($"There is no event of {left}");
        foreach (var unknown in events.Where(e => e.Cause is "unclassified" or "gateway_internal_error")) _wrong.Enqueue($"Not understood: {unknown.Line}");
    }

    /// <summary>One second after the app is back, nothing fails any more.</summary>
    private void CheckRecovery()
    {
        foreach (var result in _failed)
        {
            if (_windows.Find(w => w.Contains(result)) is { } window)
                _wrong.Enqueue($"Still failing {result.Began - window.From} ms after the app had been {window.After}: {result}");
        }
    }

    private sealed record Footprint(long Memory, int Handles, int Threads)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Memory / 1048576.0:0.0} MiB, {Handles} handles, {Threads} threads");
    }

    /// <summary>The gateway without traffic, once the number of its handles has come to rest.</summary>
    private static async Task<Footprint> RestAsync(GatewayProcess gateway)
    {
        var waited = Stopwatch.StartNew();
        var (handles, since) = (-1, TimeSpan.Zero);
        while (waited.Elapsed < TimeSpan.FromSeconds(10))
        {
            var now = Directory.GetFileSystemEntries($"/proc/{gateway.Pid}/fd").Length;
            if (now != handles) (handles, since) = (now, waited.Elapsed);
            else if (waited.Elapsed - since > TimeSpan.FromSeconds(2)) break;
            await Task.Delay(100);
        }

        var status = await File.ReadAllLinesAsync($"/proc/{gateway.Pid}/status");
        return new Footprint(Value(status, "VmRSS:") * 1024, handles, (int)Value(status, "Threads:"));
    }

    private static long Value(string[] lines, string name) =>
        long.Parse(lines.First(l => l.StartsWith(name, StringComparison.Ordinal))[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
}
