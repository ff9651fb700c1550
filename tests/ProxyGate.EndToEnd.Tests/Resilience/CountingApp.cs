using ProxyGate.EndToEnd.Tests.Support;

namespace ProxyGate.EndToEnd.Tests.Resilience;

/// <summary>An app in a process of its own that can be killed and started again on the same port, and writes down every POST it acts on.</summary>
internal sealed class CountingApp(TestFolder folder, int number) : IAsyncDisposable
{
    private readonly string _book = Path.Combine(folder.Path, $"orders-{number}.txt");
    private ServerProcess? _process;

    public int Port { get; private set; }

    public string Url => $"http://127.0.0.1:{Port}";

    public async Task StartAsync()
    {
        for (var tries = 0; ; tries++)
        {
            if (_process is null && Port == 0) Port = Ports.Free();
            try
            {
                _process = await ServerProcess.StartAsync("python3", [Path.Combine(AppContext.BaseDirectory, "Resilience", "counting_app.py"), $"{Port}", _book], folder.Path, Port);
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
        await _process.KillAsync();
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>The ids it has acted on.</summary>
    public IEnumerable<string> Orders => File.Exists(_book) ? File.ReadLines(_book) : [];

    public async ValueTask DisposeAsync() => await KillAsync();
}
