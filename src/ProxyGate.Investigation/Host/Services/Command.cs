using System.ComponentModel;
using System.Diagnostics;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>What a program printed.</summary>
internal sealed record CommandOutput(int ExitCode, string Output, string Error);

/// <summary>Runs a program that only shows something, within a limit of time and output.</summary>
internal static class Command
{
    private const int OutputLimit = 256 * 1024;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(800);

    public static async Task<CommandOutput> RunAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);

        // Words in English, without colours and without a pager that would wait for a key.
        start.Environment["LC_ALL"] = "C";
        start.Environment["SYSTEMD_PAGER"] = "";
        start.Environment["SYSTEMD_COLORS"] = "0";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(s_limit);
        using var process = Start(start);
        try
        {
            process.StandardInput.Close();
            var output = ReadAsync(process.StandardOutput, limit.Token);
            var error = ReadAsync(process.StandardError, limit.Token);
            await Task.WhenAll(output, error);
            await process.WaitForExitAsync(limit.Token);
            return new CommandOutput(process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        const int NoSuchFile = 2;
        try
        {
            return Process.Start(start) ?? throw new IOException($"{start.FileName} could not be started");
        }
        catch (Win32Exception error) when (error.NativeErrorCode == NoSuchFile)
        {
            throw new IOException($"the program {start.FileName} is not installed", error);
        }
    }

    /// <summary>What is over the limit is read and dropped, so that the program does not wait for its reader.</summary>
    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken stop)
    {
        var text = new System.Text.StringBuilder();
        var buffer = new char[8192];
        while (await reader.ReadAsync(buffer, stop) is > 0 and var length)
        {
            text.Append(buffer, 0, Math.Min(length, OutputLimit - text.Length));
        }

        return text.ToString();
    }
}
