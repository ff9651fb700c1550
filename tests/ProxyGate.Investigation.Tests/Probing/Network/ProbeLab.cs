using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace ProxyGate.Investigation.Tests.Probing.Network;

/// <summary>
/// A gateway, a router with a host behind it, and a host on the gateway's own link, each a network namespace. Packet filters and routes
/// misbehave by port and address; nothing of the machine's own network is touched.
/// </summary>
public sealed class ProbeLab : IAsyncLifetime
{
    public const string Host = "10.90.2.2", Router = "10.90.1.254", Gateway = "10.90.1.1", OnLink = "10.90.3.2";
    public const string Host6 = "fd90:2::2", Router6 = "fd90:1::fe", Gateway6 = "fd90:1::1", OnLink6 = "fd90:3::2";

    private const string HostRules = """
        table inet faults {
          chain input {
            type filter hook input priority 0; policy accept;
            tcp dport 7011 drop
            tcp dport 7012 reject with icmpx port-unreachable
            tcp dport 7013 reject with icmpx admin-prohibited
            tcp dport 7014 reject with icmpx host-unreachable
            tcp dport 7016 reject with tcp reset
            tcp dport 7041 tcp flags & psh == psh drop
            ip daddr 10.90.2.9 drop
          }
        }
        """;

    private const string RouterRules = """
        table inet faults {
          chain forward {
            type filter hook forward priority 0; policy accept;
            tcp dport 7021 drop
            tcp dport 7022 reject with icmpx port-unreachable
            tcp dport 7023 reject with icmpx admin-prohibited
            tcp dport 7024 reject with icmpx host-unreachable
            tcp dport 7026 reject with tcp reset
          }
        }
        """;

    private const string GatewayRules = """
        table inet faults {
          chain output {
            type filter hook output priority 0; policy accept;
            tcp dport 7031 drop
            meta l4proto { tcp, udp } th dport 7032 drop
            tcp dport 7033 reject with icmpx admin-prohibited
            tcp dport 7034 reject with icmpx host-unreachable
            tcp dport 7036 reject with tcp reset
          }
        }
        """;

    private readonly string _name = "pp" + Path.GetRandomFileName()[..6];
    private readonly List<Socket> _listening = [];

    public string GatewayNamespace => _name + "-g";

    public static string? ImpossibleBecause()
    {
        if (!OperatingSystem.IsLinux()) return "network namespaces exist on Linux only";
        const long Needed = (1L << 12) | (1L << 21);
        var line = File.ReadLines("/proc/self/status").First(l => l.StartsWith("CapEff:", StringComparison.Ordinal));
        var held = long.Parse(line[7..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (held & Needed) == Needed ? null : "making network namespaces needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN)";
    }

    public async ValueTask InitializeAsync()
    {
        if (ImpossibleBecause() is not null) return;
        var (g, r, u, l) = (_name + "-g", _name + "-r", _name + "-u", _name + "-l");
        string[] steps =
        [
            $"netns add {g}", $"netns add {r}", $"netns add {u}", $"netns add {l}",
            $"-n {g} link add g0 type veth peer name r0 netns {r}",
            $"-n {r} link add r1 type veth peer name u0 netns {u}",
            $"-n {g} link add g1 type veth peer name l0 netns {l}",
            .. Ends(g, "g0", Gateway, Gateway6), .. Ends(r, "r0", Router, Router6), .. Ends(r, "r1", "10.90.2.254", "fd90:2::fe"),
            .. Ends(u, "u0", Host, Host6), .. Ends(g, "g1", "10.90.3.1", "fd90:3::1"), .. Ends(l, "l0", OnLink, OnLink6),
            $"-n {u} addr add 10.90.2.9/24 dev u0",
            $"-n {g} route add 10.90.2.0/24 via {Router}", $"-n {g} -6 route add fd90:2::/64 via {Router6}",
            $"-n {u} route add default via 10.90.2.254", $"-n {u} -6 route add default via fd90:2::fe",
            // Through a router that knows no way on, through one that is not there, and three routes that end at once.
            $"-n {g} route add 10.93.0.0/24 via {Router}", $"-n {g} route add 10.94.0.0/24 via 10.90.3.99",
            $"-n {g} route add unreachable 10.97.0.0/24", $"-n {g} route add prohibit 10.96.0.0/24", $"-n {g} route add blackhole 10.95.0.0/24",
        ];
        foreach (var step in steps) await RunAsync("ip", step.Split(' '), null);
        foreach (var name in (string[])[g, r, u, l])
        {
            // Linux sends one peer six ICMP errors in a row and then one a second; the seventh would look like silence.
            await RunAsync("ip", ["netns", "exec", name, "sh", "-c", "echo 0 >/proc/sys/net/ipv4/icmp_ratelimit; echo 0 >/proc/sys/net/ipv6/icmp/ratelimit; echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding"], null);
        }

        foreach (var (name, rules) in ((string, string)[])[(u, HostRules), (l, HostRules), (r, RouterRules), (g, GatewayRules)])
            await RunAsync("ip", ["netns", "exec", name, "nft", "-f", "-"], rules);
        foreach (var name in (string[])[u, l]) _listening.Add(await InNamespaceAsync(name, () => Listen(7000)));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var socket in _listening) socket.Dispose();
        foreach (var end in (string[])["-g", "-r", "-u", "-l"])
        {
            if (File.Exists("/var/run/netns/" + _name + end)) await RunAsync("ip", ["netns", "del", _name + end], null);
        }
    }

    internal async Task SetAsync(string end, string command) => await RunAsync("ip", ["netns", "exec", _name + end, "sh", "-c", command], null);

    /// <summary>Runs a short piece of code where one of the machines is: <c>-g</c> the gateway, <c>-r</c> the router, <c>-u</c> the host behind it, <c>-l</c> the one on the link.</summary>
    internal Task<T> AtAsync<T>(string end, Func<T> make) => InNamespaceAsync(_name + end, make);

    internal string NameOf(string end) => _name + end;

    private static string[] Ends(string name, string device, string address, string address6) =>
    [
        $"-n {name} addr add {address}/24 dev {device}", $"-n {name} addr add {address6}/64 dev {device} nodad",
        $"-n {name} link set {device} up", $"-n {name} link set lo up",
    ];

    private static Socket Listen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
        socket.Listen();
        return socket;
    }

    /// <summary>Runs a short piece of code on a thread of its own that has entered the namespace. Sockets made there stay there.</summary>
    private static Task<T> InNamespaceAsync<T>(string name, Func<T> make)
    {
        var made = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                using var file = File.OpenHandle("/var/run/netns/" + name);
                if (SetNamespace((int)file.DangerousGetHandle(), 0x40000000) != 0) throw new InvalidOperationException($"setns failed with errno {Marshal.GetLastPInvokeError()}.");
                made.SetResult(make());
            }
            catch (Exception failure)
            {
                made.SetException(failure);
            }
        })
        { IsBackground = true }.Start();
        return made.Task;
    }

    private static async Task RunAsync(string program, string[] arguments, string? input)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardInput = true };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
        process.StandardInput.Close();
        var error = await process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        if (process.ExitCode != 0) throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed: {error.Trim()}");
    }

#pragma warning disable SYSLIB1054 // One call with two integers needs no generated marshalling.
    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetNamespace(int file, int kind);
#pragma warning restore SYSLIB1054
}
