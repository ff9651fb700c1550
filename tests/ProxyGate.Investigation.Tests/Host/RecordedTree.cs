namespace ProxyGate.Investigation.Tests.Host;

/// <summary>A folder of recorded files; it goes when the test ends.</summary>
internal sealed class RecordedTree : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("pg-host-").FullName;

    public string Proc => Path.Combine(Root, "proc");

    public RecordedTree File(string path, string text)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, text);
        return this;
    }

    public RecordedTree Link(string path, string target)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.CreateSymbolicLink(full, target);
        return this;
    }

    public string Program(string name, string script)
    {
        File(name, "#!/bin/sh\n" + script);
        var full = Path.Combine(Root, name);
        if (!OperatingSystem.IsWindows()) System.IO.File.SetUnixFileMode(full, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        return full;
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
