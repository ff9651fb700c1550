using System.Diagnostics;
using System.Runtime.InteropServices;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>A gateway that is told to stop while it starts ends in order and says so.</summary>
public sealed class EarlyStopTests : IDisposable
{
    private const int Terminate = 15;
    private const string Said = "Told to stop before the gateway was ready: it has served nothing.";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly TestFolder _folder = new();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_ends_quietly_at_whatever_moment_the_signal_comes()
    {
        var file = Config();
        var (soonest, latest) = (TimeSpan.Zero, TimeSpan.FromSeconds(3));
        for (var tries = 0; tries < 10; tries++)
        {
            var wait = (soonest + latest) / 2;
            using var process = Start(file);
            await Task.Delay(wait, Stop); // the moment that is tried
            var (code, output, error) = await EndAsync(process);
            var all = $"after {wait}: {code}\n{output}\n{error}";
            Assert.DoesNotContain("Unhandled", all, StringComparison.Ordinal);
            Assert.DoesNotContain("   at ", all, StringComparison.Ordinal);
            Assert.DoesNotContain("ERROR", all, StringComparison.Ordinal);
            var outcome = (code, output.Contains("Stopping:", StringComparison.Ordinal), output.Length > 0, error.Trim());
            switch (outcome)
            {
                case (143, false, false, ""): // before a line of ours had run
                    soonest = wait;
                    break;
                case (0, true, true, ""): // it had served, and drained
                    latest = wait;
                    break;
                default:
                    Assert.True((code, error.Trim()) == (0, Said), all);
                    return;
            }
        }
    }

    [Fact]
    public async Task It_ends_although_its_configuration_does_not_come()
    {
        var pipe = _folder.PathOf("never.json");
        using (var made = Process.Start("mkfifo", pipe)) await made.WaitForExitAsync(Stop);
        using var process = Start(pipe);
        // Opening it returns when the gateway has opened the other end.
        await using var writer = await Task.Run(() => new FileStream(pipe, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), Stop).WaitAsync(Limit, Stop);
        var (code, output, error) = await EndAsync(process);
        Assert.Equal((0, "", Said), (code, output.Trim(), error.Trim()));
    }

    private string Config() => _folder.Write("proxygate.json", """
        {
          "ReverseProxy": {
            "Routes": { "all": { "ClusterId": "app", "Match": { "Path": "/{**rest}" } } },
            "Clusters": { "app": { "Destinations": { "one": { "Address": "http://127.0.0.1:9" } } } }
          },
          "ProxyGate": { "Listen": ["http://127.0.0.1:0"], "Admin": { "Listen": "http://127.0.0.1:0" } }
        }
        """);

    private Process Start(string config) => Process.Start(new ProcessStartInfo(GatewayProcess.Program, ["run", "--config", config])
    {
        WorkingDirectory = _folder.Path,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    private static async Task<(int Code, string Output, string Error)> EndAsync(Process process)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        limit.CancelAfter(Limit);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var error = process.StandardError.ReadToEndAsync(limit.Token);
            _ = Kill(process.Id, Terminate);
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
