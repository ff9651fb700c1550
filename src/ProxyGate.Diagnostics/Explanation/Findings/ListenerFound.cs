using System.Net.Sockets;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>Why a connection to this machine was refused: what listens where, as the kernel lists it.</summary>
internal static class ListenerFound
{
    /// <summary>A process younger than this may still be starting.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(60);

    public static IEnumerable<Hint> Of(Look look)
    {
        if (look.Cause is not (CauseId.ConnectRefused or CauseId.ConnectReset or CauseId.SocketMissing or CauseId.UpstreamStarting or CauseId.UpstreamRestarting)) yield break;
        if (look.Listener is not { } listener) yield break;
        if (listener.Listening)
        {
            if (JustStarted(look) is { } started) yield return started;
            else if (RefusedAllTheSame(look)) yield return Refused(look);
            yield break;
        }

        if (Elsewhere(look, listener) is { } elsewhere)
        {
            yield return elsewhere;
            yield break;
        }

        if (listener.Starting is { } again) yield return NotYetListening(look, again);

        // Who was seen there before tells more than who stands near.
        if (look.Death is null && listener.Starting is null && look.Facts.ProcessBefore is { } before && !look.Candidates.Any(c => c.Likeness == ListenerLikeness.SameAsBefore)) yield return Stopped(look, before);
        if (look is { Death: null, IsLoopback: true, HasWorked: false, Candidates.Count: 0, Facts.GatewayContainer: { } container }) yield return InContainer(look, container);
        if (listener.Starting is null && look.Candidates is [var candidate, ..]) yield return WrongPort(look, candidate);
        if (look.Death is null && listener.Starting is null && look.Facts.ProcessBefore is null) yield return NeverSeen(look);
    }

    /// <summary>The same port, but on an address that connections from here do not reach.</summary>
    private static Hint? Elsewhere(Look look, ListenerFacts listener)
    {
        if (look.EndPoint is not { } at || listener.SamePort.Count == 0) return null;
        var there = listener.SamePort.FirstOrDefault(l => Look.FamilyOf(l) != at.AddressFamily && Look.FamilyOf(l) != AddressFamily.Unspecified) ?? listener.SamePort[0];
        var who = Look.Who(there.Process);
        var address = Seen.Short(there.Address);
        string[] evidence = [$"The kernel's list of listeners: port {look.PortText} is open on {string.Join(", ", listener.SamePort.Select(l => Seen.Short(l.Address)))} and not on {look.Where}; {who} holds {address}"];
        if (look.IsLoopback && Look.FamilyOf(there) != at.AddressFamily)
        {
            var (has, wanted) = at.AddressFamily == AddressFamily.InterNetwork ? ("IPv6", "IPv4") : ("IPv4", "IPv6");
            return Found(
                "localhost_ipv6",
                Confidence.Proved,
                $"The app runs and listens, but over {has} only: {who} is at {address}, and ProxyGate asked {look.Where}, which is {wanted}.",
                evidence,
                [Listeners(look)],
                [Configure(look, UrlAt(look, address.Replace("[::]", "[::1]", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal))), Step($"Or let the app listen on {look.Where} too.")]);
        }

        if (Look.IsOnLoopback(there) && !look.IsLoopback)
        {
            return Found(
                "app_bound_to_loopback",
                Confidence.Proved,
                $"The app runs, but takes connections only from within its own machine: {who} listens at {address}, not at {look.Where}.",
                evidence,
                [Listeners(look)],
                [Step($"Let the app listen on {Seen.Short(look.Ip)} or on all addresses (0.0.0.0 or [::]); where it runs in the same place as ProxyGate, use this instead:"), Configure(look, UrlAt(look, address))]);
        }

        return Found(
            "app_bound_elsewhere",
            Confidence.Proved,
            $"The app runs, but at another address of this machine: {who} listens at {address}, not at {look.Where}.",
            evidence,
            [Listeners(look)],
            [Configure(look, UrlAt(look, address)), Step($"Or let the app listen on {look.Where}.")]);
    }

    private static Hint Stopped(Look look, ProcessFacts before) => Found(
        "app_down",
        Confidence.Proved,
        $"The app is not running: {Look.Who(before)} answered at {look.Where} before, and nothing listens there now.",
        [$"The kernel's list of listeners has nothing at {look.Where}; while all was well, {Look.Who(before)} was there"],
        [Listeners(look), .. Status(look), .. Log(look)],
        Start(look));

    private static Hint NeverSeen(Look look) => Found(
        "app_down",
        // An app that is likely seen on another port is not likely down.
        look.Candidates.Any(c => c.Likeness != ListenerLikeness.OnlyCandidate) ? Confidence.Possible : Confidence.Likely,
        look.EndPoint is null ? $"Nothing listens at the socket {look.Where}: the app is not running, or it uses another path."
            : $"Nothing listens on port {look.PortText} of this machine: the app is not running, or it uses another port.",
        [look.EndPoint is null ? $"The kernel's list of listening sockets does not have {look.Where}" : $"The kernel's list of listeners has no port {look.PortText}, on no address"],
        [look.EndPoint is null ? $"ss -lxp | grep -F -- {Shell.Word(look.Facts.Address)}" : Listeners(look), .. Status(look)],
        Start(look));

    private static Hint WrongPort(Look look, ListenerSeen candidate)
    {
        var same = candidate.Likeness == ListenerLikeness.SameAsBefore;
        var who = Look.Who(candidate.Process);
        var address = Seen.Short(candidate.Address);
        return Found(
            look.EndPoint is null ? "wrong_socket_path" : "wrong_port",
            candidate.Likeness is ListenerLikeness.SameAsBefore or ListenerLikeness.NeighbouringPort ? Confidence.Likely : Confidence.Possible,
            same
                ? $"The app listens elsewhere now: {who} is at {address}, and nothing is at {look.Where}."
                : $"Nothing listens at {look.Where}, but {who} listens at {address}. If that is the app, the address in the configuration is wrong.",
            [
                $"The kernel's list of listeners has {address} ({who}) and nothing at {look.Where}",
                .. same ? [$"It is the same program that was at {look.Where} before"] : Array.Empty<string>(),
            ],
            look.EndPoint is null ? ["ss -lxp"] : ["ss -ltnp", $"curl -sv -o /dev/null --max-time 5 {Shell.Word(UrlAt(look, address))}"],
            [Configure(look, UrlAt(look, address)), Step($"Or let the app listen at {look.Where}.")]);
    }

    private static Hint InContainer(Look look, string container) => Found(
        "localhost_in_container",
        Confidence.Likely,
        $"ProxyGate runs in a container, where {look.Ip} is the container itself, and no program in it listens on port {look.PortText}. An app outside of it is not reached by this address.",
        [$"ProxyGate runs in a container ({Seen.Short(container)}), and nothing in it listens on port {look.PortText}"],
        ["docker ps --format 'table {{.Names}}\\t{{.Ports}}\\t{{.Networks}}'", "kubectl get services"],
        [
            Step($"Put the app's service or container name in the place of {look.Ip}, for instance http://app:{look.PortText}, and both into one network;"),
            Step("or, for an app on the host itself, host.docker.internal (docker run --add-host=host.docker.internal:host-gateway)."),
        ]);

    private static bool RefusedAllTheSame(Look look) => look.Service is { Connected: false, ConnectErrno: 111 } && look.Cause == CauseId.ConnectRefused;

    /// <summary>It listens, and a connection is refused now as before: it is not the app that refuses.</summary>
    private static Hint Refused(Look look) => Found(
        "firewall_reject",
        Confidence.Likely,
        $"The app listens at {look.Where}, and yet connections to it are refused: a firewall rule on this machine refuses in its place.",
        [$"The kernel lists {Look.Who(look.Facts.Process)} at {look.Where}, and a new connection there was refused (ECONNREFUSED) all the same"],
        [Listeners(look), "nft list ruleset", "iptables -S"],
        [Step($"Allow TCP port {look.PortText} in the firewall of this machine.")]);

    private static Hint NotYetListening(Look look, ProcessFacts starting) => Found(
        "app_starting",
        Confidence.Proved,
        $"The app is starting: {Look.Who(starting)} runs{(starting.StartedAt is { } at ? $" since {look.Ago(at)}" : "")} but does not listen at {look.Where} yet.",
        [$"{Look.Who(starting)} is the program that listened at {look.Where} before, started anew; the kernel's list of listeners does not have it there yet"],
        [Process(starting), Listeners(look), .. Log(look)],
        [Step("Wait until it listens. If that takes longer than its usual start, its log tells what it waits for.")]);

    private static Hint? JustStarted(Look look)
    {
        if (look.Facts.Process is not { StartedAt: { } started } now || look.Replaced || look.Facts.At - started > Young) return null;
        return Found(
            "app_starting",
            Confidence.Likely,
            $"The app was only just starting: {Look.Who(now)} began {look.Ago(started)} before this was looked at, and listens at {look.Where} now.",
            [$"{Look.Who(now)} was started {look.Ago(started)} before the look and holds {look.Where} now; the request came before"],
            [Process(now), .. Status(look)],
            [Step("Nothing to mend if it answers from now on. To avoid it: let the app be ready before requests are sent to it (a health check in ProxyGate's cluster).")]);
    }
}
