using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>The built gateway with every fault that can run here behind it, each on a route of its own, and a healthy app at <c>/</c>.</summary>
public sealed class MatrixGateway : IAsyncLifetime
{
    private readonly Dictionary<string, RunningFault> _running = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("pgmatrix").FullName;
    private FaultEnvironment? _environment;
    private GatewayProcess? _gateway;

    internal GatewayProcess Gateway => _gateway!;

    internal FaultEnvironment Environment => _environment!;

    /// <summary>The faults that do not run here, with the reason.</summary>
    public IReadOnlyDictionary<string, string> Left { get; private set; } = new Dictionary<string, string>();

    public bool Runs(string id) => _running.ContainsKey(id);

    public async ValueTask InitializeAsync()
    {
        var port = Ports.Free();
        _environment = new FaultEnvironment(FaultTimeouts.ForTests)
        {
            ChildCommand = [GatewayProcess.Program, "simulate", "faulty-app"],
            GatewayAddress = $"http://127.0.0.1:{port}",
        };
        var left = new Dictionary<string, string>();
        var config = new FaultGatewayConfig
        {
            ListenAt = [$"http://127.0.0.1:{port}"],
            AdminAt = "http://127.0.0.1:0",
            EventsFile = Path.Combine(_folder, "logs", "events.jsonl"),
            Patience = _environment.Timeouts,
        };
        foreach (var fault in FaultCatalogue.All.Where(f => !f.RequiresNamespace))
        {
            if (fault.CannotRunBecause(_environment) is { } reason)
            {
                left[fault.Id] = reason;
                continue;
            }

            var running = await fault.StartAsync(_environment, TestContext.Current.CancellationToken);
            _running[fault.Id] = running;
            config.Add(running);
        }

        Left = left;
        var file = Path.Combine(_folder, "proxygate.json");
        await File.WriteAllTextAsync(file, config.ToString());
        _gateway = await GatewayProcess.StartAsync(["run", "--config", file], _folder);
    }

    public async ValueTask DisposeAsync()
    {
        if (_gateway is not null) await _gateway.DisposeAsync();
        foreach (var running in _running.Values) await running.DisposeAsync();
        if (_environment is not null) await _environment.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
