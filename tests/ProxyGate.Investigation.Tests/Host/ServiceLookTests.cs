using System.Net;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Whole looks over recorded answers of systemd, Docker and Kubernetes, for a process that a recorded tree remembers and that is gone.</summary>
public sealed class ServiceLookTests : IDisposable
{
    private const string Container = "4c01db0b339c4f5e6d7a8b9c0d1e2f3a4b5c6d7e8f90a1b2c3d4e5f60718293a";
    private static readonly IPEndPoint s_app = IPEndPoint.Parse("127.0.0.1:5000");
    private static readonly IPEndPoint s_pod = IPEndPoint.Parse("10.42.0.17:8080");
    private readonly RecordedTree _tree = new();

    public void Dispose() => _tree.Dispose();

    private HostPaths Paths => new()
    {
        Proc = _tree.Proc,
        Cgroups = Path.Combine(_tree.Root, "cgroup"),
        KernelLog = Path.Combine(_tree.Root, "kmsg"),
        SystemdRunning = Path.Combine(_tree.Root, "run/systemd/system"),
        ContainerSockets = [Path.Combine(_tree.Root, "docker.sock")],
        ServiceAccount = Path.Combine(_tree.Root, "serviceaccount"),
        KubernetesApi = null,
        SocketDiagnostics = false,
        LookLimit = TimeSpan.FromSeconds(20),
    };

    [Fact]
    public async Task Systemd_tells_that_a_unit_was_killed_for_want_of_memory()
    {
        using var memory = await RememberAsync("/system.slice/app.service");
        var now = Recorded.Micros(DateTimeOffset.UtcNow);
        var exit = TimeProvider.System.GetTimestamp() / 1000;
        _tree.File("run/systemd/system/.keep", "");
        var paths = Paths with
        {
            Systemctl = _tree.Program("systemctl", $"echo \"$@\" > {_tree.Root}/asked\ncat <<'E'\n{Recorded.ShowOomKilled(exit)}\nE\n"),
            Journalctl = _tree.Program("journalctl", $"cat <<'E'\n{Recorded.JournalOomKilled(now)}\nE\n"),
        };
        var found = await Looks.LookAsync(Looks.At(s_app), memory, paths);

        Assert.True(found.Death!.OomKilled);
        Assert.Equal("systemd unit app.service", found.Death.Source);
        Assert.Equal(9, found.Death.Signal);
        Assert.Equal(536870912, found.Death.MemoryLimit);
        Assert.Equal(3, found.Death.Restarts);
        Assert.Equal("Allocating the report of 2024 with password=***", found.Death.LastLogLines[0]);
        Assert.Equal("app.service: Failed with result 'oom-kill'.", found.Death.Detail);
        Assert.InRange(found.Death.At!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(2));
        Assert.EndsWith("-- app.service\n", await File.ReadAllTextAsync(Path.Combine(_tree.Root, "asked"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_unit_that_systemd_does_not_know_is_a_blind_spot_and_so_is_a_machine_without_systemd()
    {
        using var memory = await RememberAsync("/system.slice/app.service");
        var found = await Looks.LookAsync(Looks.At(s_app), memory, Paths);
        Assert.Contains(found.NotSeen, b => b.Why.StartsWith("systemd does not run here", StringComparison.Ordinal));

        _tree.File("run/systemd/system/.keep", "");
        var paths = Paths with { Systemctl = _tree.Program("systemctl", "echo LoadState=not-found; echo ActiveState=inactive; echo Result=success\n"), Journalctl = "pg-no-such-program" };
        found = await Looks.LookAsync(Looks.At(s_app), memory, paths);
        Assert.Equal("/proc", found.Death!.Source);
        Assert.Contains(found.NotSeen, b => b.Why == "systemd does not know the unit");
        Assert.Contains(found.NotSeen, b => b.Why == "the program pg-no-such-program is not installed");
    }

    [Fact]
    public async Task A_program_that_does_not_answer_is_given_up()
    {
        using var memory = await RememberAsync("/system.slice/app.service");
        _tree.File("run/systemd/system/.keep", "");
        var sleep = _tree.Program("systemctl", "exec sleep 30\n");
        var found = await Looks.LookAsync(Looks.At(s_app), memory, Paths with { Systemctl = sleep, Journalctl = sleep, LookLimit = TimeSpan.FromSeconds(2) });

        Assert.Equal("/proc", found.Death!.Source);
        Assert.Contains(found.NotSeen, b => b.What == "how the unit app.service fared" && b.Why is "it took too long" or "there was no time left for it");
    }

    [Fact]
    public async Task Docker_tells_the_end_of_the_remembered_container()
    {
        using var memory = await RememberAsync($"/system.slice/docker-{Container}.scope");
        await using var engine = new FakeEngine(Paths.ContainerSockets[0]);
        engine.Answer($"/containers/{Container}/json", Recorded.DockerOomKilled(Container, DateTimeOffset.UtcNow))
            .Answer($"/containers/{Container}/logs?stdout=1&stderr=1&tail=5", Recorded.DockerLog("GET / 200", "token: s3cr3t\u001b[2J"));
        var found = await Looks.LookAsync(Looks.At(s_app), memory, Paths);

        Assert.True(found.Death!.OomKilled);
        Assert.Equal("docker container shop-web-1", found.Death.Source);
        Assert.Equal(137, found.Death.ExitCode);
        Assert.Equal(9, found.Death.Signal);
        Assert.Equal(268435456, found.Death.MemoryLimit);
        Assert.Equal(2, found.Death.Restarts);
        Assert.Equal(["GET / 200", "token: ***"], found.Death.LastLogLines);
        Assert.All(engine.Asked, asked => Assert.StartsWith("GET /containers/", asked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stopped_container_is_found_by_the_port_it_publishes_though_it_was_never_seen()
    {
        Tree(listening: false, "/");
        await using var engine = new FakeEngine(Paths.ContainerSockets[0]);
        engine.Answer("/containers/json?all=1", Recorded.DockerList(Container)).Answer($"/containers/{Container}/json", Recorded.DockerOomKilled(Container, DateTimeOffset.UtcNow))
            .Answer($"/containers/{Container}/logs?stdout=1&stderr=1&tail=5", "plain\n"u8.ToArray());
        var found = await Looks.LookAsync(Looks.At(s_app), Paths);

        Assert.Equal("docker container shop-web-1", found.Death!.Source);
        Assert.Null(found.Death.Pid);
        Assert.Equal(["plain"], found.Death.LastLogLines);
        Assert.Null((await Looks.LookAsync(Looks.At(IPEndPoint.Parse("127.0.0.1:5999")), Paths)).Death);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1,{\"Id\":3},{\"Id\":\"../../x\"},null]")]
    [InlineData("<html>")]
    [InlineData("")]
    public async Task An_engine_that_answers_nonsense_leads_to_no_end_and_no_exception(string answer)
    {
        Tree(listening: false, "/");
        await using var engine = new FakeEngine(Paths.ContainerSockets[0]);
        engine.Answer("/containers/json?all=1", answer);
        Assert.Null((await Looks.LookAsync(Looks.At(s_app), Paths)).Death);
    }

    [Fact]
    public async Task Kubernetes_tells_the_last_state_of_the_pod_with_the_address()
    {
        Tree(listening: false, "/");
        await using var api = new FakeEngine(null);
        api.Answer("/api/v1/namespaces/shop/pods?fieldSelector=status.podIP%3D10.42.0.17", Recorded.Pods(DateTimeOffset.UtcNow));
        _tree.File("serviceaccount/token", "t0ken\n").File("serviceaccount/namespace", "shop");
        var found = await Looks.LookAsync(Looks.At(s_pod), Paths with { KubernetesApi = api.Address });

        Assert.Equal(Whereabouts.Elsewhere, found.Where);
        Assert.True(found.Death!.OomKilled);
        Assert.Equal("kubernetes pod web-7d9c5b6f4-x2x7k", found.Death.Source);
        Assert.Equal(137, found.Death.ExitCode);
        Assert.Equal(4, found.Death.Restarts);
        Assert.Equal("kubernetes pod web-7d9c5b6f4-x2x7k, container web: last state OOMKilled, exit code 137, restarts 4, now CrashLoopBackOff", found.Death.Detail);
        Assert.Contains("Authorization: Bearer t0ken", api.Asked);
    }

    [Fact]
    public async Task A_service_account_that_may_not_list_pods_is_a_blind_spot()
    {
        Tree(listening: false, "/");
        await using var api = new FakeEngine(null);
        api.Answer("/api/v1/namespaces/shop/pods?fieldSelector=status.podIP%3D10.42.0.17", """{"kind":"Status","status":"Failure","reason":"Forbidden","code":403}""", 403);
        _tree.File("serviceaccount/token", "t0ken").File("serviceaccount/namespace", "shop");
        var found = await Looks.LookAsync(Looks.At(s_pod), Paths with { KubernetesApi = api.Address });

        Assert.Null(found.Death);
        Assert.Contains(found.NotSeen, b => b.Why == "the service account may not list pods in shop (get, list on pods)");
    }

    [Theory]
    [InlineData("low 0\nhigh 0\nmax 12\noom 1\noom_kill 0\noom_group_kill 0\n", "low 0\nhigh 0\nmax 31\noom 2\noom_kill 1\noom_group_kill 0\n", true)]
    [InlineData("low 0\nhigh 0\nmax 0\noom 0\noom_kill 2\n", "low 0\nhigh 0\nmax 9\noom 4\noom_kill 2\n", false)]
    public async Task Memory_events_of_version_2_count_by_their_growth(string then, string now, bool killed)
    {
        _tree.File("cgroup/system.slice/app.service/memory.events", then).File("cgroup/system.slice/app.service/memory.max", "104857600\n");
        using var memory = await RememberAsync("/system.slice/app.service");
        _tree.File("cgroup/system.slice/app.service/memory.events", now);
        var found = await Looks.LookAsync(Looks.At(s_app), memory, Paths);

        Assert.Equal(killed, found.Death!.OomKilled);
        Assert.Equal(killed ? "memory.events" : "/proc", found.Death.Source);
        Assert.Equal(killed ? 104857600 : null, found.Death.MemoryLimit);
    }

    [Fact]
    public async Task The_root_group_and_the_gateways_own_prove_nothing()
    {
        _tree.File("cgroup/system.slice/proxygate.service/memory.events", "oom_kill 0\n");
        _tree.File("proc/self/cgroup", "0::/system.slice/proxygate.service\n");
        using var memory = await RememberAsync("/system.slice/proxygate.service");
        _tree.File("cgroup/system.slice/proxygate.service/memory.events", "oom_kill 5\n");
        Assert.False((await Looks.LookAsync(Looks.At(s_app), memory, Paths)).Death!.OomKilled);
    }

    [Fact]
    public async Task A_container_with_a_network_of_its_own_is_looked_into_through_a_process_in_it()
    {
        Tree(listening: false, "/");
        _tree.Link("proc/self/ns/net", "net:[1]").Link("proc/77/ns/net", "net:[2]").File("proc/77/net/fib_trie", Recorded.Trie("172.17.0.2"))
            .File("proc/77/net/tcp", Recorded.Tcp("00000000:1388", 9001)).Link("proc/77/fd/3", "socket:[9001]")
            .File("proc/77/stat", Recorded.Stat(77, "node", 500)).File("proc/77/cgroup", $"0::/system.slice/docker-{Container}.scope\n").File("proc/77/cmdline", "node\0server.js\0");
        var found = await Looks.LookAsync(Looks.At(IPEndPoint.Parse("172.17.0.2:5000")), Paths);

        Assert.Equal(Whereabouts.InContainer, found.Where);
        Assert.True(found.Listener!.Listening);
        Assert.Equal("node", found.Process!.Name);
        Assert.Equal(Container, found.Process.Container);
        Assert.Null(found.Process.Unit);

        // Two networks with the same address: which one is meant cannot be told.
        _tree.Link("proc/78/ns/net", "net:[3]").File("proc/78/net/fib_trie", Recorded.Trie("172.17.0.2"));
        found = await Looks.LookAsync(Looks.At(IPEndPoint.Parse("172.17.0.2:5000")), Paths);
        Assert.Equal(Whereabouts.Elsewhere, found.Where);
        Assert.Contains(found.NotSeen, b => b.Why.StartsWith("2 networks on this machine", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_machine_where_nothing_can_be_read_leaves_blind_spots_only()
    {
        Directory.CreateDirectory(_tree.Proc);
        var found = await Looks.LookAsync(Looks.At(s_app), Paths with { Proc = Path.Combine(_tree.Root, "none") });

        Assert.Null(found.Process);
        Assert.Null(found.Death);
        Assert.NotEmpty(found.NotSeen);
        Assert.False(found.Listener?.Listening ?? false);
    }

    /// <summary>Process 42 listens, is remembered, and is gone.</summary>
    private async Task<ListenerMemory> RememberAsync(string cgroup)
    {
        Tree(listening: true, cgroup);
        var memory = await Looks.RememberAsync(s_app, Paths);
        Assert.NotNull(memory.Recall(ListenerPlace.At(s_app), DateTimeOffset.UtcNow));
        Directory.Delete(Path.Combine(_tree.Proc, "42"), recursive: true);
        _tree.File("proc/net/tcp", Recorded.TcpHead);
        return memory;
    }

    private void Tree(bool listening, string cgroup)
    {
        _tree.File("kmsg", "").File("proc/net/tcp6", Recorded.TcpHead).File("proc/net/tcp", listening ? Recorded.Tcp("0100007F:1388", 4711) : Recorded.TcpHead);
        if (!listening) return;
        _tree.File("proc/42/stat", Recorded.Stat(42, "dotnet", 1000)).File("proc/42/cgroup", $"0::{cgroup}\n").File("proc/42/cmdline", "dotnet\0App.dll\0").Link("proc/42/fd/200", "socket:[4711]");
    }
}
