using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>An app in a process of its own that can be killed and started again on the same port, and writes down every POST it acts on.</summary>
/// <param name="folder">Where it writes.</param>
/// <param name="number">Tells it from the others there.</param>
/// <param name="workers">How many requests it does at once, each in <paramref name="work"/>; what comes beyond waits. 0: it has no limit.</param>
internal sealed class CountingApp(TestFolder folder, int number, int workers = 0, TimeSpan work = default) : IAsyncDisposable
{
    private readonly string _book = Path.Combine(folder.Path, $"orders-{number}.txt");
    private ServerProcess? _process;
    private double _spentBefore;

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}";

    public async Task StartAsync()
    {
        for (var tries = 0; ; tries++)
        {
            if (_process is null && Port == 0) Port = Ports.Free();
            try
            {
                _process = await ServerProcess.StartAsync("python3", [Path.Combine(AppContext.BaseDirectory, "Resilience", "counting_app.py"), $"{Port}", _book, $"{workers}", $"{(int)work.TotalMilliseconds}"], folder.Path, Port);
                return;
            }
            catch (InvalidOperationException) when (tries < 5)
            {
                // Its last self still held the port, or another has it for a moment.
                if (_process is null && !File.Exists(_book)) Port = 0;
            }
        }
    }

    /// <summary>SIGKILL: nothing is said to anyone.</summary>
    public async Task KillAsync()
    {
        if (_process is null) return;
        _spentBefore += CpuShares.Of(_process.Pid);
        await _process.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Seconds of a processor, of all its lives.</summary>
    public double Spent() => _spentBefore + (_process is { } running ? CpuShares.Of(running.Pid) : 0);

    /// <summary>The ids it has acted on.</summary>
    public IEnumerable<string> Orders => File.Exists(_book) ? File.ReadLines(_book) : [];

    public async ValueTask DisposeAsync() => await KillAsync();
}
