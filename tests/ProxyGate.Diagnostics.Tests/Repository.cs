namespace ProxyGate.Diagnostics.Tests;

/// <summary>The repository these tests were built from: approved lists and case files are read where they are edited.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A file of this test project.</summary>
    public static string TestFile(params string[] parts) => Path.Combine([Root, "tests", "ProxyGate.Diagnostics.Tests", .. parts]);

    private static string Find()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            if (File.Exists(Path.Combine(at.FullName, "ProxyGate.sln"))) return at.FullName;
        }

        throw new InvalidOperationException($"No ProxyGate.sln above {AppContext.BaseDirectory}.");
    }
}
