using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace ProxyGate.Simulation.Namespaces;

/// <summary>
/// Two network namespaces joined by a cable: one in which the gateway is to run, one for the upstream. Routes, packet filters and
/// the resolver inside them misbehave; the machine's own network is not touched. The folder of the gateway's namespace in
/// <c>/etc/netns</c> names its resolver: <c>ip netns exec</c> puts it in place. All of it goes when the lab is disposed.
/// </summary>
internal sealed class NamespaceLab : IAsyncDisposable
{
    internal const string Upstream = "10.99.0.2";

    private static readonly TimeSpan CommandLimit = TimeSpan.FromSeconds(10);
    private readonly string _upstreamNamespace;
    private FaultyResolver? _resolver;

    private NamespaceLab(string name)
    {
        GatewayNamespace = name + "-g";
        _upstreamNamespace = name + "-u";
    }

    /// <summary>Where the gateway has to run: <c>ip netns exec NAME …</c>.</summary>
    internal string GatewayNamespace { get; }

    private string ResolverFolder => Path.Combine("/etc/netns", GatewayNamespace);

    /// <summary>Why there can be no lab here; absent when there can.</summary>
    internal static string? ImpossibleBecause()
    {
        if (!OperatingSystem.IsLinux())
            return "network namespaces exist on Linux only";
        const long NetAdmin = 1L << 12, SysAdmin = 1L << 21;
        var capabilities = File.ReadLines("/proc/self/status").First(line => line.StartsWith("CapEff:", StringComparison.Ordinal))[7..].Trim();
        var held = long.Parse(capabilities, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        if ((held & NetAdmin) == 0 || (held & SysAdmin) == 0)
            return "making network namespaces needs root (CAP_NET_ADMIN and CAP_SYS_ADMIN)";
        foreach (var program in (string[])["ip", "nft"])
        {
            if (!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Append("/usr/sbin").Any(folder => File.Exists(Path.Combine(folder, program))))
                return $"the program '{program}' is not installed";
        }

        return null;
    }

    internal static async Task<NamespaceLab> CreateAsync(CancellationToken cancellationToken)
    {
        if (ImpossibleBecause() is { } reason)
            throw new InvalidOperationException($"This fault needs network namespaces, but {reason}.");
        var lab = new NamespaceLab("pg" + Path.GetRandomFileName()[..6]);
        try
        {
            await lab.BuildAsync(cancellationToken);
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_resolver is not null)
            await _resolver.DisposeAsync();
        foreach (var name in (string[])[GatewayNamespace, _upstreamNamespace])
        {
            if (File.Exists("/var/run/netns/" + name))
                await RunAsync("ip", ["netns", "del", name], input: null, CancellationToken.None);
        }

        if (Directory.Exists(ResolverFolder))
            Directory.Delete(ResolverFolder, recursive: true);
    }

    private async Task BuildAsync(CancellationToken cancellationToken)
    {
        var (gateway, upstream) = (GatewayNamespace, _upstreamNamespace);
        string[] steps =
        [
            $"netns add {gateway}",
            $"netns add {upstream}",
            $"-n {gateway} link add g0 type veth peer name u0 netns {upstream}",
            $"-n {gateway} addr add 10.99.0.1/24 dev g0",
            $"-n {upstream} addr add {Upstream}/24 dev u0",
            $"-n {gateway} link set lo up",
            $"-n {gateway} link set g0 up",
            $"-n {upstream} link set lo up",
            $"-n {upstream} link set u0 up",
            $"-n {gateway} route add unreachable 10.97.0.0/24",
            $"-n {gateway} route add prohibit 10.96.0.0/24",
            $"-n {gateway} route add blackhole 10.95.0.0/24",
        ];
        foreach (var step in steps)
            await RunAsync("ip", step.Split(' '), input: null, cancellationToken);
        foreach (var name in (string[])[gateway, upstream])
        {
            // Linux sends one peer six ICMP errors in a row and then one a second; the seventh refusal would look like silence.
            await RunAsync("ip", ["netns", "exec", name, "sh", "-c", "echo 0 > /proc/sys/net/ipv4/icmp_ratelimit"], input: null, cancellationToken);
        }

        await RunAsync("ip", ["netns", "exec", upstream, "nft", "-f", "-"], NamespaceFaults.UpstreamRules, cancellationToken);
        await RunAsync("ip", ["netns", "exec", gateway, "nft", "-f", "-"], NamespaceFaults.GatewayRules, cancellationToken);

        Directory.CreateDirectory(ResolverFolder);
        await File.WriteAllTextAsync(
            Path.Combine(ResolverFolder, "resolv.conf"), "nameserver 127.0.0.1\noptions timeout:10 attempts:1\n", cancellationToken);
        _resolver = new FaultyResolver(await InNamespaceAsync(gateway, FaultyResolver.Bind));
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
                if (NativeMethods.SetNamespace((int)file.DangerousGetHandle(), NativeMethods.NetworkNamespace) != 0)
                    throw new InvalidOperationException($"setns failed with errno {Marshal.GetLastPInvokeError()}.");
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

    private static async Task RunAsync(string program, string[] arguments, string? input, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start)!;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CommandLimit);
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token);
            process.StandardInput.Close();
            var error = await process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"'{program} {string.Join(' ', arguments)}' failed: {error.Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    private static class NativeMethods
    {
        internal const int NetworkNamespace = 0x40000000;

#pragma warning disable SYSLIB1054 // One call with two integers needs no generated marshalling, and no unsafe code in the project.
        [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
        [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
        internal static extern int SetNamespace(int file, int kind);
#pragma warning restore SYSLIB1054
    }
}
