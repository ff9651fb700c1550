using System.Net;
using ProxyGate.Investigation.Host;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>A look that a person asked for: nothing is remembered from before, and a unit may be named.</summary>
public sealed class ByHandLookTests : IDisposable
{
    private static readonly IPEndPoint s_app = IPEndPoint.Parse("127.0.0.1:5000");
    private readonly RecordedTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_unit_that_is_named_is_asked_about_however_long_ago_it_ended()
    {
        var hoursAgo = DateTimeOffset.UtcNow.AddHours(-3);
        var paths = Paths(Recorded.ShowOomKilled((TimeProvider.System.GetTimestamp() / 1000) - (3L * 3600 * 1_000_000)), Recorded.JournalOomKilled(Recorded.Micros(hoursAgo)));

        var found = await Looks.LookAsync(Looks.At(s_app) with { ByHand = true, Unit = "app.service" }, paths);

        var service = Assert.Single(found.Services);
        Assert.Equal(("systemd", "app.service", false), (service.Manager, service.Name, service.Running));
        Assert.Equal("app.service: Failed with result 'oom-kill'.", service.Detail);
        Assert.Equal("Allocating the report of 2024 with password=***", service.LogLines[0]);
        Assert.True(found.Death!.OomKilled);
        Assert.InRange(DateTimeOffset.UtcNow - found.Death.At!.Value, TimeSpan.FromHours(2.9), TimeSpan.FromHours(3.1));
        Assert.DoesNotContain(found.NotSeen, b => b.What.Contains("before the failure", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_unit_that_is_not_named_and_ended_long_ago_explains_nothing()
    {
        var paths = Paths(Recorded.ShowOomKilled(1), Recorded.JournalOomKilled(Recorded.Micros(DateTimeOffset.UtcNow)));

        var found = await Looks.LookAsync(Looks.At(s_app) with { ByHand = true }, paths);

        Assert.Empty(found.Services);
        Assert.Null(found.Death);
    }

    private HostPaths Paths(string shown, string journal)
    {
        _tree.File("run/systemd/system/.keep", "");
        _tree.File("proc/net/tcp", Recorded.TcpHead);
        return new HostPaths
        {
            Proc = _tree.Proc,
            Cgroups = Path.Combine(_tree.Root, "cgroup"),
            KernelLog = Path.Combine(_tree.Root, "kmsg"),
            SystemdRunning = Path.Combine(_tree.Root, "run/systemd/system"),
            Systemctl = _tree.Program("systemctl", $"cat <<'E'\n{shown}\nE\n"),
            Journalctl = _tree.Program("journalctl", $"cat <<'E'\n{journal}\nE\n"),
            ContainerSockets = [],
            KubernetesApi = null,
            SocketDiagnostics = false,
            LookLimit = TimeSpan.FromSeconds(20),
        };
    }
}
