using System.Diagnostics;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Investigations;
using ProxyGate.Investigation.Host;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>Real processes that really die.</summary>
public sealed class DeathLookTests
{
    [Fact]
    public async Task A_process_ended_by_SIGKILL_is_gone_and_no_OOM_kill_is_claimed()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        app.Process.Kill();
        await app.EndedAsync();
        var found = await Looks.LookAsync(Looks.At(app.At()), memory);

        Assert.False(found.Listener!.Listening);
        Assert.Equal(app.Pid, found.ProcessBefore!.Pid);
        Assert.Null(found.Process);
        Assert.Equal("/proc", found.Death!.Source);
        Assert.Equal(app.Pid, found.Death.Pid);
        Assert.False(found.Death.OomKilled);
        Assert.Null(found.Death.ExitCode);
    }

    [Fact]
    public async Task A_process_that_nobody_has_waited_for_tells_by_which_signal_it_ended()
    {
        // The listener is a child of the program, which does not wait for it.
        await using var app = await Child.StartAsync("""
            pid = os.fork()
            if pid == 0: time.sleep(60)
            s.close(); print(pid, flush=True); sys.stdin.readline(); os.kill(pid, 9); os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT); print('dead', flush=True); time.sleep(60)
            """);
        var listener = await app.SaysAsync();
        using var memory = await Looks.RememberAsync(app.At());
        await app.TellAsync();
        Assert.Equal("dead", await app.SaysAsync());
        var found = await Looks.LookAsync(Looks.At(app.At()), memory);

        Assert.Equal(listener, found.Death!.Pid!.Value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(9, found.Death.Signal);
        Assert.Null(found.Death.ExitCode);
    }

    [Fact]
    public async Task A_segmentation_fault_is_found_in_the_kernel_log()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading the kernel log needs root");
        await using var app = await Child.StartAsync(Child.Segfault);
        using var memory = await Looks.RememberAsync(app.At());
        await app.GoOnAsync();
        var found = await Looks.UntilAsync(() => Looks.LookAsync(Looks.At(app.At(), CauseId.UpstreamClosedWithoutResponse), memory), f => f.Death?.Source == "kernel log");

        Assert.Equal("kernel log", found.Death!.Source);
        Assert.Equal(11, found.Death.Signal);
        Assert.Equal(app.Pid, found.Death.Pid);
        Assert.False(found.Death.OomKilled);
        Assert.Contains("segfault at", found.Death.Detail, StringComparison.Ordinal);
        Assert.InRange(found.Death.At!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(5));
    }

    [Fact]
    public async Task The_crash_of_another_process_is_never_used()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        await using var other = await Child.StartAsync(Child.Segfault);
        await other.GoOnAsync();
        app.Process.Kill();
        await app.EndedAsync();
        var found = await Looks.LookAsync(Looks.At(app.At(), CauseId.UpstreamClosedWithoutResponse), memory);

        Assert.Equal("/proc", found.Death!.Source);
        Assert.Null(found.Death.Signal);
        Assert.Empty(found.Death.AlsoSeen);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_OOM_kill_in_a_control_group_is_proven_with_and_without_the_kernel_log(bool kernelLog)
    {
        using var group = MemoryGroupOnThisMachine.Create(out var reason);
        Assert.SkipWhen(group is null, reason ?? "");
        await using var app = await Child.StartAsync(Child.EatMemory, cgroup: group.Folder);
        var paths = kernelLog ? Looks.Real : Looks.Real with { KernelLog = "/dev/null" };
        using var memory = await Looks.RememberAsync(app.At(), paths);
        await app.GoOnAsync();
        var found = await Looks.UntilAsync(
            () => Looks.LookAsync(Looks.At(app.At(), CauseId.UpstreamClosedWithoutResponse), memory, paths), f => f.Death is { OomKilled: true } d && (!kernelLog || d.Source == "kernel log"));

        Assert.True(found.Death!.OomKilled);
        Assert.Equal(9, found.Death.Signal);
        Assert.Equal(app.Pid, found.Death.Pid);
        Assert.Equal(MemoryGroupOnThisMachine.Limit, found.Death.MemoryLimit);
        if (kernelLog)
        {
            Assert.Equal("kernel log", found.Death.Source);
            Assert.Contains(found.Death.AlsoSeen, s => s.StartsWith("oom_kill grew by 1 in ", StringComparison.Ordinal));
        }
        else
        {
            Assert.StartsWith("memory.", found.Death.Source, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_worker_killed_for_want_of_memory_is_told_though_its_server_lives()
    {
        using var group = MemoryGroupOnThisMachine.Create(out var reason);
        Assert.SkipWhen(group is null, reason ?? "");
        await using var app = await Child.StartAsync("""
            sys.stdin.readline()
            pid = os.fork()
            if pid == 0: open('/proc/self/oom_score_adj', 'w').write('900'); b = bytearray(400 << 20)
            os.waitpid(pid, 0); print(pid, flush=True); time.sleep(60)
            """, cgroup: group.Folder);
        using var memory = await Looks.RememberAsync(app.At());
        await app.TellAsync();
        var worker = await app.SaysAsync();
        var found = await Looks.UntilAsync(() => Looks.LookAsync(Looks.At(app.At(), CauseId.UpstreamClosedWithoutResponse), memory), f => f.Death is not null);

        Assert.True(found.Listener!.Listening);
        Assert.Equal(app.Pid, found.Process!.Pid);
        Assert.True(found.Death!.OomKilled);
        if (Environment.IsPrivilegedProcess) Assert.Equal(worker, found.Death.Pid?.ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_restart_in_the_middle_is_told_by_number_and_time_of_start()
    {
        var first = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(first.At());
        var address = first.At();
        await first.DisposeAsync();
        await using var second = await Child.StartAsync(Child.Sleep, port: address.Port);
        var found = await Looks.LookAsync(Looks.At(address, CauseId.UpstreamClosedWithoutResponse), memory);

        Assert.True(found.Listener!.Listening);
        Assert.Equal(second.Pid, found.Process!.Pid);
        Assert.NotEqual(found.ProcessBefore!.Pid, found.Process.Pid);
        var change = Assert.Single(found.Changes);
        Assert.Equal(ChangeKind.ListenerReplaced, change.What);
        Assert.Equal($"{found.Process.Name} (pid {second.Pid})", change.After);
        Assert.Equal("/proc", found.Death!.Source);
    }

    [Fact]
    public async Task A_recovery_that_was_sampled_meanwhile_does_not_hide_who_was_there_at_the_failure()
    {
        var first = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(first.At());
        var (address, firstPid, failedAt) = (first.At(), first.Pid, DateTimeOffset.UtcNow);
        await first.DisposeAsync();
        await using var second = await Child.StartAsync(Child.Sleep, port: address.Port);
        await memory.SampleAsync([ListenerPlace.At(address)], TestContext.Current.CancellationToken);
        var found = await Looks.LookAsync(Looks.At(address, failedAt: failedAt), memory);

        Assert.Equal(firstPid, found.ProcessBefore!.Pid);
        Assert.EndsWith($"(pid {second.Pid})", Assert.Single(found.Changes).After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_program_in_the_place_of_the_one_before_is_named()
    {
        var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        var address = app.At();
        await app.DisposeAsync();
        await using var other = await Child.StartAsync("open('/proc/self/comm', 'w').write('intruder (x) R'); print('named', flush=True); " + Child.Sleep, port: address.Port);
        Assert.Equal("named", await other.SaysAsync());
        var found = await Looks.LookAsync(Looks.At(address), memory);

        Assert.Equal("intruder (x) R", found.Process!.Name);
        Assert.Equal($"intruder (x) R (pid {other.Pid})", Assert.Single(found.Changes).After);
        Assert.NotEqual("intruder (x) R", found.ProcessBefore!.Name);
    }

    [Fact]
    public async Task A_program_that_starts_again_but_does_not_listen_yet_is_found_starting()
    {
        const string SlowStart = "import os, time, sys\nif os.path.exists(sys.argv[4]): time.sleep(60)\n";
        using var folder = new RecordedTree();
        var marker = Path.Combine(folder.Root, "second");
        var app = await Child.StartAsync(Child.Sleep, before: SlowStart, arguments: [marker]);
        using var memory = await Looks.RememberAsync(app.At());
        var (address, start) = (app.At(), new ProcessStartInfo(app.Process.StartInfo.FileName));
        foreach (var argument in app.Process.StartInfo.ArgumentList) start.ArgumentList.Add(argument);
        await app.DisposeAsync();
        folder.File("second", "");
        using var again = Process.Start(start)!;
        try
        {
            var found = await Looks.UntilAsync(() => Looks.LookAsync(Looks.At(address), memory), f => f.Listener!.Starting is not null);
            Assert.Equal(again.Id, found.Listener!.Starting!.Pid);
            Assert.False(found.Listener.Listening);
            Assert.Null(found.Process);
        }
        finally
        {
            again.Kill();
            await again.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Memory_forgets_what_is_no_longer_configured()
    {
        await using var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        Assert.NotNull(memory.Recall(ListenerPlace.At(app.At()), DateTimeOffset.UtcNow));
        Assert.Null(memory.Recall(ListenerPlace.At(app.At()), DateTimeOffset.UtcNow.AddHours(-1)));
        memory.Keep([]);
        Assert.Null(memory.Recall(ListenerPlace.At(app.At()), DateTimeOffset.UtcNow));
    }
}
