using System.Security.Cryptography;
using Microsoft.Extensions.Configuration;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Reads a configuration, lays the environment over it, and names every mistake at once.</summary>
internal static class ConfigLoader
{
    /// <summary>More than any configuration a person writes; a device or a log named by mistake must not fill the memory.</summary>
    private const long MaxFileBytes = 16 * 1024 * 1024;

    /// <param name="listen">Addresses from the command line; when given they take the place of the file's.</param>
    public static async Task<ConfigResult> LoadAsync(
        string path,
        IEnumerable<KeyValuePair<string, string>> environment,
        IReadOnlyList<string>? listen = null,
        TimeProvider? time = null)
    {
        byte[] bytes;
        try
        {
            bytes = await ReadAsync(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ConfigResult { File = path, ReverseProxy = Empty(), Unreadable = Reason(path, e) };
        }

        return await LoadAsync(path, bytes, environment, listen, time);
    }

    public static async Task<ConfigResult> LoadAsync(
        string path,
        byte[] content,
        IEnumerable<KeyValuePair<string, string>> environment,
        IReadOnlyList<string>? listen = null,
        TimeProvider? time = null)
    {
        var mistakes = new List<ConfigMistake>();
        var root = ConfigFileReader.Read(path, content, mistakes, out var complete);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        var result = await EvaluateAsync(root, complete, path, folder, environment, listen, mistakes, time);
        return result with { Seen = result.Seen with { Config = SHA256.HashData(content) } };
    }

    /// <summary>Judges a tree, from a file or made from the command line.</summary>
    /// <param name="file">The file the tree was read from; absent for the command line.</param>
    public static async Task<ConfigResult> EvaluateAsync(
        ConfigNode root,
        bool complete,
        string? file,
        string baseFolder,
        IEnumerable<KeyValuePair<string, string>> environment,
        IReadOnlyList<string>? listen,
        List<ConfigMistake> mistakes,
        TimeProvider? time)
    {
        EnvironmentOverrides.Apply(root, environment, mistakes);
        if (listen is { Count: > 0 })
            CommandLineConfig.SetListen(root, listen);
        new ShapeChecker(mistakes).Check(root);
        var binder = new ReverseProxyBinder(root.Find(ConfigShape.ReverseProxy), mistakes);
        var pages = new PageTemplateChecks(baseFolder, mistakes);
        if (complete)
        {
            // What a syntax error cut off would be missed here for the wrong reason.
            new CrossChecks(root, file ?? ConfigMistake.CommandLineFile, mistakes).Run(baseFolder, (time ?? TimeProvider.System).GetUtcNow());
            pages.Run(root);
            await binder.BindAsync();
        }

        var valid = mistakes.TrueForAll(m => m.IsWarning);
        return new ConfigResult
        {
            File = file,
            Settings = valid ? SettingsBinder.Bind(root.Find(ConfigShape.ProxyGate), baseFolder, pages.Pages) : null,
            Seen = new SeenContent([], pages.Hashes),
            ReverseProxy = binder.Configuration,
            Routes = binder.Routes,
            Clusters = binder.Clusters,
            Lines = file is null ? ConfigLines.None : ConfigLines.Of(root.Find(ConfigShape.ReverseProxy), file, binder.Routes),
            Mistakes = [.. mistakes.OrderBy(m => m.Line == 0).ThenBy(m => m.Line).ThenBy(m => m.Column).ThenBy(m => m.Key, StringComparer.Ordinal)],
        };
    }

    private static IConfiguration Empty() => new ConfigurationBuilder().Build();

    private static async Task<byte[]> ReadAsync(string path)
    {
        await using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 4096, useAsync: true);
        using var content = new MemoryStream();
        var buffer = new byte[81920];
        int read;
        while ((read = await stream.ReadAsync(buffer)) > 0)
        {
            if (content.Length + read > MaxFileBytes)
                throw new IOException($"it is larger than {ByteSizes.Write(MaxFileBytes)}");
            content.Write(buffer, 0, read);
        }

        return content.ToArray();
    }

    private static string Reason(string path, Exception e) => e switch
    {
        FileNotFoundException => $"{path} does not exist",
        DirectoryNotFoundException => $"{path} does not exist: its folder {Path.GetDirectoryName(Path.GetFullPath(path))} is missing",
        UnauthorizedAccessException when Directory.Exists(path) => $"{path} is a folder, not a file",
        UnauthorizedAccessException => $"{path} cannot be read: permission denied",
        _ => $"{path} cannot be read: {e.Message}",
    };
}
