using System.Net;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Investigation.Host;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Looks at this machine as the gateway would.</summary>
internal static class Looks
{
    /// <summary>The real machine, but no container engine that might happen to run on it.</summary>
    public static readonly HostPaths Real = new() { ContainerSockets = [], LookLimit = TimeSpan.FromSeconds(10) };

    public static Question At(IPEndPoint address, string cause = CauseId.ConnectRefused, IPEndPoint? local = null, DateTimeOffset? failedAt = null) => new()
    {
        Destination = "app",
        ConfiguredUrl = $"http://{address}",
        Address = address,
        LocalAddress = local,
        Cause = cause,
        FailedAt = failedAt ?? DateTimeOffset.UtcNow,
    };

    public static Question AtSocket(string path, string cause = CauseId.ConnectRefused) => new()
    {
        Destination = "app",
        ConfiguredUrl = $"unix:{path}",
        SocketPath = path,
        Cause = cause,
        FailedAt = DateTimeOffset.UtcNow,
    };

    public static async Task<HostFindings> LookAsync(Question question, HostPaths? paths = null)
    {
        using var memory = new ListenerMemory(paths ?? Real, TimeProvider.System);
        return await LookAsync(question, memory, paths);
    }

    public static Task<HostFindings> LookAsync(Question question, ListenerMemory memory, HostPaths? paths = null) =>
        new HostLook(paths ?? Real, TimeProvider.System).LookAsync(question, memory, TestContext.Current.CancellationToken);

    public static async Task<ListenerMemory> RememberAsync(IPEndPoint address, HostPaths? paths = null)
    {
        var memory = new ListenerMemory(paths ?? Real, TimeProvider.System);
        await memory.SampleAsync([ListenerPlace.At(address)], TestContext.Current.CancellationToken);
        return memory;
    }

    /// <summary>Looks until what is expected is seen: the kernel queues packets and reports a moment after a call returned.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> look, Func<T, bool> expected)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (true)
        {
            var seen = await look();
            if (expected(seen) || limit.IsCancellationRequested) return seen;
            await Task.Yield();
        }
    }
}
