using System.Diagnostics;

namespace ProxyGate.EndToEnd.Tests.Support;

/// <summary>Programs of the system that a test needs; a test without its program is skipped and says so.</summary>
internal static class Programs
{
    /// <summary>Where servers live that are not on everybody's path.</summary>
    private static readonly string[] Elsewhere = ["/usr/sbin", "/usr/local/sbin", "/sbin"];

    public static string? Find(string name)
    {
        // PostgreSQL's own programs live in a folder of their version; the wrappers on the path choose one and may not.
        var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")) : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return versions.Concat(path).Concat(Elsewhere).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
    }

    /// <summary>The program's path; skips the test when it is not installed.</summary>
    public static string Require(string name)
    {
        var found = Find(name);
        Assert.SkipUnless(found is not null, $"{name} is not installed here.");
        return found!;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(
        string program, IEnumerable<string> arguments, string folder, string? input = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(program)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var end = new CancellationTokenSource(limit ?? TimeSpan.FromSeconds(60));
        try
        {
            await process.WaitForExitAsync(end.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} did not end.\n{await output}\n{await error}");
        }

        return (process.ExitCode, await output, await error);
    }
}
