using System.Collections.Concurrent;

namespace ProxyGate.EndToEnd.Tests.Traffic;

/// <summary>Clients that ask two routes in turn until they are stopped, and note every answer that is missing or the other route's.</summary>
internal sealed class SteadyLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _troubles = new();
    private readonly Task[] _clients;
    private int _served;
    private int _connections;

    /// <param name="routes">Paths, each with how the body of its answers begins.</param>
    public SteadyLoad(int port, int clients, params (string Path, string Begins)[] routes) =>
        _clients = [.. Enumerable.Range(0, clients).Select(n => Task.Run(() => RunAsync(port, n, routes)))];

    public int Served => Volatile.Read(ref _served);

    public int Connections => Volatile.Read(ref _connections);

    public IReadOnlyCollection<string> Troubles => _troubles;

    private async Task RunAsync(int port, int n, (string Path, string Begins)[] routes)
    {
        using var client = new StrictClient(port);
        for (var i = n; !_stop.IsCancellationRequested; i++)
        {
            var (path, begins) = routes[i % routes.Length];
            var unique = $"{path}/{n}-{i}";
            var (body, trouble) = await client.GetAsync(unique, CancellationToken.None);
            if (trouble is not null) _troubles.Enqueue(trouble);
            else if (body != $"{begins} {unique}") _troubles.Enqueue($"{unique} got \"{body}\"");
            else Interlocked.Increment(ref _served);
        }

        Interlocked.Add(ref _connections, client.Connections);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_clients);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }
}
