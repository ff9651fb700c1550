using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation.Examples;

/// <summary>What stood around an example failure, for the causes that say nothing by themselves.</summary>
public static class ExampleContexts
{
    private static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    /// <summary>The failure that opened the circuit of the example, twelve seconds before it.</summary>
    private static readonly DateTimeOffset Failed = Now.AddSeconds(-12);

    /// <summary>Absent where the example's own facts are all there is.</summary>
    public static FailureContext? Of(string name) => name == CauseId.CircuitOpen
        ? new FailureContext
        {
            Now = Now,
            RouteSource = "proxygate.json:14",
            RouteMatch = "shop.example/{**rest}",
            DestinationSource = "proxygate.json:31",
            FirstSeen = Failed,
            Count = 41,
            LastSuccess = Failed.AddSeconds(-1),
            GatewayStarted = Now.AddDays(-6),
            Before = [Refused()],
        }
        : null;

    /// <summary>The app was stopped, as a look at its machine has shown.</summary>
    private static EarlierFailure Refused()
    {
        var facts = ExampleFailures.All[CauseId.ConnectRefused];
        var app = new ProcessFacts { Pid = 4711, Name = "node", CommandLine = "node server.js", StartedAt = Now.AddHours(-9), Unit = "shop.service" };
        var look = new InvestigationFacts
        {
            Destination = facts.Attempts[^1].Destination,
            Address = "127.0.0.1:5000",
            At = Failed.AddMilliseconds(80),
            DurationMs = 46,
            Listener = new ListenerFacts { Listening = false },
            ProcessBefore = app,
            Death = new DeathFacts { At = Failed.AddMilliseconds(-900), Pid = app.Pid, ProcessName = app.Name, ExitCode = 0, Source = "systemd unit shop.service", Detail = "shop.service: Deactivated successfully" },
        };
        var failure = Classifier.Refine(Classifier.Classify(facts), look, Failed);
        var context = new FailureContext { Now = Failed, DestinationSource = "proxygate.json:31", FirstSeen = Failed, Count = 1, LastSuccess = Failed.AddSeconds(-1) };
        return EarlierFailure.Of("4h8w-n6ty", Failed, Explainer.Explain(facts, failure, context, look), outdated: false);
    }
}
