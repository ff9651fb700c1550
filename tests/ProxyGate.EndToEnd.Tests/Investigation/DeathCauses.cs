using System.Diagnostics;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Investigation.Tests.Host;
using static ProxyGate.EndToEnd.Tests.Investigation.Apps;

namespace ProxyGate.EndToEnd.Tests.Investigation;

/// <summary>Apps that end, each in its own way, and coincidences that must not be taken for the reason.</summary>
internal static class DeathCauses
{
    private static readonly string[] s_inHand = [.. Ended, "stale_connection"];

    /// <summary>A new process of the same program listens before the old one leaves its request.</summary>
    private const string StartAnew = """
        server.socket.close()
        subprocess.Popen([sys.executable, *sys.argv])
        for _ in range(1000):
            try: socket.create_connection(('127.0.0.1', int(sys.argv[1]))).close(); break
            except OSError: time.sleep(0.01)
        os._exit(0)
        """;

    public static IReadOnlyList<RootCause> All { get; } =
    [
        new("app killed (SIGKILL), then asked", ["connect_refused"], "", "app_down", "proved", async folder =>
        {
            var node = await NodeAsync(folder, Hello);
            var late = new Late();
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{node.Port}",
                Break = () => SignalAsync(node, Kill, gone: true),
                Truth = () => [$"process {node.Pid} (node) no longer exists"],
                Mend = Steps.StartAgain(folder, node.Port, late.Add),
            }.With(node, late);
        }),
        new("app killed (SIGKILL) in a request", s_inHand, "upstream_process_exited", "crashed", "proved", folder => KilledInRequestAsync(folder, () => Task.CompletedTask)) { Never = ["oom_killed"] },
        new("app killed while another program crashes", s_inHand, "upstream_process_exited", "crashed", "proved", folder => KilledInRequestAsync(folder, async () =>
        {
            var (code, _, _) = await Programs.RunAsync(Programs.Require("python3"), ["-c", "import ctypes; ctypes.string_at(0)"], folder.Path);
            Assert.Equal(139, code);
        })) { Never = ["oom_killed"] },
        new("app killed while another program runs out of memory", s_inHand, "upstream_process_exited", "crashed", "proved", async folder =>
        {
            var group = MemoryGroupOnThisMachine.Create(out var reason);
            Assert.SkipWhen(group is null, reason ?? "");
            var scene = await KilledInRequestAsync(folder, async () =>
            {
                var (code, _, _) = await Programs.RunAsync(Programs.Require("python3"), ["-c", $"open('{group.Folder}/cgroup.procs', 'w').write('0'); b = bytearray(400 << 20)"], folder.Path);
                Assert.Equal(137, code);
            });
            return scene.With(new Ending(group.Dispose));
        })
        { Never = ["oom_killed"] },
        new("segmentation fault in a request", Ended, "upstream_process_exited", "crashed", "proved", async folder =>
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "reading the kernel log needs root");
            var app = await PythonAsync(folder, "ctypes.string_at(0)", oneThread: true);
            return new Scene { Upstream = $"http://127.0.0.1:{app.Port}", Break = () => Task.CompletedTask, Truth = () => [$"[{app.Pid}]: segfault at 0", "kernel log"] }.With(app);
        }),
        new("exit code 3 in a request", Ended, "upstream_process_exited", "crashed", "proved", async folder =>
        {
            Assert.SkipUnless(Environment.IsPrivilegedProcess, "seeing the exit code of another's process needs root");
            var file = PythonFile(folder, "os._exit(3)", oneThread: true);
            // Its parent does not wait for it.
            var app = await StartAsync(folder, null, port => ["/bin/sh", "-c", $"{Programs.Require("python3")} {file} {port} & exec sleep 600"]);
            return new Scene { Upstream = $"http://127.0.0.1:{app.Port}", Break = () => Task.CompletedTask, Truth = () => ["exit code 3", $"process {Pids(app)[0]} "] }.With(app);
        }),
        new("end by an exception, with the output in a file", Ended, "", "app_down", "proved", async folder =>
        {
            var file = PythonFile(folder, "sys.stderr.write('sqlite3.OperationalError: no such table: users\\n'); os._exit(1)", oneThread: true);
            var app = await StartAsync(folder, null, port => ["/bin/sh", "-c", $"exec {Programs.Require("python3")} {file} {port} >>{folder.PathOf("app.log")} 2>&1"]);
            return new Scene { Upstream = $"http://127.0.0.1:{app.Port}", Break = () => Task.CompletedTask, Truth = () => ["Its log ends: sqlite3.OperationalError: no such table: users", $"process {app.Pid}"] }.With(app);
        }),
        new("out of memory in a control group", Ended, "upstream_oom_killed", "oom_killed", "proved", async folder =>
        {
            var group = MemoryGroupOnThisMachine.Create(out var reason);
            Assert.SkipWhen(group is null, reason ?? "");
            var app = await PythonAsync(folder, "b = bytearray(400 << 20)", Join(group), oneThread: true);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{app.Port}",
                Break = () => Task.CompletedTask,
                Truth = () => Environment.IsPrivilegedProcess ? [$"pid={app.Pid}", "kernel log"] : ["oom_kill grew by 1"],
            }.With(new Ending(group.Dispose), app);
        }),
        new("out of memory: a helper of the app, which lives and gives the request up", Ended, "", "oom_killed", "likely", async folder =>
        {
            var group = MemoryGroupOnThisMachine.Create(out var reason);
            Assert.SkipWhen(group is null, reason ?? "");
            var app = await PythonAsync(folder, """
                helper = os.fork()
                if helper == 0:
                    open('/proc/self/oom_score_adj', 'w').write('900'); b = bytearray(400 << 20); os._exit(0)
                os.waitpid(helper, 0)
                self.close_connection = True
                """, Join(group), oneThread: true);
            return new Scene { Upstream = $"http://127.0.0.1:{app.Port}", Break = () => Task.CompletedTask, Truth = () => [Path.GetFileName(group.Folder)] }.With(new Ending(group.Dispose), app);
        })
        { Never = ["crashed", "app_down", "restarted"] },
        new("restart in the middle of a request", Ended, "upstream_restarting", "restarted", "proved", async folder =>
        {
            var app = await PythonAsync(folder, StartAnew);
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{app.Port}",
                Truth = () => [$"was process {Pids(app)[0]} while all was well and is process {Pids(app)[1]} now"],
            }.With(app, new Ending(() =>
            {
                foreach (var pid in Pids(app).Skip(1)) End(pid);
            }));
        })
        { Never = ["port_taken", "crashed"] },
        new("app ended and starts again slowly", ["connect_refused"], "upstream_starting", "app_starting", "proved", async folder =>
        {
            var slow = folder.PathOf("slow");
            var app = await PythonAsync(folder, "pass", $"if os.path.exists('{slow}'): time.sleep(600)");
            Process? again = null;
            return new Scene
            {
                Upstream = $"http://127.0.0.1:{app.Port}",
                Break = async () =>
                {
                    await SignalAsync(app, Kill, gone: true);
                    await File.WriteAllTextAsync(slow, "");
                    again = Process.Start(Programs.Require("python3"), [folder.PathOf("app.py"), Text(app.Port)]);
                    // Until it is the program, and no longer the copy of this one that becomes it.
                    for (var i = 0; i < 1000 && !(await File.ReadAllTextAsync($"/proc/{again.Id}/cmdline")).Contains("app.py", StringComparison.Ordinal); i++) await Task.Delay(10);
                },
                Truth = () => [$"(process {again!.Id}) is the program that listened at 127.0.0.1:{app.Port} before"],
            }.With(app, new Ending(async () =>
            {
                if (again is null) return;
                again.Kill();
                await again.WaitForExitAsync();
                again.Dispose();
            }));
        }),
        new("gunicorn ends a worker that takes too long", Ended, "", "worker_timeout_kill", "proved", async folder =>
        {
            folder.Write("shop.py", "import time\ndef app(environ, start):\n    if environ['PATH_INFO'] != '/': time.sleep(60)\n    start('200 OK', [('Content-Length', '5')])\n    return [b'hello']\n");
            var app = await StartAsync(folder, null, port => [Programs.Require("gunicorn"), "--bind", $"127.0.0.1:{port}", "--workers", "1", "--timeout", "2", "--error-logfile", folder.PathOf("error.log"), "shop:app"]);
            await AnswersAsync(app.Port);
            return new Scene { Upstream = $"http://127.0.0.1:{app.Port}", Break = () => Task.CompletedTask, Truth = () => ["WORKER TIMEOUT (pid:", $"(process {app.Pid}) runs on"] }.With(app);
        })
        { Later = "likely", Never = ["crashed", "app_down", "restarted"] },
    ];

    private static async Task<Scene> KilledInRequestAsync(TestFolder folder, Func<Task> meanwhile)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "seeing how another's process ended needs root");
        var file = folder.Write("app.js", Thinking);
        // Its parent does not wait for it, so that how it ended can be seen for as long as it takes.
        var node = await StartAsync(folder, null, port => ["/bin/sh", "-c", $"{Programs.Require("node")} {file} {port} & exec sleep 600"]);
        var late = new Late();
        return new Scene
        {
            Upstream = $"http://127.0.0.1:{node.Port}",
            Break = () => Task.CompletedTask,
            BreakInRequest = async () =>
            {
                await SaysAsync(node, "asked");
                await meanwhile();
                End(Pids(node)[0]);
                await ClosedAsync(node.Port);
            },
            Truth = () => [$"process {Pids(node)[0]} (node) has ended (signal 9)"],
            Mend = Steps.StartAgain(folder, node.Port, late.Add),
        }.With(node, late);
    }

    private static string Join(MemoryGroupOnThisMachine group) => $"open('{group.Folder}/cgroup.procs', 'w').write('0')";
}
