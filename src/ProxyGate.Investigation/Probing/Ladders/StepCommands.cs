using System.Globalization;
using System.Net;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Investigation.Probing.Ladders;

/// <summary>What a person would type to take a step by hand. Whatever the value, it stays one word of its line.</summary>
public static class StepCommands
{
    public static IReadOnlyList<string> Name(string name) => [$"getent ahosts {Shell.Operand(name)}"];

    /// <param name="subject">An address with its port, or the path of a unix socket.</param>
    public static IReadOnlyList<string> Connect(string subject) => IPEndPoint.TryParse(subject, out var end)
        ? [$"nc -zv -w 3 {Shell.Operand(end.Address.ToString())} {Port(end)}"]
        : [$"nc -zvU {Shell.Operand(subject)}"];

    /// <param name="end">Where to connect.</param>
    /// <param name="serverName">The name asked for; absent to ask for none.</param>
    public static IReadOnlyList<string> Tls(EndPoint end, string? serverName)
    {
        var where = end is IPEndPoint address ? $"-connect {Shell.Word(address.ToString())}" : $"-unix {Shell.Word(end.ToString()!)}";
        return [$"openssl s_client {where}{(serverName is null ? " -noservername" : " -servername " + Shell.Word(serverName))} </dev/null"];
    }

    /// <param name="url">Scheme, host, port and path.</param>
    /// <param name="socketPath">The unix socket, when it is one.</param>
    /// <param name="options">Further options, each a word or two that stand as they are.</param>
    public static IReadOnlyList<string> Get(string url, string? socketPath, string options = "") =>
        [$"curl -sS -D - -o /dev/null --max-time 5{options}{(socketPath is null ? "" : " --unix-socket " + Shell.Word(socketPath))} {Shell.Operand(url)}"];

    public static IReadOnlyList<string> Listener(EndPoint end) => end is IPEndPoint address
        ? [$"ss -ltnp 'sport = :{Port(address)}'"]
        : [$"ss -lxp | grep -F -e {Shell.Word(end.ToString()!)}"];

    public static IReadOnlyList<string> Unit(string unit) => [$"systemctl status --no-pager -- {Shell.Word(unit)}", $"journalctl --no-pager -n 20 -u {Shell.Word(unit)}"];

    public static IReadOnlyList<string> Container(string engine, string container) =>
        [$"{engine} ps -a --filter name={Shell.Word(container)}", $"{engine} logs --tail 20 {Shell.Word(container)}"];

    public static IReadOnlyList<string> KernelLog { get; } = ["journalctl -k --no-pager --since '-1 h' | grep -iE 'out of memory|oom-kill|segfault'"];

    private static string Port(IPEndPoint end) => end.Port.ToString(CultureInfo.InvariantCulture);
}
