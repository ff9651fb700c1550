using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;
using ProxyGate.Investigation.Host.Deaths;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Tests.Host;

public sealed class KernelLogTests
{
    private static readonly DateTimeOffset s_boot = new(2024, 5, 2, 8, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_OOM_kill_of_a_group_is_read_with_its_limit_and_told_once()
    {
        var found = Assert.Single(Events(
            "4,100,7000000,-;memory: usage 32768kB, limit 32768kB, failcnt 61",
            "6,101,7000100,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/docker/4c01,task_memcg=/docker/4c01,task=python3,pid=28406,uid=0\n SUBSYSTEM=x",
            "3,102,7000200,-;Memory cgroup out of memory: Killed process 28406 (python3) total-vm:221376kB, anon-rss:39552kB, file-rss:6580kB, shmem-rss:0kB, UID:0 pgtables:140kB oom_score_adj:0"));

        Assert.Equal((28406, "python3", "/docker/4c01", true, 9), (found.Pid, found.Name, found.Cgroup, found.OutOfMemory, found.Signal));
        Assert.Equal(32L << 20, found.MemoryLimit);
        Assert.Equal(TimeSpan.FromSeconds(7.0001), found.SinceBoot);
    }

    [Theory]
    // Linux 5.x without a group: the machine itself had none left.
    [InlineData("6,1,1,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/system.slice/app.service,task=node,pid=99,uid=1000", 99, "node", "/system.slice/app.service")]
    // Linux 4.15
    [InlineData("3,1,1,-;Killed process 1234 (java) total-vm:9kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB", 1234, "java", null)]
    [InlineData("3,1,1,-;Out of memory: Killed process 77 (x) total-vm:9kB, anon-rss:1kB", 77, "x", null)]
    // Red Hat 7
    [InlineData("3,1,1,-;Killed process 2345 (ruby), UID 48, total-vm:9kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB", 2345, "ruby", null)]
    public void Other_kernels_forms_are_read(string record, int pid, string name, string? group)
    {
        var found = Assert.Single(Events(record));
        Assert.Equal((pid, name, group, true), (found.Pid, found.Name, found.Cgroup, found.OutOfMemory));
        Assert.Null(found.MemoryLimit);
    }

    [Fact]
    public void Before_Linux_5_the_group_stands_on_a_line_of_its_own()
    {
        var found = Assert.Single(Events(
            "6,1,1000000,-;Task in /docker/abc killed as a result of limit of /docker/abc",
            "6,2,1000010,-;memory: usage 1024kB, limit 1024kB, failcnt 3",
            "3,3,1000020,-;Memory cgroup out of memory: Kill process 5 (app) score 99 or sacrifice child",
            "3,4,1000030,-;Killed process 5 (app) total-vm:1kB, anon-rss:1kB, file-rss:0kB, shmem-rss:0kB"));
        Assert.Equal((5, "/docker/abc", 1L << 20), (found.Pid, found.Cgroup, found.MemoryLimit!.Value));
    }

    [Theory]
    [InlineData("python3[28801]: segfault at 0 ip 00007f00 sp 00007ff0 error 4 in libc.so.6[167ad8,7f4afaa44000+156000] likely on CPU 1", 28801, "python3", 11)]
    [InlineData("traps: app[12] general protection fault ip:7f sp:7f error:0 in app[55+1]", 12, "app", 11)]
    [InlineData("traps: app[12] trap invalid opcode ip:7f sp:7f error:0 in app[55+1]", 12, "app", 4)]
    [InlineData("traps: app[12] trap divide error ip:7f sp:7f error:0 in app[55+1]", 12, "app", 8)]
    [InlineData("app[12]: unhandled exception: DABT (lower EL), ESR 0x92000005, level 1 translation fault in app[1+1]", 12, "app", null)]
    // A program may call itself anything: the number is the one the kernel wrote.
    [InlineData("a[1]: segfault[34]: segfault at 0 ip 00 sp 00 error 4", 34, "a[1]: segfault", 11)]
    public void Crashes_are_read(string message, int pid, string name, int? signal)
    {
        var found = Assert.Single(Events("6,1,1,-;" + message));
        Assert.Equal((pid, name, signal, false), (found.Pid, found.Name, found.Signal, found.OutOfMemory));
    }

    [Fact]
    public void A_name_that_imitates_the_kernels_fields_does_not_shift_the_number()
    {
        var found = Assert.Single(Events("6,1,1,-;oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,task_memcg=/a,task=x,pid=1,uid=0,pid=500,uid=0"));
        Assert.Equal(500, found.Pid);
    }

    [Theory]
    [InlineData("12,1,1,-;oom-kill:constraint=CONSTRAINT_NONE,cpuset=/,global_oom,task_memcg=/a,task=x,pid=500,uid=0")] // written by a program
    [InlineData("6,1,1,-;[drm] Killed process of nobody")]
    [InlineData("6,1,1,-;app says: Killed process 5 (app) total-vm:1kB")]
    [InlineData("6,1,99999999999999999999,-;x[1]: segfault at 0 ip 0 sp 0 error 4")]
    [InlineData("6,1;x[1]: segfault at 0 ip 0 sp 0 error 4")]
    [InlineData("6,1,1,-;x[99999999999]: segfault at 0 ip 0 sp 0 error 4")]
    [InlineData("")]
    [InlineData(";")]
    public void What_the_kernel_did_not_say_is_not_believed(string record) => Assert.Empty(Events(record));

    [Fact]
    public void A_long_log_keeps_the_latest_ends_only()
    {
        var parser = new KernelLogParser();
        for (var i = 1; i <= 1000; i++) parser.Add($"6,{i},{i},-;x[{i}]: segfault at 0 ip 0 sp 0 error 4");
        Assert.Equal(200, parser.Events.Count);
        Assert.Equal(1000, parser.Events.Last().Pid);
    }

    [Theory]
    [InlineData(42, 100, true, 42)] // the process itself
    [InlineData(43, 100, true, 43)] // its worker
    [InlineData(42, 10, true, null)] // long before: another process had the number
    [InlineData(77, 100, true, null)] // another process
    [InlineData(42, 100, false, null)] // numbers of another namespace
    public void Only_a_report_on_the_process_itself_and_in_the_time_is_joined(int pid, int atSecond, bool pidsMatch, int? expected)
    {
        var events = Events($"6,1,{atSecond}000000,-;app[{pid}]: segfault at 0 ip 0 sp 0 error 4");
        Assert.Equal(expected, KernelJoin.Find(events, Before("/system.slice/app.service"), CgroupPlace.None, pidsMatch ? Nobody : null, true, s_boot)?.Event.Pid);
    }

    [Theory]
    [InlineData("app[42]: segfault at 0 ip 0 sp 0 error 4", null, 42)] // gone, and called by its name
    [InlineData("cron[42]: segfault at 0 ip 0 sp 0 error 4", null, null)] // gone, and its number was given to another, which crashed
    [InlineData("cron[42]: segfault at 0 ip 0 sp 0 error 4", 900L, null)]
    [InlineData("renamed[42]: segfault at 0 ip 0 sp 0 error 4", 1L, 42)] // it is still the one: it may call itself as it likes
    [InlineData("worker[43]: segfault at 0 ip 0 sp 0 error 4", null, 43)]
    [InlineData("cron[43]: segfault at 0 ip 0 sp 0 error 4", null, null)]
    [InlineData("thread[44]: segfault at 0 ip 0 sp 0 error 4", null, 44)] // a thread of a process that is gone
    [InlineData("thread[44]: segfault at 0 ip 0 sp 0 error 4", 1L, null)] // the process lives: another one has that number
    public void A_number_that_was_given_to_another_process_is_not_the_app(string message, long? startNow, int? expected)
    {
        var events = Events($"6,1,100000000,-;{message}");
        var before = Before("/system.slice/app.service") with
        {
            Stats = new Dictionary<int, ProcStat> { [42] = new("app", 'S', 1, 1, 0), [43] = new("worker", 'S', 42, 5, 0) },
            Threads = new HashSet<int> { 42, 44 },
        };
        var now = (int pid) => startNow is { } start && pid == 42 ? new ProcStat("whatever", 'S', 1, start, 0) : null;
        Assert.Equal(expected, KernelJoin.Find(events, before, CgroupPlace.None, now, true, s_boot)?.Event.Pid);
    }

    [Fact]
    public void A_kill_of_another_process_in_the_apps_group_is_told_as_such()
    {
        const string Kill = "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/app,task_memcg=/app,task=";
        var helper = KernelJoin.Find(Events($"6,1,100000000,-;{Kill}ffmpeg,pid=999,uid=0"), Before("/app"), CgroupPlace.None, Nobody, true, s_boot);
        Assert.True(helper!.InGroup);
        var own = KernelJoin.Find(Events($"6,1,100000000,-;{Kill}app,pid=42,uid=0", $"6,2,100001000,-;{Kill}ffmpeg,pid=999,uid=0"), Before("/app"), CgroupPlace.None, Nobody, true, s_boot);
        Assert.False(own!.InGroup);
        Assert.Equal(42, own.Event.Pid);
    }

    [Theory]
    [InlineData("/system.slice/app.service", "/system.slice/app.service", "/system.slice/proxygate.service", true)]
    [InlineData("/system.slice/app.service", "/system.slice/app.service/worker", "/system.slice/proxygate.service", true)]
    [InlineData("/system.slice/app.service", "/system.slice/app.service2", "/system.slice/proxygate.service", false)]
    [InlineData("/user.slice", "/user.slice/other", "/user.slice/proxygate", false)] // the gateway is in it as well: it is not the app's own
    [InlineData("/", "/anything", "/x", false)]
    public void A_report_is_joined_by_the_group_only_where_the_group_is_the_apps_own(string own, string killed, string gateway, bool expected)
    {
        var events = Events($"6,1,100000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg={own},task_memcg={killed},task=w,pid=999,uid=0");
        Assert.Equal(expected, KernelJoin.Find(events, Before(own), CgroupPlace.Parse("0::" + gateway), Nobody, true, s_boot) is not null);
    }

    private static readonly Func<int, ProcStat?> Nobody = _ => null;

    private static IReadOnlyCollection<KernelEvent> Events(params string[] records)
    {
        var parser = new KernelLogParser();
        foreach (var record in records) parser.Add(record);
        return parser.Events;
    }

    private static RememberedListener Before(string cgroup) => new()
    {
        Facts = new ProcessFacts { Pid = 42, Name = "app" },
        StartTicks = 1,
        Cgroup = CgroupPlace.Parse("0::" + cgroup),
        Holders = new HashSet<int> { 42, 43 },
        FirstSeen = s_boot.AddSeconds(40),
        LastSeen = s_boot.AddSeconds(90),
    };
}
