using System.Diagnostics;
using System.Net;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Investigation.Host;

namespace ProxyGate.Investigation.Tests.Host;

/// <summary>The same look by a user who may do nothing: run as root, each test starts itself again as nobody.</summary>
public sealed class UnprivilegedTests
{
    private const string Port = "PROXYGATE_TEST_PORT";
    private const string Nobody = "65534";

    [Fact]
    public async Task A_user_without_rights_sees_the_listener_and_its_queue_and_is_told_what_it_cannot_see()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await using var app = await Child.StartAsync(Child.Sleep);
            await AsNobodyAsync(app.Port);
            return;
        }

        var given = Environment.GetEnvironmentVariable(Port);
        await using var own = given is null ? await Child.StartAsync(Child.Sleep) : null;
        var address = new IPEndPoint(IPAddress.Loopback, own?.Port ?? int.Parse(given!, System.Globalization.CultureInfo.InvariantCulture));
        using var memory = await Looks.RememberAsync(address);
        var found = await Looks.LookAsync(Looks.At(address, CauseId.ConnectTimeout), memory);

        Assert.True(found.Listener!.Listening);
        Assert.Equal(0, found.Listener.AcceptQueue);
        Assert.Equal(16, found.Listener.AcceptQueueLimit);
        Assert.NotNull(found.Limits!.OpenFiles);

        // One's own processes may be looked into, another user's not.
        if (own is not null)
        {
            Assert.Equal(own.Pid, found.Process!.Pid);
            return;
        }

        Assert.Null(found.Process);
        Assert.Null(found.ProcessBefore);
        Assert.Null(found.Death);
        Assert.Contains(found.NotSeen, b => b.What == $"the owner of port {address.Port}" && b.Why == "reading other users' processes needs root or CAP_SYS_PTRACE");
        Assert.Contains(found.NotSeen, b => b.What == "who listened there before the failure");
    }

    [Fact]
    public async Task A_user_without_rights_is_told_that_the_kernel_log_is_closed_to_it()
    {
        if (Environment.IsPrivilegedProcess)
        {
            await AsNobodyAsync(0);
            return;
        }

        var restricted = (await File.ReadAllTextAsync("/proc/sys/kernel/dmesg_restrict", TestContext.Current.CancellationToken)).Trim() == "1";
        var app = await Child.StartAsync(Child.Sleep);
        using var memory = await Looks.RememberAsync(app.At());
        var address = app.At();
        await app.DisposeAsync();
        var found = await Looks.LookAsync(Looks.At(address), memory);

        Assert.Equal("/proc", found.Death!.Source);
        Assert.Equal(restricted, found.NotSeen.Any(b => b.Why == "reading the kernel log needs root or CAP_SYSLOG"));
    }

    private static async Task AsNobodyAsync(int port, [System.Runtime.CompilerServices.CallerMemberName] string test = "")
    {
        var start = new ProcessStartInfo("setpriv") { RedirectStandardOutput = true };
        string[] arguments = ["--reuid", Nobody, "--regid", Nobody, "--clear-groups", Environment.ProcessPath!, "-noColor", "-method", $"{typeof(UnprivilegedTests).FullName}.{test}"];
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        if (port != 0) start.Environment[Port] = port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var output = await process.StandardOutput.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0 && output.Contains("Total: 1, Errors: 0, Failed: 0, Skipped: 0", StringComparison.Ordinal), output);
    }
}
