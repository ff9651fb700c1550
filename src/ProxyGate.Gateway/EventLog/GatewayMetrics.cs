using System.Diagnostics;
using System.Diagnostics.Metrics;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.EventLog;

/// <summary>A phase of a request, as the histogram names it.</summary>
internal enum RequestPhase
{
    Dns,
    Connect,
    Tls,
    Send,
    FirstByte,
    Total,
}

/// <summary>
/// The gateway's own instruments. What comes with every request is counted here and told when somebody asks. Routes, clusters and destinations come from the
/// configuration and causes from the catalogue, so the number of series is bounded; nothing of the client's becomes a tag.
/// </summary>
internal sealed class GatewayMetrics : IDisposable
{
    public const string MeterName = "ProxyGate";
    public const string RequestsName = "proxygate.requests";
    public const string StatusTag = "status";

    private static readonly string[] Phases = ["dns", "connect", "tls", "send", "first_byte", "total"];

    /// <summary>Half a millisecond to two minutes: from an app on the same host to the longest time limits in use.</summary>
    private static readonly double[] Seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

    private readonly Meter _meter;
    private readonly AnsweredRequests _requests = new();
    private readonly CountedSeries<(string Cause, string Party, string Route, string Destination, bool Saved)> _failures = new(static k =>
        [new("cause", k.Cause), new("party", k.Party), new("route", k.Route), new("destination", k.Destination), new("saved", k.Saved ? "true" : "false")]);

    private readonly CountedSeries<(string Cluster, string Cause)> _turnedAway = new(static k => [new("cluster", k.Cluster), new("cause", k.Cause)]);
    private readonly Counter<long> _retries;
    private readonly Histogram<double> _phases;
    private readonly PhaseTimes _phaseTimes;
    private readonly Counter<long> _investigations;
    private readonly Histogram<double> _investigationTime;
    private readonly Counter<long> _circuitChanges;
    private readonly Counter<long> _healthChanges;
    private readonly Histogram<double> _probes;
    private long _active;

    public GatewayMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        // Counted here, and told when somebody asks: a request must not pay for a look-up of its tags in every exporter.
        _meter.CreateObservableCounter(RequestsName, Read, "{request}", "Requests answered, by route, cluster and class of status.");
        _meter.CreateObservableCounter("proxygate.failures", _failures.Read, "{request}", "Failed requests, by cause and party; saved ones too.");
        _retries = _meter.CreateCounter<long>(
            "proxygate.retries", "{attempt}", "Attempts made after a failed one, by the cause of that one and their result (saved, failed), and those left out because the budget was used (budget_used).");
        _meter.CreateObservableCounter(
            "proxygate.requests.turned_away", _turnedAway.Read, "{request}", "Requests told at once that there is no place for them, by the cause: circuit_open, destination_limit_reached, gateway_overloaded.");
        _circuitChanges = _meter.CreateCounter<long>("proxygate.circuit.changes", "{change}", "Circuits that opened or closed.");
        _meter.CreateObservableUpDownCounter("proxygate.requests.active", () => Volatile.Read(ref _active), "{request}", "Requests being answered.");
        _phases = _meter.CreateHistogram(
            "proxygate.request.phase.duration", "s", "Time spent in each phase of a request.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _phaseTimes = new PhaseTimes(_phases, Phases);
        _investigations = _meter.CreateCounter<long>("proxygate.investigations", "{look}", "Looks at network and host after a failure, by outcome.");
        _investigationTime = _meter.CreateHistogram(
            "proxygate.investigation.duration", "s", "How long a look took.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
        _healthChanges = _meter.CreateCounter<long>("proxygate.health.changes", "{change}", "Destinations taken out of use or used again, by the cause.");
        _probes = _meter.CreateHistogram(
            "proxygate.health.check.duration", "s", "How long health checks took, by outcome.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = Seconds });
    }

    /// <summary>Whether anyone listens to the durations; without, they need not be gathered.</summary>
    public bool WantsPhases => _phases.Enabled;

    /// <summary>Told of every answer: the class of its status, 0 where it had none.</summary>
    public event Action<int>? Answered;

    public void RequestStarted() => Interlocked.Increment(ref _active);

    public void RequestEnded(string? route, string? cluster, int status, double milliseconds)
    {
        Interlocked.Decrement(ref _active);
        var statusClass = AnsweredRequests.ClassOf(status);
        _requests.Add(route, cluster, statusClass);
        Answered?.Invoke(statusClass);
        Phase(RequestPhase.Total, cluster, milliseconds);
    }

    /// <summary>Records one phase, when it was reached.</summary>
    public void Phase(RequestPhase phase, string? cluster, double? milliseconds)
    {
        if (_phases.Enabled && milliseconds is { } ms) _phaseTimes.Add((int)phase, cluster ?? "", ms / 1000);
    }

    /// <summary>What is asked is asked before the histograms are looked at: by then they have all.</summary>
    private IEnumerable<Measurement<long>> Read()
    {
        _phaseTimes.HandOn();
        return _requests.Read();
    }

    public void Failed(FailureEvent e)
    {
        var failure = e.Diagnosis.Failure;
        _failures.Of((failure.Cause.Id, ContractNames.Of(failure.Party), e.Request.Route ?? "", failure.Attempt?.Destination ?? "", e.Saved)).Add(e.Occurrences);
    }

    /// <summary>A failed request is counted as turned away where there was no place for it.</summary>
    public void TurnedAway(FailureEvent e)
    {
        var cause = e.Diagnosis.Failure.Cause.Id;
        if (cause is CauseId.CircuitOpen or CauseId.DestinationLimitReached or CauseId.GatewayOverloaded) _turnedAway.Of((e.Request.Cluster ?? "", cause)).Add(e.Occurrences);
    }

    /// <summary>The attempts behind the first, and whether the cluster's budget forbade a further one.</summary>
    public void Retried(FailureEvent e)
    {
        if (!_retries.Enabled) return;
        var causes = e.Diagnosis.Failure.AttemptCauses;
        for (var i = 1; i < causes.Count; i++) Retry(e, causes[i - 1]?.Id, e.Saved && i == causes.Count - 1 ? "saved" : "failed");
        if (e.Request.TriedNoMore == TriedNoMore.BudgetUsed) Retry(e, e.Diagnosis.Failure.Cause.Id, "budget_used");
    }

    private void Retry(FailureEvent e, string? cause, string result)
    {
        var tags = new TagList { { "cluster", e.Request.Cluster ?? "" }, { "cause", cause ?? "" }, { "result", result } };
        _retries.Add(1, tags);
    }

    /// <summary>One look after a failure: <c>found</c> a root cause, left it <c>open</c>, <c>failed</c>, or was <c>dropped</c> because too many waited.</summary>
    public void Investigated(string outcome, double? milliseconds)
    {
        if (_investigations.Enabled) _investigations.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
        if (milliseconds is { } ms && _investigationTime.Enabled) _investigationTime.Record(ms / 1000);
    }

    /// <summary>A destination is left alone from now on, or is not any more.</summary>
    public void CircuitChanged(string cluster, string destination, bool open)
    {
        if (!_circuitChanges.Enabled) return;
        var tags = new TagList { { "cluster", cluster }, { "destination", destination }, { "state", open ? "open" : "closed" } };
        _circuitChanges.Add(1, tags);
    }

    /// <summary>A destination was taken out of use, or is used again.</summary>
    public void HealthChanged(string cluster, string destination, string state, string? cause)
    {
        if (!_healthChanges.Enabled) return;
        var tags = new TagList { { "cluster", cluster }, { "destination", destination }, { "state", state }, { "cause", cause ?? "" } };
        _healthChanges.Add(1, tags);
    }

    /// <summary>One health check, <c>good</c> or <c>failed</c>.</summary>
    public void Probed(string cluster, string outcome, double milliseconds)
    {
        if (!_probes.Enabled) return;
        var tags = new TagList { { "cluster", cluster }, { "outcome", outcome } };
        _probes.Record(milliseconds / 1000, tags);
    }

    /// <summary>Shows for each destination whether requests may go there.</summary>
    public void ObserveDestinations(Func<IEnumerable<(string Cluster, string Destination, bool Available)>> read) => _meter.CreateObservableGauge(
        "proxygate.destination.available",
        () => read().Select(d => new Measurement<int>(d.Available ? 1 : 0, new("cluster", d.Cluster), new("destination", d.Destination))),
        "{destination}", "1 when requests may go to the destination, 0 when it is out of use.");

    /// <summary>Shows for each destination whether it is left alone, and how many requests wait for their turn there.</summary>
    public void ObserveTraffic(Func<IEnumerable<(string Cluster, string Destination, bool CircuitOpen, int Waiting)>> read)
    {
        _meter.CreateObservableGauge(
            "proxygate.circuit.open",
            () => read().Select(d => new Measurement<int>(d.CircuitOpen ? 1 : 0, new("cluster", d.Cluster), new("destination", d.Destination))),
            "{destination}", "1 while the destination's circuit is open and requests pass it by, otherwise 0.");
        _meter.CreateObservableGauge(
            "proxygate.queue.waiting",
            () => read().Select(d => new Measurement<int>(d.Waiting, new("cluster", d.Cluster), new("destination", d.Destination))),
            "{request}", "Requests that wait for their turn at the destination.");
    }

    /// <summary>Shows how many lines a log has dropped since the start.</summary>
    public void ObserveDropped(Func<IEnumerable<(string Log, long Dropped)>> read) => _meter.CreateObservableCounter(
        "proxygate.log.dropped",
        () => read().Select(d => new Measurement<long>(d.Dropped, new KeyValuePair<string, object?>("log", d.Log))),
        "{line}", "Log lines that could not be written.");

    public void ObserveIncidents(Func<long> open) =>
        _meter.CreateObservableGauge("proxygate.incidents.open", open, "{incident}", "Incidents that are open.");

    /// <summary>Shows how many days each certificate is still valid; negative when it has expired.</summary>
    public void ObserveCertificates(Func<IEnumerable<(string Name, DateTimeOffset NotAfter)>> read, TimeProvider clock) => _meter.CreateObservableGauge(
        "proxygate.certificate.expiry",
        () =>
        {
            var now = clock.GetUtcNow();
            return read().Select(c => new Measurement<double>((c.NotAfter - now).TotalDays, new KeyValuePair<string, object?>("certificate", c.Name)));
        },
        "d", "Days until a listener's certificate expires.");

    public void Dispose() => _meter.Dispose();
}
