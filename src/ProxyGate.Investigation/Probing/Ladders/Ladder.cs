using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Names;
using ProxyGate.Investigation.Probing.Paths;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>Climbs the steps one after the other and says each.</summary>
internal sealed class Ladder(ProbeRun run, Question question, DnsMemory memory, Action<LadderStep> step, TimeProvider clock)
{
    private const int MostAddresses = 8;
    private readonly List<AddressTry> _tries = [];
    private readonly List<ChangeFacts> _changes = [];
    private PathFacts? _path;

    public async Task<ProbeResult> ClimbAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var names = await NameAsync(cancellationToken);
        var (end, connect) = await AddressesAsync(names, cancellationToken);
        ServiceFacts? service = null;
        HealthFacts? health = null;
        if (end is not null && connect is not null)
        {
            service = await run.ServiceAsync(end, connect, cancellationToken);
            if (Secure) TellTls(end, service);
            health = await HttpAsync(end, service, cancellationToken);
        }
        else
        {
            service = _tries.Count > 0 ? new ServiceFacts { Connected = false, ConnectErrno = _tries[0].Errno, ConnectTimedOut = _tries[0].TimedOut, ConnectMs = _tries[0].DurationMs } : null;
            LeaveOut();
        }

        return new ProbeResult
        {
            Names = names.Answers,
            NameAddresses = names.Addresses,
            Addresses = _tries,
            Service = service,
            Path = _path,
            Health = health,
            Changes = _changes,
            NotSeen = run.NotSeen,
            DurationMs = clock.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    private bool Secure => run.Target.Configured?.Scheme == Uri.UriSchemeHttps;

    private async Task<NamesSeen> NameAsync(CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var names = await run.NamesAsync(cancellationToken);
        if (run.Target.Name is not { } name) return names;
        var change = memory.Compare(name, names.Addresses, question.Address?.Address, clock.GetUtcNow());
        if (change is not null) _changes.Add(change);
        var result = names.Addresses.Count == 0 ? StepResult.Failed : change is not null || NameWords.Differ(names.Answers) ? StepResult.Warned : StepResult.Passed;
        step(new LadderStep(Rung.Name, name, result, clock.GetElapsedTime(started).TotalMilliseconds, NameWords.Of(names, change)));
        return names;
    }

    private async Task<(EndPoint? End, AddressTry? Connect)> AddressesAsync(NamesSeen names, CancellationToken cancellationToken)
    {
        if (question.SocketPath is { } path)
        {
            var end = ProbeTarget.EndOf(question, null)!;
            var connect = await run.ConnectAsync(end, cancellationToken);
            Tell(path, connect, null);
            return connect.Connected ? (end, connect) : (null, null);
        }

        (EndPoint?, AddressTry?) first = (null, null);
        foreach (var address in Addresses(names))
        {
            var seen = await run.PathAsync(address, question.OtherConfigured, cancellationToken);
            if (seen is not { Tries: [var connect, ..] }) continue;
            Tell(address.ToString(), connect, seen.Facts);
            if (first.Item1 is null && connect.Connected) (first, _path) = ((address, connect), seen.Facts);
            _path ??= seen.Facts;
        }

        return first;
    }

    private IEnumerable<IPEndPoint> Addresses(NamesSeen names) =>
        names.Addresses.Select(a => new IPEndPoint(a, run.Target.Port))
            .Concat(run.Target.FixedAddress is { } set ? [set] : names.Addresses.Count == 0 && question.Address is { } used ? [used] : [])
            .Distinct().Take(MostAddresses);

    private void Tell(string subject, AddressTry connect, PathFacts? path)
    {
        _tries.Add(connect);
        step(new LadderStep(Rung.Tcp, subject, connect.Connected ? StepResult.Passed : StepResult.Failed, connect.DurationMs, PathWords.Of(connect, path)));
    }

    private void TellTls(EndPoint end, ServiceFacts service)
    {
        var result = service.Tls is not { Completed: true } tls ? StepResult.Failed : tls.Problems.Count > 0 || tls.ClientCertificateRequested ? StepResult.Warned : StepResult.Passed;
        step(new LadderStep(Rung.Tls, SubjectOf(end), result, service.Tls?.HandshakeMs ?? 0, ServiceWords.OfTls(service, clock.GetUtcNow())));
    }

    private async Task<HealthFacts?> HttpAsync(EndPoint end, ServiceFacts service, CancellationToken cancellationToken)
    {
        if (await run.GreetAsync(end, cancellationToken) is { } hello)
        {
            // HTTP/2 alone is an answer too; what the gateway speaks is configured elsewhere.
            var speaks2 = service.SpeaksH2c == true || service.Alpn.Contains("h2");
            // Inside TLS, or without: an answer that asks for TLS is no answer to what is configured.
            var result = hello.Status is null ? speaks2 ? StepResult.Warned : StepResult.Failed : !Secure && service.AsksForTls ? StepResult.Failed : StepResult.Passed;
            step(new LadderStep(Rung.Http, SubjectOf(end), result, hello.DurationMs, ServiceWords.OfHttp(hello, service, Secure)));
        }

        if (await run.HealthAsync(end, cancellationToken) is not { } health) return null;
        var good = health.Status is >= 200 and < 400;
        step(new LadderStep(Rung.Health, health.Path, good ? StepResult.Passed : StepResult.Failed, health.DurationMs, [ServiceWords.OfHealth(health)]));
        return health;
    }

    private void LeaveOut()
    {
        const string Why = "nothing accepted a connection";
        var rungs = new List<Rung> { Rung.Http };
        if (Secure) rungs.Insert(0, Rung.Tls);
        if (question.HealthPath is not null) rungs.Add(Rung.Health);
        foreach (var rung in rungs) step(new LadderStep(rung, question.HealthPath is { } path && rung == Rung.Health ? path : question.ConfiguredUrl, StepResult.LeftOut, 0, [Why]));
    }

    private string SubjectOf(EndPoint end) => question.SocketPath ?? end.ToString()!;
}
