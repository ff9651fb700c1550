using System.Diagnostics;
using System.Globalization;

namespace ProxyGate.Simulation.Tests;

/// <summary>curl inside the gateway's namespace meets each fault of the network.</summary>
public sealed class NamespaceTests
{
    private const int CannotResolve = 6;
    private const int CannotConnect = 7;
    private const int TimedOut = 28;

    [Fact]
    public async Task The_network_fails_in_the_way_each_fault_says()
    {
        (string Id, int Exit, string Says)[] faults =
        [
            ("dns-nxdomain", CannotResolve, ""), ("dns-no-data", CannotResolve, ""), ("dns-server-failure", CannotResolve, ""),
            ("dns-refused", CannotResolve, ""),
            ("net-dropped", TimedOut, ""), ("net-port-unreachable", CannotConnect, "refused"),
            ("net-admin-prohibited", CannotConnect, "No route to host"), ("net-host-unreachable", CannotConnect, "No route to host"),
            ("net-net-unreachable", CannotConnect, "unreachable"), ("net-firewall-reset", CannotConnect, "refused"),
            ("net-no-route", CannotConnect, "unreachable"), ("net-route-unreachable", CannotConnect, "No route to host"),
            ("net-route-prohibited", CannotConnect, "Permission denied"), ("net-route-blackhole", CannotConnect, "Invalid argument"),
            ("net-egress-dropped", TimedOut, ""), ("net-egress-rejected", CannotConnect, ""), ("net-host-down", TimedOut, ""),
        ];
        string? name = null;
        await using (var environment = LifeTests.NewEnvironment())
        {
            if (FaultCatalogue.Find("net-dropped")!.CannotRunBecause(environment) is { } reason)
                Assert.Skip(reason);
            if (!File.Exists("/usr/bin/curl"))
                Assert.Skip("curl is not installed");
            foreach (var (id, exit, says) in faults)
            {
                await using var running = await FaultCatalogue.Find(id)!.StartAsync(environment, TestContext.Current.CancellationToken);
                name = running.Namespace!;
                var (code, text) = await CurlAsync(name, running.Destination!);
                Assert.True(exit == code && text.Contains(says, StringComparison.OrdinalIgnoreCase), $"{id}: {code} {text}");
            }
        }

        Assert.False(File.Exists("/var/run/netns/" + name));
        Assert.False(Directory.Exists("/etc/netns/" + name));
    }

    private static async Task<(int Exit, string Text)> CurlAsync(string name, string address)
    {
        var limit = 1.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("ip", ["netns", "exec", name, "/usr/bin/curl", "-sSv", "--noproxy", "*", "--max-time", limit, address])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var curl = Process.Start(start)!;
        var text = await curl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await curl.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (curl.ExitCode, text);
    }
}
