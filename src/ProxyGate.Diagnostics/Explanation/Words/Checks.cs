using System.Globalization;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>Commands that look and change nothing, with the real values filled in: what a person would type, Linux first, then Docker, Kubernetes.</summary>
internal static class Checks
{
    public static string Step(string text) => Shell.Step(text);

    /// <summary>A step before a request by hand; where no destination is known, it says what to put in.</summary>
    public static string ByHand(Seen s, string text) => Step(s.Attempt is null ? $"{text} (the app's address in place of {AppPlace.Unknown})" : text);

    public static string Port(Seen s) => s.Destination.Port.ToString(CultureInfo.InvariantCulture);

    /// <summary>What is listening at the destination's port, or on its socket.</summary>
    public static IEnumerable<string> Listener(Seen s)
    {
        if (s.Attempt is null)
        {
            yield return Step("On the app's machine: which ports are listened on, and by which program?");
            yield return "ss -ltnp";
            yield break;
        }

        if (s.Destination.SocketPath is { } path)
        {
            yield return Step("Is there a socket, whose is it, and does a process listen on it?");
            yield return $"ls -l {Shell.Operand(path)}";
            yield return $"ss -lxp | grep -F -e {Shell.Word(path)}";
            yield break;
        }

        yield return Step(s.Destination.IsLoopback
            ? $"Is anything listening on port {Port(s)} of this machine, and which program?"
            : $"On {Seen.Short(s.Ip)} itself: is anything listening on port {Port(s)}, and on which address? (127.0.0.1 is reachable only from that machine.)");
        yield return $"ss -ltnp 'sport = :{Port(s)}'";
    }

    /// <summary>Whether a connection can be made now.</summary>
    public static string Connect(Seen s) => s.Destination.SocketPath is { } path
        ? $"nc -zvU {Shell.Operand(path)}"
        : $"nc -zv -w 5 {Shell.Operand(s.Ip.Length > 0 ? s.Ip : s.Destination.Host)} {Port(s)}";

    /// <summary>Whether the app runs, wherever it does.</summary>
    public static IEnumerable<string> App(Seen s)
    {
        var app = s.App;
        return app.Variants(
            "Is the app running?",
            [$"systemctl status {app.UnitName}"],
            [app.Container is not null ? $"docker ps -a --filter id={app.Container}"
                : app.Service is not null ? $"docker ps -a --filter name={app.Service}"
                : s.Attempt is not null && s.Destination is { IsLoopback: true, SocketPath: null } ? $"docker ps -a --filter publish={Port(s)}"
                : "docker ps -a"],
            app.Service is not null ? [$"{app.Kubectl} describe service {app.Service}", $"{app.Kubectl} get pods -o wide"]
                : s.Attempt is not null && s.Destination is { IsLoopback: false, SocketPath: null } && s.Ip.Length > 0 ? [$"kubectl get pods -A -o wide --field-selector {Shell.Word("status.podIP=" + s.Ip)}"]
                : ["kubectl get pods -A -o wide"]);
    }

    /// <summary>The app's log around the failure.</summary>
    public static IEnumerable<string> AppLog(Seen s, string? question = null)
    {
        var app = s.App;
        return app.Variants(
            question ?? (s.FoundNobody ? "What did the app log last?" : $"What did the app log while it handled {s.RequestLine}?"),
            [$"journalctl -u {app.UnitName} --since '-10 min' --no-pager"],
            [$"docker logs --since 10m {app.ContainerName}"],
            [app.Service is null ? $"kubectl logs deployment/{AppPlace.Unknown} --since=10m" : $"{app.Kubectl} logs service/{app.Service} --since=10m"]);
    }

    /// <summary>The same request by hand, without the gateway; the path only where asking again changes nothing.</summary>
    public static string Curl(Seen s, string? scheme = null, string options = "-sv -o /dev/null --max-time 10")
    {
        scheme ??= s.Attempt?.UsesTls == true ? "https" : "http";
        return s.Destination.SocketPath is { } path
            ? $"curl {options} --unix-socket {Shell.Word(path)} {Shell.Word(scheme + "://localhost" + RequestPath(s))}"
            : $"curl {options} {Shell.Word(s.Destination.Url(scheme).TrimEnd('/') + RequestPath(s))}";
    }

    private static string RequestPath(Seen s)
    {
        var path = s.Request.Path;
        if (s.Request.Method is not ("GET" or "HEAD") || path.Length is 0 or > 150 || path[0] != '/') return "/";
        return string.Join('/', path.Split('/').Select(Uri.EscapeDataString));
    }

    public static string OpenSsl(Seen s, string options = "") => OpenSslAs(s, s.Tls?.ServerName, options);

    /// <summary>The handshake by hand, asking for another name.</summary>
    public static string OpenSslAs(Seen s, string? name, string options = "")
    {
        var asked = name is null ? "" : $" -servername {Shell.Word(name)}";
        var target = s.Destination.SocketPath is { } path ? $"-unix {Shell.Word(path)}" : $"-connect {Shell.Word(s.Destination.HostPort)}";
        return $"openssl s_client {target}{asked}{options} </dev/null";
    }

    public static IEnumerable<string> Path(Seen s)
    {
        yield return $"ip route get {Shell.Operand(s.Ip)}";
        yield return $"ping -c 3 {Shell.Operand(s.Ip)}";
    }

    public static IEnumerable<string> Name(Seen s)
    {
        yield return Resolve(s);
        yield return "cat /etc/resolv.conf";
    }

    public static string Resolve(Seen s) => $"getent ahosts {Shell.Operand(s.Attempt?.Dns?.Host ?? s.Destination.Host)}";

    public static string SlowCurl(Seen s) =>
        Curl(s, options: "-s -o /dev/null -w 'connected %{time_connect}s, first byte %{time_starttransfer}s, status %{http_code}\\n' --max-time 120");

    /// <summary>The longest lines of the answer's head, which is where a size comes from; only names and lengths, no cookie's value.</summary>
    public static string HeadSizes(Seen s) =>
        Curl(s, options: "-s -D - -o /dev/null --max-time 10") + " | awk -F: '{ print length($0), $1 }' | sort -rn | head -n 5";

    public static bool IsHead(Seen s) => s.Attempt is { TimedOut: TimeoutPhase.Head };
}
