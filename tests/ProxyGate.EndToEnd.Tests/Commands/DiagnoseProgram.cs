using System.Diagnostics;
using System.Text.Json;
using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Commands;

/// <summary>Runs the built program's <c>diagnose</c> and <c>check</c> as a script does.</summary>
internal static class DiagnoseProgram
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var process = Start(arguments);
        return await EndedAsync(process);
    }

    private static async Task<(int Code, string Output, string Error)> EndedAsync(Process process)
    {
        var output = process.StandardOutput.ReadToEndAsync(Token);
        var error = process.StandardError.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token).WaitAsync(Limit, Token);
        return (process.ExitCode, await output, await error);
    }

    /// <summary>With <c>--json</c>: the exit code is also the object's, and nothing is said on standard error.</summary>
    public static async Task<JsonElement> JsonAsync(params string[] arguments) => Parsed(await RunAsync(Patiently(arguments)));

    /// <summary>On a machine that differs from this one in its hosts file.</summary>
    public static async Task<JsonElement> WithHostsAsync(string hosts, params string[] arguments)
    {
        string[] mounted = ["--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\"", hosts, GatewayProcess.Program, .. Patiently(arguments)];
        using var process = Start("unshare", mounted);
        return Parsed(await EndedAsync(process));
    }

    /// <summary>Time enough for a machine that has much else to do.</summary>
    private static string[] Patiently(string[] arguments) => [.. arguments, .. arguments.Contains("--timeout") ? (string[])[] : ["--timeout", "40s"], "--json"];

    private static JsonElement Parsed((int Code, string Output, string Error) ended)
    {
        var (code, output, error) = ended;
        TestContext.Current.TestOutputHelper?.WriteLine(output + error);
        Assert.Equal("", error);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(json.GetProperty("exit").GetInt32(), code);
        return json;
    }

    public static Process Start(params string[] arguments) => Start(GatewayProcess.Program, arguments);

    private static Process Start(string program, string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    public static async Task<string> LineAsync(Process process) => await process.StandardOutput.ReadLineAsync(Token).AsTask().WaitAsync(Limit, Token) ?? "";

    /// <summary>Ctrl-C. A program that does not end of it is killed, and the test fails.</summary>
    public static async Task<(int Code, string Output)> InterruptAsync(Process process)
    {
        using (var interrupt = Process.Start("kill", ["-INT", $"{process.Id}"])) await interrupt.WaitForExitAsync(Token).WaitAsync(Limit, Token);
        try
        {
            var rest = await process.StandardOutput.ReadToEndAsync(Token).WaitAsync(Limit, Token);
            await process.WaitForExitAsync(Token).WaitAsync(Limit, Token);
            return (process.ExitCode, rest);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
    }

    /// <summary>The first step of a rung.</summary>
    public static JsonElement Step(this JsonElement look, string rung) => look.GetProperty("steps").EnumerateArray().First(s => s.Text("rung") == rung);

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    /// <summary>A slow machine makes an answer slow, which is a warning: it counts as passed here.</summary>
    public static string Result(this JsonElement look, string rung) => look.Seen(rung).EndsWith("; that is slow", StringComparison.Ordinal) ? "pass" : look.Step(rung).Text("result");

    public static string Seen(this JsonElement look, string rung) => string.Join("; ", look.Step(rung).GetProperty("seen").EnumerateArray().Select(s => s.GetString()));

    /// <summary>The surest root cause, e.g. <c>proved wrong_port</c>.</summary>
    public static string FirstHint(this JsonElement look) =>
        look.GetProperty("hints").EnumerateArray().Select(h => $"{h.Text("confidence")} {h.Text("id")}").FirstOrDefault() ?? "";
}
