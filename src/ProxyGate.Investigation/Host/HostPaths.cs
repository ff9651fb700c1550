namespace ProxyGate.Investigation.Host;

/// <summary>Where this machine keeps what a look reads. The defaults are a Linux machine's; a test puts a recorded tree in their place.</summary>
public sealed record HostPaths
{
    public string Proc { get; init; } = "/proc";

    public string Cgroups { get; init; } = "/sys/fs/cgroup";

    public string KernelLog { get; init; } = "/dev/kmsg";

    /// <summary>This folder exists exactly when systemd runs as the first process (sd_booted(3)).</summary>
    public string SystemdRunning { get; init; } = "/run/systemd/system";

    public string Systemctl { get; init; } = "systemctl";

    public string Journalctl { get; init; } = "journalctl";

    /// <summary>The sockets of container engines, in the order they are asked. Only read with GET; empty to ask none.</summary>
    public IReadOnlyList<string> ContainerSockets { get; init; } = ["/run/docker.sock", "/run/podman/podman.sock"];

    /// <summary>The folder with <c>token</c>, <c>ca.crt</c> and <c>namespace</c> that Kubernetes puts into a pod.</summary>
    public string ServiceAccount { get; init; } = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The address of the Kubernetes API; absent outside a pod.</summary>
    public Uri? KubernetesApi { get; init; } = KubernetesFromEnvironment();

    /// <summary>Whether the kernel is asked for sockets by sock_diag(7); if not, or if it refuses, <c>/proc/net</c> is read.</summary>
    public bool SocketDiagnostics { get; init; } = true;

    /// <summary>How long a whole look may take: a tenth of it is enough, but on a machine that is short of processors, which may be why the app failed.</summary>
    public TimeSpan LookLimit { get; init; } = TimeSpan.FromSeconds(3);

    private static Uri? KubernetesFromEnvironment()
    {
        var host = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST");
        var port = Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host)) return null;
        if (host.Contains(':', StringComparison.Ordinal)) host = $"[{host}]";
        return Uri.TryCreate($"https://{host}:{(string.IsNullOrEmpty(port) ? "443" : port)}/", UriKind.Absolute, out var api) ? api : null;
    }
}
