using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes in load and time.</summary>
internal static class LoadMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "slow_request",
            "This request takes the app too long",
            "One page or query is slow, for instance because of a large search or a lock, and passes ProxyGate's time limit.",
            "The request was received, the connection stays open, and other paths answer fast. Silence on all paths speaks against it."),
        Guide(
            "worker_pool_full",
            "All workers of the app are busy",
            "The app handles only so many requests at once. The others wait, and in the end are turned away.",
            "A full waiting line (Recv-Q at its limit), answers that got slower first. An empty waiting line speaks against it."),
        Guide(
            "too_much_traffic",
            "More requests come than usual",
            "The app and ProxyGate work as always, but more is asked of them than they can do.",
            "The number of requests has risen, and answers are as fast as before. Ordinary traffic speaks against it."),
        Guide(
            "limit_too_low",
            "A limit is lower than what is needed",
            "ProxyGate did what it was told: a configured limit (size, time, number) was reached by ordinary use.",
            "There is room left on the machine, and what was refused is wanted. A machine at its end speaks against it."),
        Guide(
            "ephemeral_ports",
            "This machine has used up its local ports",
            "Each connection needs a local port, also for a minute after its end. Many short connections use them all.",
            "\"ss\" counts nearly as many connections to the app, most in TIME-WAIT, as there are ports. A small count speaks against it."),
        Guide(
            "fd_limit",
            "ProxyGate may not open more files and connections",
            "Every connection counts as an open file, and the number of open files is limited.",
            "Proved by the error EMFILE or ENFILE, or by a count at the limit. A count far below speaks against it."),
    ];
}
