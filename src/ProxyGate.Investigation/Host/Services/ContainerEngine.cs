using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>What is known of the container looked for.</summary>
/// <param name="Id">From the process's control group: the surest.</param>
/// <param name="PublishedPort">The port on this machine it is reached by.</param>
/// <param name="Address">Its own address.</param>
/// <param name="Name">The host name of the configured address.</param>
internal sealed record ContainerSought(string? Id, int? PublishedPort, IPAddress? Address, string? Name);

/// <summary>
/// Asks the container engine over its unix socket (Docker Engine API; Podman answers it too). Whoever may write to that socket may do
/// anything on the machine: only GET is ever sent, and only where the gateway was given the right to open it.
/// </summary>
internal static class ContainerEngine
{
    private const int MostInspected = 8, LogLines = 5;
    private static readonly TimeSpan s_limit = TimeSpan.FromMilliseconds(900);

    public static async Task<ContainerSeen?> SeeAsync(Sight sight, ContainerSought sought)
    {
        foreach (var path in sight.Paths.ContainerSockets)
        {
            if (!File.Exists(path)) continue;
            using var client = Client(path);
            try
            {
                if (await FindAsync(client, path.Contains("podman", StringComparison.Ordinal) ? "podman" : "docker", sought, sight) is { } found) return found;
            }
            catch (HttpRequestException error) when (error.InnerException is SocketException { SocketErrorCode: SocketError.AccessDenied })
            {
                sight.Miss("the state of containers", $"opening {path} needs root or the engine's group");
            }
        }

        if (sought.Id is { Length: >= 12 } id) sight.Miss($"the state of the container {id[..12]}", "no engine that may be asked knows it");
        return null;
    }

    private static HttpClient Client(string path)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ConnectCallback = async (_, stop) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                try
                {
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), stop);
                    return new NetworkStream(socket, ownsSocket: true);
                }
                catch
                {
                    socket.Dispose();
                    throw;
                }
            },
        };
        return new HttpClient(handler) { BaseAddress = new Uri("http://localhost/"), Timeout = s_limit, MaxResponseContentBufferSize = 4 * 1024 * 1024 };
    }

    private static async Task<ContainerSeen?> FindAsync(HttpClient client, string engine, ContainerSought sought, Sight sight)
    {
        var id = sought.Id;
        if (id is null)
        {
            using var list = await GetAsync(client, "containers/json?all=1", sight.Stop);
            if (list is null || list.RootElement.ValueKind != JsonValueKind.Array) return null;
            id = ContainerList.Find(list.RootElement, sought) ?? await FindStoppedAsync(client, list.RootElement, sought, sight);
            if (id is null) return null;
        }

        using var inspected = await GetAsync(client, $"containers/{id}/json", sight.Stop);
        if (inspected is null || ContainerSeen.Parse(engine, inspected.RootElement) is not { } seen) return null;
        var log = await sight.LookAsync<byte[]>("container log", $"the last log lines of the container {seen.Name}",
            async () => await client.GetByteArrayAsync(new Uri($"containers/{id}/logs?stdout=1&stderr=1&tail={LogLines}", UriKind.Relative), sight.Stop));
        return seen with { LogLines = ContainerSeen.ParseLog(log, LogLines) };
    }

    /// <summary>The list does not tell the ports of containers that are stopped; their own description does.</summary>
    private static async Task<string?> FindStoppedAsync(HttpClient client, JsonElement list, ContainerSought sought, Sight sight)
    {
        if (sought.PublishedPort is not { } port) return null;
        var publishing = new List<string>();
        foreach (var id in ContainerList.Stopped(list).Take(MostInspected))
        {
            using var inspected = await GetAsync(client, $"containers/{id}/json", sight.Stop);
            if (inspected is not null && ContainerList.Publishes(inspected.RootElement, port)) publishing.Add(id);
        }

        return publishing is [var only] ? only : null;
    }

    private static async Task<JsonDocument?> GetAsync(HttpClient client, string path, CancellationToken stop)
    {
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative), stop);
        if (response.StatusCode == HttpStatusCode.NotFound) return null;
        if (!response.IsSuccessStatusCode) throw new IOException($"the container engine answered {(int)response.StatusCode}");
        return JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(stop));
    }
}
