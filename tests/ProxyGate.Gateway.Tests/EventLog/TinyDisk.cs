using System.Diagnostics;

namespace ProxyGate.Gateway.Tests.EventLog;

/// <summary>A disk so small that it can be filled. Needs the right to mount.</summary>
internal sealed class TinyDisk : IDisposable
{
    private TinyDisk(string path) => Path = path;

    public string Path { get; }

    public static TinyDisk? TryMount(int bytes)
    {
        var path = Directory.CreateTempSubdirectory("proxygate-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", $"size={bytes}", "tmpfs", path)) return new TinyDisk(path);
        Directory.Delete(path);
        return null;
    }

    /// <summary>As somebody who makes room.</summary>
    public bool Grow(int bytes) => Run("mount", "-o", $"remount,size={bytes}", Path);

    public void Dispose()
    {
        Run("umount", "-l", Path);
        Directory.Delete(Path);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // no such program
        }
    }
}
