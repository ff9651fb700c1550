using System.Net;
using ProxyGate.Simulation.Namespaces;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation;

/// <summary>
/// What faults share while they run: a folder of their own, a certificate authority made at run time, the limits of the gateway in
/// front of them and, for those that need one, a pair of network namespaces. Disposing it leaves nothing behind.
/// </summary>
public sealed class FaultEnvironment : IAsyncDisposable
{
    private readonly Lazy<CertificateAuthority> _authority;
    private readonly SemaphoreSlim _labGate = new(1);
    private NamespaceLab? _lab;

    public FaultEnvironment(FaultTimeouts? timeouts = null)
    {
        Timeouts = timeouts ?? FaultTimeouts.Brief;
        // Unix socket paths have room for 107 bytes only, so the folder's name is short.
        Folder = Directory.CreateTempSubdirectory("pgsim").FullName;
        _authority = new(() => new CertificateAuthority(Folder));
    }

    /// <summary>The limits the gateway will have.</summary>
    public FaultTimeouts Timeouts { get; }

    /// <summary>Own folder for sockets and certificates; deleted in the end.</summary>
    public string Folder { get; }

    /// <summary>The port the next fault listens on; 0: any free one.</summary>
    public int Port { get; set; }

    /// <summary>The gateway's own address, which the loop fault needs.</summary>
    public string? GatewayAddress { get; init; }

    /// <summary>
    /// Whether the gateway may open only what its file permissions allow. True for an ordinary user, and for root without the capability
    /// to override them (<c>setpriv --bounding-set -dac_override</c>).
    /// </summary>
    public bool GatewayObeysPermissions { get; init; } = !Environment.IsPrivilegedProcess;

    /// <summary>
    /// The command that runs <see cref="Apps.FaultyApp.RunAsync"/> as a process of its own; the faults that kill a real process append their
    /// arguments. Absent: those faults cannot run.
    /// </summary>
    public IReadOnlyList<string> ChildCommand { get; init; } = [];

    /// <summary>PEM file with the root that signed the good certificates.</summary>
    public string TrustedCaFile => _authority.Value.RootFile;

    internal CertificateAuthority Authority => _authority.Value;

    internal IPEndPoint Endpoint => new(IPAddress.Loopback, Port);

    internal string FreshSocketPath() => Path.Combine(Folder, Path.GetRandomFileName()[..8] + ".sock");

    /// <summary>The namespaces, made at first need.</summary>
    internal async Task<NamespaceLab> LabAsync(CancellationToken cancellationToken)
    {
        await _labGate.WaitAsync(cancellationToken);
        try
        {
            return _lab ??= await NamespaceLab.CreateAsync(cancellationToken);
        }
        finally
        {
            _labGate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_lab is not null)
            await _lab.DisposeAsync();
        if (_authority.IsValueCreated)
            _authority.Value.Dispose();
        _labGate.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
