using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>How a process ended, in words.</summary>
public static class Deaths
{
    private const int Interrupt = 2;
    private const int Terminate = 15;
    private const int SignalExit = 128;

    /// <summary>Whether it is known how it ended, and not only that it did.</summary>
    public static bool IsKnown(DeathFacts death) => death.OomKilled || death.ExitCode is not null || death.Signal is not null;

    /// <summary>Ended on request: it was told to, or it had nothing more to do.</summary>
    public static bool IsOrderly(DeathFacts death) => SignalOf(death) is Interrupt or Terminate || (death.Signal is null && death.ExitCode == 0);

    /// <summary>E.g. <c>crashed with a segmentation fault (signal 11)</c>, after the process's name.</summary>
    public static string How(DeathFacts death) => death switch
    {
        { OomKilled: true } => "was ended by the system because memory ran out",
        _ when SignalOf(death) is { } signal => signal switch
        {
            Interrupt or Terminate => Amounts.Invariant($"was told to stop ({SignalName(signal)})"),
            9 => "was killed (signal 9, SIGKILL)",
            4 or 6 or 7 or 8 or 11 => Amounts.Invariant($"crashed with {SignalName(signal)}"),
            _ => Amounts.Invariant($"was ended by {SignalName(signal)}"),
        },
        { ExitCode: 0 } => "ended by itself without an error (exit code 0)",
        { ExitCode: { } code } => Amounts.Invariant($"ended with an error (exit code {code})"),
        _ => "ended",
    };

    /// <summary>Shells and container engines tell a signal as exit code 128 and its number.</summary>
    private static int? SignalOf(DeathFacts death) => death.Signal ?? (death.ExitCode is > SignalExit and <= SignalExit + 31 and var code ? code - SignalExit : null);

    private static string SignalName(int signal) => signal switch
    {
        1 => "signal 1, SIGHUP",
        2 => "signal 2, SIGINT",
        3 => "signal 3, SIGQUIT",
        4 => "an illegal instruction (signal 4, SIGILL)",
        6 => "an abort of its own (signal 6, SIGABRT)",
        7 => "a bus error (signal 7, SIGBUS)",
        8 => "an arithmetic error (signal 8, SIGFPE)",
        11 => "a segmentation fault (signal 11, SIGSEGV)",
        13 => "signal 13, SIGPIPE",
        15 => "signal 15, SIGTERM",
        _ => Amounts.Invariant($"signal {signal}"),
    };
}
