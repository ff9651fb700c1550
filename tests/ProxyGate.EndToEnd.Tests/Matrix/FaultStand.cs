using System.Net;
using System.Net.Sockets;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>The built gateway with running faults behind it, each on a route of its own. Disposing it ends the gateway, the faults and the folder.</summary>
internal sealed class FaultStand : IAsyncDisposable
{
    private readonly List<RunningFault> _running = [];
    private readonly Dictionary<string, string> _left = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("pgmx").FullName;
    private FaultEnvironment? _environment;
    private GatewayProcess? _gateway;

    private FaultStand()
    {
    }

    public GatewayProcess Gateway => _gateway!;

    public IReadOnlyList<RunningFault> Running => _running;

    /// <summary>The faults that do not run here, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Left => _left;

    /// <param name="faults">Those that cannot run here are left out.</param>
    /// <param name="limits">The gateway's limits, and the faults' measure.</param>
    /// <param name="inNamespace">Whether the gateway runs where the faults' routes and packet filters are, reached by a unix socket.</param>
    /// <param name="apps">Healthy apps: path pattern and address, by route id.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<FaultStand> StartAsync(
        IEnumerable<Fault> faults,
        FaultTimeouts limits,
        bool inNamespace,
        IReadOnlyDictionary<string, (string Path, string Address)> apps,
        CancellationToken cancellationToken)
    {
        var stand = new FaultStand();
        try
        {
            await stand.BuildAsync(faults, limits, inNamespace, apps, cancellationToken);
            return stand;
        }
        catch
        {
            await stand.DisposeAsync();
            throw;
        }
    }

    private async Task BuildAsync(
        IEnumerable<Fault> faults,
        FaultTimeouts limits,
        bool inNamespace,
        IReadOnlyDictionary<string, (string Path, string Address)> apps,
        CancellationToken cancellationToken)
    {
        var listen = inNamespace ? $"http://unix:{Path.Combine(_folder, "gate.sock")}" : $"http://127.0.0.1:{Ports.Free()}";
        _environment = new FaultEnvironment(limits)
        {
            ChildCommand = [GatewayProcess.Program, "simulate", "faulty-app"],
            GatewayAddress = inNamespace ? null : listen,
            GatewayObeysPermissions = !inNamespace,
        };
        var config = new FaultGatewayConfig
        {
            ListenAt = [listen],
            AdminAt = "http://127.0.0.1:0",
            EventsFile = Path.Combine(_folder, "logs", "events.jsonl"),
            Patience = limits,
            Investigates = false,
        };
        foreach (var (id, (path, address)) in apps) config.AddApp(id, path, address);
        foreach (var fault in faults)
        {
            if (fault.CannotRunBecause(_environment) is { } reason)
            {
                _left[fault.Id] = reason;
                continue;
            }

            var running = await fault.StartAsync(_environment, cancellationToken);
            _running.Add(running);
            config.Add(running);
        }

        var file = Path.Combine(_folder, "proxygate.json");
        await File.WriteAllTextAsync(file, config.ToString(), cancellationToken);
        if (inNamespace && _running.Count == 0) return;
        string[] prefix = inNamespace ? ["ip", "netns", "exec", _running[0].Namespace!]
            : System.Environment.IsPrivilegedProcess ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-dac_override,-dac_read_search"]
            : [];
        _gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder, prefix);
    }

    /// <summary>Whether each request ends the app's process, which is then started again.</summary>
    public static bool DiesOf(Fault fault) => fault.Id.StartsWith("killed-", StringComparison.Ordinal);

    /// <summary>Waits until an app whose process dies of requests is there again.</summary>
    public async Task AliveAsync(Fault fault, CancellationToken cancellationToken)
    {
        if (!DiesOf(fault)) return;
        var port = new Uri(_running.Find(r => r.Fault == fault)!.Destination!).Port;
        while (!await IsListeningAsync(port, cancellationToken)) await Task.Delay(20, cancellationToken);
    }

    /// <summary>A dying process still takes connections for a moment, and resets them: it is alive when one stays open.</summary>
    private static async Task<bool> IsListeningAsync(int port, CancellationToken cancellationToken)
    {
        using var probe = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await probe.ConnectAsync(IPAddress.Loopback, port, cancellationToken);
            enough.CancelAfter(TimeSpan.FromMilliseconds(150));
            await probe.ReceiveAsync(new byte[1], enough.Token);
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        foreach (var running in _running) await running.DisposeAsync();
        if (_environment is not null) await _environment.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
