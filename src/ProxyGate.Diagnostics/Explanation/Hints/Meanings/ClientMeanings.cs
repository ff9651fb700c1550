using ProxyGate.Diagnostics.Explanation.Guides;
using static ProxyGate.Diagnostics.Explanation.Hints.Meanings.Meaning;

namespace ProxyGate.Diagnostics.Explanation.Hints.Meanings;

/// <summary>Root causes on the side of the visitor.</summary>
internal static class ClientMeanings
{
    public static readonly HintGuide[] Table =
    [
        Guide(
            "client_left",
            "The visitor left",
            "People close pages, follow other links and lose their network.",
            "It happens after differing times and on many pages. A constant time speaks against it."),
        Guide(
            "client_timeout",
            "The visitor's program has a time limit",
            "The program, or a load balancer in front of ProxyGate, gave up waiting.",
            "It happens after the same round time, such as 30 s, each time. Differing times speak against it."),
        Guide(
            "client_slow",
            "The visitor's connection is slow or was lost",
            "Its data came slower and slower, or stopped, or it took a large answer slowly: for instance on a phone.",
            "It is rare and comes from many addresses. One program that does it each time speaks against it."),
        Guide(
            "client_bug",
            "The visitor's program has a fault",
            "A program or script sends what it should not: a wrong length, a broken request, or the same one again and again.",
            "One program or address does it each time. Many different browsers speak against it."),
        Guide(
            "scanner",
            "Somebody tries out what is there",
            "Programs search the internet for weak spots with odd requests. It is harmless when they are refused.",
            "Unknown addresses, odd paths or bytes. Known visitors speak against it."),
        Guide(
            "shared_address",
            "Many visitors share one address",
            "An office, a mobile network or a proxy in front makes many people look like one.",
            "Many different browsers come from the one address, or it is the address of your own load balancer. One program speaks against it."),
    ];
}
