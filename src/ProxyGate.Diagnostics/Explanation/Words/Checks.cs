using System.Globalization;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>Commands that look and change nothing, with the real values filled in, for Linux, Docker and Kubernetes.</summary>
internal static class Checks
{
    public static string Step(string text) => Shell.Step(text);

    /// <summary>What is listening at the destination's port, or on its socket.</summary>
    public static IEnumerable<string> Listener(Seen s)
    {
        if (s.Destination.SocketPath is { } path)
        {
            yield return $"ls -l -- {Shell.Word(path)}";
            yield return $"ss -lxp | grep -F -- {Shell.Word(path)}";
            yield break;
        }

        var port = s.Destination.Port.ToString(CultureInfo.InvariantCulture);
        if (s.Destination.IsLoopback)
        {
            yield return Step($"Is anything listening on port {port} of this machine?");
        }
        else
        {
            yield return Step($"On {Seen.Short(s.Ip)} itself: is anything listening on port {port}, and on which address? (127.0.0.1 is reachable only from that machine.)");
        }

        yield return $"ss -ltnp 'sport = :{port}'";
    }

    /// <summary>How the app is started, wherever it runs.</summary>
    public static IEnumerable<string> App(Seen s)
    {
        yield return Step("Is the app running, and what did it say last? (use the lines that fit your set-up)");
        yield return "systemctl --failed";
        yield return "docker ps -a --format 'table {{.Names}}\\t{{.Status}}\\t{{.Ports}}'";
        yield return "kubectl get pods -o wide";
        if (s.Destination.IsLoopback)
        {
            yield return Step("If ProxyGate itself runs in a container, localhost is that container: use the app's service name instead.");
        }
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

    public static string OpenSsl(Seen s, string options = "")
    {
        var name = s.Tls?.ServerName is { } sent ? $" -servername {Shell.Word(sent)}" : "";
        var target = s.Destination.SocketPath is { } path ? $"-unix {Shell.Word(path)}" : $"-connect {Shell.Word(s.Destination.HostPort)}";
        return $"openssl s_client {target}{name}{options} </dev/null";
    }

    public static IEnumerable<string> Path(Seen s)
    {
        yield return $"ip route get {Shell.Word(s.Ip)}";
        yield return $"ping -c 3 {Shell.Word(s.Ip)}";
    }

    public static IEnumerable<string> Name(Seen s)
    {
        var host = Shell.Word(s.Attempt?.Dns?.Host ?? s.Destination.Host);
        yield return $"getent ahosts {host}";
        yield return "cat /etc/resolv.conf";
    }

    /// <summary>The app's log around the failure.</summary>
    public static IEnumerable<string> AppLog(Seen s)
    {
        yield return Step($"What did the app log while it handled {s.RequestLine}? (use the line that fits your set-up; put in its name)");
        yield return "journalctl --since '-10 min' --priority warning";
        yield return "docker ps --format '{{.Names}}'   # then: docker logs --since 10m NAME";
        yield return "kubectl get pods   # then: kubectl logs --since=10m NAME";
    }

    public static string SlowCurl(Seen s) =>
        Curl(s, options: "-s -o /dev/null -w 'connected %{time_connect}s, first byte %{time_starttransfer}s, status %{http_code}\\n' --max-time 120");

    public static bool IsHead(Seen s) => s.Attempt is { TimedOut: TimeoutPhase.Head };
}
