using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Probing.Names;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>
/// The way to one destination, step by step and with every technique: its name, then each address with its connect. What is said over the
/// connection is for the one who climbs: the gateway's own client speaks as the configuration tells it. Each step is said as it is taken,
/// by one thread at a time.
/// </summary>
public sealed class Ladder
{
    private const int MostAddresses = 8;

    private readonly ProbeRun _run;
    private readonly Question _question;
    private readonly DnsMemory _memory;
    private readonly Action<LadderStep> _step;
    private readonly TimeProvider _clock;
    private readonly long _started;
    private NamesSeen _names = new([], [], []);
    private IReadOnlyList<AddressTry> _tries = [];
    private IReadOnlyList<ChangeFacts> _changes = [];
    private PathFacts? _path;
    private ServiceFacts? _service;

    internal Ladder(ProbeRun run, Question question, DnsMemory memory, Action<LadderStep> step, TimeProvider clock)
    {
        (_run, _question, _memory, _step, _clock) = (run, question, memory, step, clock);
        _started = clock.GetTimestamp();
    }

    /// <summary>The addresses the destination has now; a unix socket has none.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; private set; } = [];

    /// <summary>Where a connection was accepted, the first in the order of the addresses; absent when none was.</summary>
    public EndPoint? Foothold { get; private set; }

    /// <summary>The name, then all its addresses side by side.</summary>
    public async Task ReachAsync(CancellationToken cancellationToken)
    {
        await NameAsync(cancellationToken);
        if (_question.SocketPath is { } path)
        {
            var end = ProbeTarget.EndOf(_question, null)!;
            var connect = await _run.ConnectAsync(end, cancellationToken);
            _tries = [connect];
            if (connect.Connected) Foothold = end;
            Tell(path, connect, null, connect.Connected);
            return;
        }

        Addresses = [.. Known().Distinct().Take(MostAddresses)];
        if (Addresses.Count == 0) _step(new LadderStep(Rung.Tcp, _question.ConfiguredUrl, StepResult.LeftOut, 0, ["there is no address to connect to"]));
        var looked = await Task.WhenAll(Addresses.Select(a => _run.PathAsync(a, _question.OtherConfigured, cancellationToken)));
        var tries = new List<AddressTry>();
        for (var i = 0; i < looked.Length; i++)
        {
            if (looked[i] is not { Tries: [var connect, ..] } seen) continue;
            tries.Add(connect);
            if (Foothold is null && connect.Connected) (Foothold, _path) = (Addresses[i], seen.Facts);
        }

        _tries = tries;
        _path ??= looked.FirstOrDefault(l => l is not null)?.Facts;
        foreach (var (seen, address) in looked.Zip(Addresses))
        {
            if (seen is { Tries: [var connect, ..] }) Tell(address.ToString(), connect, seen.Facts, Foothold is not null);
        }
    }

    /// <summary>Finds out what speaks there, in every language there is. Nothing is said of it as a step.</summary>
    public async Task SpeakAsync(CancellationToken cancellationToken)
    {
        if (Foothold is { } end && _tries.FirstOrDefault(t => t.Connected) is { } connect) _service = await _run.ServiceAsync(end, connect, cancellationToken);
    }

    /// <summary>What was seen so far.</summary>
    public ProbeResult Result() => new()
    {
        Names = _names.Answers,
        NameAddresses = _names.Addresses,
        Addresses = _tries,
        Service = _service ?? (_tries is [{ Connected: false } first, ..]
            ? new ServiceFacts { Connected = false, ConnectErrno = first.Errno, ConnectTimedOut = first.TimedOut, ConnectMs = first.DurationMs }
            : null),
        Path = _path,
        Changes = _changes,
        NotSeen = _run.NotSeen,
        DurationMs = _clock.GetElapsedTime(_started).TotalMilliseconds,
    };

    private async Task NameAsync(CancellationToken cancellationToken)
    {
        if (_run.Target.Name is not { } name) return;
        var started = _clock.GetTimestamp();
        var asking = _run.NamesAsync(cancellationToken);
        var system = await _run.SystemAddressesAsync(name, cancellationToken);
        _names = await asking;
        // What the system gives is what the gateway connects to, wherever it has it from.
        if (system.Count > 0) _names = _names with { Addresses = system };
        var change = _memory.Compare(name, _names.Addresses, _question.Address?.Address, _clock.GetUtcNow());
        if (change is not null) _changes = [change];
        var result = _names.Addresses.Count == 0 ? StepResult.Failed : change is not null || NameWords.Differ(_names.Answers) ? StepResult.Warned : StepResult.Passed;
        _step(new LadderStep(Rung.Name, name, result, _clock.GetElapsedTime(started).TotalMilliseconds, NameWords.Of(_names, change)) { Commands = StepCommands.Name(name) });
    }

    private IEnumerable<IPEndPoint> Known() =>
        _names.Addresses.Select(a => new IPEndPoint(a, _run.Target.Port))
            .Concat(_run.Target.FixedAddress is { } set ? [set] : _names.Addresses.Count == 0 && _question.Address is { } used ? [used] : []);

    /// <summary>An address that does not accept is a warning where another one does: the gateway goes there.</summary>
    private void Tell(string subject, AddressTry connect, PathFacts? path, bool reached)
    {
        var result = connect.Connected ? StepResult.Passed : reached ? StepResult.Warned : StepResult.Failed;
        _step(new LadderStep(Rung.Tcp, subject, result, connect.DurationMs, PathWords.Of(connect, path)) { Commands = StepCommands.Connect(subject) });
    }
}
