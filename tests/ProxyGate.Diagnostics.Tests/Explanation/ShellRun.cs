using System.Diagnostics;
using System.Globalization;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>
/// What bash makes of a block of lines: every program replaced by one that only notes the words it was called with, so that the shell alone
/// is at work. One run takes any number of lines.
/// </summary>
internal static class ShellRun
{
    /// <summary>The commands that each line runs, as words: the first is the program.</summary>
    public static ILookup<int, string[]> Words(IReadOnlyList<string> lines)
    {
        var folder = Directory.CreateTempSubdirectory("proxygate-shell-");
        try
        {
            var noted = Path.Combine(folder.FullName, "noted");
            // Each call is one write: its line's number, the words, an end mark, all ended by NUL, which no word can hold.
            var script = "note() { printf '%s\\0' \"$LINE\" \"$@\" $'\\2' >> \"" + noted + "\"; }\n"
                + "command_not_found_handle() { note \"$@\"; }\nPATH=/nonexistent\n"
                + string.Concat(lines.Select((l, i) => l.StartsWith('#') ? "" : string.Create(CultureInfo.InvariantCulture, $"LINE={i}\n{l}\n")));
            var (code, errors) = Run(script, folder.FullName, "--norc", "--noprofile");
            Assert.True(code is 0 or 1 or 127, errors);
            Assert.Equal(["noted"], Directory.GetFiles(folder.FullName).Select(Path.GetFileName).Where(f => f != "upstream-ca.pem"));
            return Calls(File.ReadAllText(noted)).ToLookup(c => c.Line, c => c.Words);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Whether bash can read the lines; what it says when it cannot.</summary>
    public static (int Code, string Errors) Check(IEnumerable<string> lines) => Run(string.Join('\n', lines) + "\n", Path.GetTempPath(), "-n");

    private static IEnumerable<(int Line, string[] Words)> Calls(string noted)
    {
        foreach (var call in noted.Split("\u0002\0", StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = call.Split('\0');
            yield return (int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1..^1]);
        }
    }

    private static (int Code, string Errors) Run(string script, string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", arguments) { WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardInput.Write(script);
        process.StandardInput.Close();
        Assert.True(process.WaitForExit(TimeSpan.FromSeconds(60)), "the shell did not end");
        Assert.Equal("", output.Result);
        return (process.ExitCode, errors.Result);
    }
}
