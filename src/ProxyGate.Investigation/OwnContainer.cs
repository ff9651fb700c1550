namespace ProxyGate.Investigation;

/// <summary>Whether this program runs in a container itself, where localhost is not the machine a person thinks of.</summary>
internal static class OwnContainer
{
    /// <summary><c>kubernetes</c>, <c>docker</c> or <c>podman</c>; absent when in none. It does not change while the program runs.</summary>
    public static string? Kind { get; } = Find();

    private static string? Find() =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")) ? "kubernetes"
        : File.Exists("/.dockerenv") ? "docker"
        : File.Exists("/run/.containerenv") ? "podman"
        : null;
}
