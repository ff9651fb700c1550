using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>The name and the connection.</summary>
internal static class ConnectWords
{
    public static readonly Dictionary<string, CauseText> Table = new()
    {
        [CauseId.DnsNotFound] = new(
            s => $"The name \"{s.Name}\" has no address: the look-up came back empty{Took(s)}, so ProxyGate could not contact the app.",
            "That the app is down: it was never contacted. A name can exist on another network or name server, inside Docker or Kubernetes for instance, and not here.",
            s =>
            [
                Checks.Step($"What does this machine know about \"{s.Name}\"? (in a container, run it there)"),
                .. Checks.Name(s),
            ]),
        [CauseId.DnsFailed] = new(
            s => $"The look-up of \"{s.Name}\" failed{Took(s)}: the name server gave an error or could not be reached, which is not the same as \"no such name\".",
            "Anything about the app, which was never contacted, or that the name is wrong.",
            s => [Checks.Step("Does the look-up work now, and which name server is asked?"), .. Checks.Name(s)]),
        [CauseId.DnsTimeout] = new(
            s => $"No name server told ProxyGate the address of \"{s.Name}\" within {DnsLimit(s)}.",
            "Anything about the app: it was never contacted.",
            s => [Checks.Step("Does the look-up work now, and which name server is asked?"), .. Checks.Name(s)]),
        [CauseId.DnsNoUsableAddress] = new(
            s => $"\"{s.Name}\" has only addresses this machine cannot use ({Addresses(s)}): there is no route for that kind of address here.",
            "That the app is down: not a packet left this machine.",
            s => [.. Checks.Name(s), "ip -6 route", "ip -4 route"]),
        [CauseId.GatewayPortsExhausted] = new(
            s => $"This machine has no free local port left for another connection to {s.Where} (EADDRNOTAVAIL). Nothing was sent.",
            "Anything about the app: the connection never left this machine.",
            _ => ["ss -s", "sysctl net.ipv4.ip_local_port_range"]),
        [CauseId.GatewayFdsExhausted] = new(
            s => $"ProxyGate could not open another connection to {s.Where}: it has reached the number of files and connections it may have open ({Symbol(s, "EMFILE")}).",
            "Anything about the app: nothing was sent to it.",
            _ => ["grep 'open files' /proc/$(pidof -s proxygate)/limits", "ls /proc/$(pidof -s proxygate)/fd | wc -l"]),
        [CauseId.GatewayConnectDenied] = new(
            s => $"This machine did not let ProxyGate connect to {s.Where} ({Symbol(s, "EACCES")}). Nothing was sent.",
            "Which rule denies it: SELinux, a sandbox, or a firewall rule for outgoing connections all look like this.",
            s => ["getenforce", "systemctl show proxygate -p IPAddressDeny -p RestrictAddressFamilies -p SystemCallFilter", Checks.Curl(s)]),
        [CauseId.ConnectRefused] = new(
            s => s.Destination.IsUnixSocket
                ? $"{Capital(s.Where)} exists, but no process accepts connections on it."
                : $"{s.Where} refused the connection{Within(s)}: the machine answered, but nothing accepts connections on port {s.Destination.Port}.{s.OtherAddresses}",
            s => s.Destination.IsUnixSocket
                ? "Why: the app may have stopped and left the file behind, or not be started yet."
                : "That the app crashed. It may not be started yet, listen on another port or address, or a firewall may refuse in its place.",
            s => [.. Checks.Listener(s), Checks.Connect(s), .. Checks.App(s), .. Container(s)]),
        [CauseId.ConnectTimeout] = new(
            s => $"{s.Where} did not react to the connection attempt within {TryTime(s)}: neither accepted nor refused.{s.OtherAddresses}",
            "A firewall. A machine that is off, a wrong address, an app too busy to accept connections, and lost packets look just the same.",
            s =>
            [
                Checks.Step("From here: is there a way, is the machine alive, does the port answer?"),
                .. Checks.Path(s),
                Checks.Connect(s),
                .. Checks.Listener(s),
                Checks.Step("If Recv-Q there equals Send-Q, the app is too busy to accept connections. If the port is missing, packets go to the wrong place."),
            ]),
        [CauseId.HostUnreachable] = new(
            s => $"{s.Where} cannot be reached: the network reported \"no route to host\" ({Symbol(s, "EHOSTUNREACH")}){After(s)}.{s.OtherAddresses}",
            "That the routing is wrong: a machine that is off, and a firewall that rejects, are reported with the same words.",
            s => [.. Checks.Path(s), $"ip neigh show {Shell.Word(s.Ip)}"]),
        [CauseId.NetworkUnreachable] = new(
            s => $"This machine has no way to {s.Where}: its routing table has no entry for that address ({Symbol(s, "ENETUNREACH")}).{s.OtherAddresses}",
            "That the app is down: not a packet left this machine.",
            s => [$"ip route get {Shell.Word(s.Ip)}", "ip -br addr"]),
        [CauseId.ConnectReset] = new(
            s => $"{s.Where} accepted the connection and dropped it at once, before a byte of the request was sent (reset, {Amounts.Time(s.Attempt?.DurationMs ?? 0)} after the start).",
            "That the app dropped it: a load balancer, a port forwarder such as Docker's, or a firewall in between can do so when nothing is behind it.",
            s => [.. Checks.Listener(s), Checks.Curl(s)]),
        [CauseId.SocketMissing] = new(
            s => $"There is no socket file at {Socket(s)}.",
            "That the app crashed: it may not be started yet, use another path, or have its file in another container or in its own private /tmp.",
            s => [$"ls -ld {Shell.Operand(Parent(s))}", $"ls -l {Shell.Operand(s.Destination.SocketPath ?? "")}", "ss -lxp", .. Checks.App(s)]),
        [CauseId.SocketPermissionDenied] = new(
            s => $"ProxyGate may not open {s.Where}: the file or a directory above it does not let it ({Symbol(s, "EACCES")}).",
            "Whether the app is running: ProxyGate was stopped before it could ask.",
            s => [$"namei -l {Shell.Operand(s.Destination.SocketPath ?? "")}", "ps -o user,group,supgrp -C proxygate"]),
        [CauseId.ListenBacklogFull] = new(
            s => $"The app behind {s.Where} does not accept connections as fast as they come: its waiting line is full{Backlog(s)}.",
            "Why it is slow: too few workers, one slow kind of request, or a hang all fill the waiting line.",
            s => [Checks.Step("Recv-Q is the length of the waiting line, Send-Q its limit."), s.Destination.SocketPath is null ? $"ss -ltn 'sport = :{s.Destination.Port}'" : "ss -lx", .. Checks.AppLog(s)]),
    };

    private static IEnumerable<string> Container(Seen s) => s.Destination is { IsLoopback: true, IsUnixSocket: false }
        ? [Checks.Step("If ProxyGate itself runs in a container, localhost is that container: use the app's service name instead.")]
        : [];

    public static string Symbol(Seen s, string usual) => (s.TellingTry?.Errno ?? s.Attempt?.Errno) is { } errno ? Errnos.Symbol(errno) : usual;

    private static string Took(Seen s) => s.Attempt?.Dns is { } dns ? $" after {Amounts.Time(dns.DurationMs)}" : "";

    private static string DnsLimit(Seen s) => s.Attempt?.TimeoutMs is { } limit ? Amounts.Time(limit) : Amounts.Time(s.Attempt?.Dns?.DurationMs ?? 0);

    private static string Addresses(Seen s) => s.Attempt is { AddressesTried: { Count: > 0 } tried }
        ? string.Join(", ", tried.Take(4).Select(t => Seen.Short(t.Address)))
        : s.Attempt?.Dns is { Addresses.Count: > 0 } dns ? string.Join(", ", dns.Addresses.Take(4).Select(Seen.Short)) : "none";

    private static string Within(Seen s) => s.TellingTry is { } tried ? $" after {Amounts.Time(tried.DurationMs)}" : "";

    private static string After(Seen s) => s.TellingTry is { } tried ? $" after {Amounts.Time(tried.DurationMs)}" : "";

    private static string TryTime(Seen s) => s.Attempt?.AddressesTried.FirstOrDefault(t => t.TimedOut) is { } tried
        ? Amounts.Time(tried.DurationMs)
        : s.Limit;

    private static string Backlog(Seen s) => s.Attempt?.TimedOut == TimeoutPhase.Connect ? $" (no place in it within {s.Limit})" : s.Destination.IsUnixSocket ? " (EAGAIN)" : "";

    private static string Socket(Seen s) => Seen.Short(s.Destination.SocketPath ?? s.Destination.HostPort);

    private static string Parent(Seen s) => Path.GetDirectoryName(s.Destination.SocketPath ?? "/") is { Length: > 0 } parent ? parent : "/";

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
