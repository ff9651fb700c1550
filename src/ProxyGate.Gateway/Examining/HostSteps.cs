using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Findings;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Host.Services;
using ProxyGate.Investigation.Probing.Ladders;

namespace ProxyGate.Gateway.Examining;

/// <summary>The steps on the app's own machine: who listens, who waits, what runs it, how it ended.</summary>
internal static class HostSteps
{
    private const int MostListeners = 4;
    private const double NearlyFull = 0.8;

    public static IEnumerable<LadderStep> Of(Question question, HostFindings seen, bool healthy, DateTimeOffset now)
    {
        EndPoint? end = question.SocketPath is { } path ? new UnixDomainSocketEndPoint(path) : question.Address;
        if (end is not null)
        {
            yield return Listener(end, seen, healthy, now);
            if (Queue(end, seen) is { } queue) yield return queue;
        }

        foreach (var service in seen.Services) yield return Service(service, healthy);
        if (seen.Death is { } death && !healthy) yield return End(death, now);
    }

    private static LadderStep Listener(EndPoint end, HostFindings seen, bool healthy, DateTimeOffset now)
    {
        var where = end.ToString()!;
        var commands = StepCommands.Listener(end);
        if (seen.Listener is not { } listener)
        {
            var elsewhere = seen is { Where: Whereabouts.Elsewhere } && seen.NotSeen.Count == 0 && end is IPEndPoint;
            var why = elsewhere ? "it is on another machine; there, this shows who listens"
                : seen.NotSeen is [var blind, ..] ? $"{blind.What} could not be seen: {blind.Why}" : "it could not be looked at";
            return Step(StepResult.LeftOut, why);
        }

        if (listener.Listening)
        {
            var state = StateInWords(seen.Process?.State);
            var age = seen.Process?.StartedAt is { } started ? $", started {Amounts.Ago(now - started)} ago" : "";
            var shared = listener.SamePort.FirstOrDefault(l => l.Process?.Pid == seen.Process?.Pid)?.SharedBy is > 1 and var count ? string.Create(CultureInfo.InvariantCulture, $", with {count - 1} more that share it") : "";
            return Step(state is null ? StepResult.Passed : healthy ? StepResult.Warned : StepResult.Failed, $"{Who(seen.Process)} listens there{age}{shared}{state}");
        }

        if (healthy) return Step(StepResult.LeftOut, "no program of this machine listens there; something passes the connections on, as container engines do");
        return Step(
            StepResult.Failed,
            [
                seen.ProcessBefore is { } before ? $"nothing listens there; {Who(before)} did before" : "nothing listens there",
                .. listener.Starting is { } starting ? [$"{Who(starting)} is starting and does not listen yet"] : Array.Empty<string>(),
                .. listener.SamePort.Take(MostListeners).Select(l => $"{Who(l.Process)} listens on the same port, but at {l.Address}"),
                .. listener.Others.Take(MostListeners).Select(l => $"{Who(l.Process)} listens at {l.Address}"),
            ]);

        LadderStep Step(StepResult result, params IReadOnlyList<string> words) => new(Rung.Listener, where, result, 0, words) { Commands = commands };
    }

    private static LadderStep? Queue(EndPoint end, HostFindings seen)
    {
        if (seen.Listener is not { Listening: true, AcceptQueue: { } waiting, AcceptQueueLimit: > 0 and { } limit }) return null;
        // The kernel lets one more wait than the limit says.
        var result = waiting > limit ? StepResult.Failed : waiting >= limit * NearlyFull ? StepResult.Warned : StepResult.Passed;
        var words = string.Create(CultureInfo.InvariantCulture, $"{(waiting == 0 ? "no connection waits" : waiting == 1 ? "1 connection waits" : $"{waiting} connections wait")} to be accepted, and there is room for {limit}");
        return new LadderStep(Rung.Queue, end.ToString()!, result, 0, [words + (result == StepResult.Failed ? ": it is FULL" : "")])
        {
            Fix = result == StepResult.Passed ? null : "The app does not accept as fast as connections come: more workers, or faster requests.",
        };
    }

    private static LadderStep Service(ServiceState service, bool healthy) => new(
        Rung.Service,
        service.Name,
        service.Running ? StepResult.Passed : healthy ? StepResult.Warned : StepResult.Failed,
        0,
        [service.Detail, .. service.LogLines.Select(l => $"log: {l}")])
    {
        Commands = service.Manager switch
        {
            "systemd" => StepCommands.Unit(service.Name),
            "kubernetes" => [$"kubectl describe pod {Shell.Operand(service.Name)}", $"kubectl logs --previous --tail 20 {Shell.Operand(service.Name)}"],
            var engine => StepCommands.Container(engine, service.Name),
        },
    };

    private static LadderStep End(DeathFacts death, DateTimeOffset now)
    {
        var who = death.ProcessName is { } name ? death.Pid is { } pid ? string.Create(CultureInfo.InvariantCulture, $"{name} (process {pid})") : name : "the app's process";
        var when = death.At is { } at ? $", {Amounts.Ago(now - at)} ago" : "";
        return new LadderStep(
            Rung.End, death.Source, StepResult.Failed, 0,
            [$"{who} {Deaths.How(death)}{when}", .. death.Detail is { Length: > 0 } detail ? [detail] : Array.Empty<string>(), .. death.AlsoSeen.Take(MostListeners)])
        {
            Commands = death.Source is "kernel log" || death.OomKilled ? StepCommands.KernelLog : [],
        };
    }

    private static string Who(ProcessFacts? process) =>
        process is null ? "a program" : string.Create(CultureInfo.InvariantCulture, $"{process.Name} (process {process.Pid}{(process.Unit is { } unit ? $", {unit}" : "")})");

    private static string? StateInWords(char? state) => state switch
    {
        'T' or 't' => ", but it is stopped (state T)",
        'D' => ", and waits for a disk (state D)",
        'Z' => ", but it has ended (state Z)",
        _ => null,
    };
}
