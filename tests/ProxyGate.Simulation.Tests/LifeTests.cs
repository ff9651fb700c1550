using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Simulation.Tests;

public sealed class LifeTests
{
    public static TheoryData<string> Local =>
        [.. FaultCatalogue.All.Where(fault => !fault.RequiresNamespace).Select(fault => fault.Id)];

    internal static FaultEnvironment NewEnvironment() => new()
    {
        ChildCommand = [Environment.ProcessPath!, "faulty-app"],
        GatewayAddress = "http://127.0.0.1:1",
        GatewayObeysPermissions = true,
    };

    [Theory]
    [MemberData(nameof(Local))]
    public async Task A_fault_starts_says_where_it_is_and_leaves_nothing_behind(string id)
    {
        var fault = FaultCatalogue.Find(id)!;
        string folder;
        RunningFault running;
        await using (var environment = NewEnvironment())
        {
            folder = environment.Folder;
            if (fault.CannotRunBecause(environment) is { } reason)
                Assert.Skip(reason);
            running = await fault.StartAsync(environment, TestContext.Current.CancellationToken);
            Assert.Same(fault, running.Fault);
            await running.DisposeAsync();
        }

        Assert.False(Directory.Exists(folder));
        if (Uri.TryCreate(running.Destination, UriKind.Absolute, out var address) && address.Port > 1 && IPAddress.TryParse(address.Host, out var ip))
        {
            using var again = new Socket(SocketType.Stream, ProtocolType.Tcp);
            again.Bind(new IPEndPoint(ip, address.Port));
        }
    }

    [Fact]
    public async Task Two_runs_of_one_fault_do_not_disturb_each_other()
    {
        await using var environment = NewEnvironment();
        var fault = FaultCatalogue.Find("close-no-byte")!;
        var one = await fault.StartAsync(environment, TestContext.Current.CancellationToken);
        await using var other = await fault.StartAsync(environment, TestContext.Current.CancellationToken);
        Assert.NotEqual(one.Destination, other.Destination);
        await one.DisposeAsync();
        var seen = await Clients.FaultClient.SendAsync(other.Destination!, fault.Request, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(Clients.AnswerEnd.Closed, seen.End);
    }

    [Fact]
    public async Task A_fault_listens_on_the_port_it_is_told()
    {
        int port;
        using (var probe = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            port = ((IPEndPoint)probe.LocalEndPoint!).Port;
        }

        await using var environment = new FaultEnvironment { Port = port };
        await using var running = await FaultCatalogue.Find("healthy-small")!.StartAsync(environment, TestContext.Current.CancellationToken);
        Assert.Equal($"http://127.0.0.1:{port}", running.Destination);
    }
}
