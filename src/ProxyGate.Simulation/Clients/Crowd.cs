using System.Net.Sockets;
using System.Text;

namespace ProxyGate.Simulation.Clients;

/// <summary>Requests that are being answered, each on a connection of its own, until the crowd is disposed.</summary>
internal sealed class Crowd : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private static readonly byte[] s_answered = "HTTP/1.1 2"u8.ToArray();

    private readonly List<(Socket Socket, Stream Stream)> _members = [];

    private Crowd()
    {
    }

    internal static async Task<Crowd> GatherAsync(int size, string server, string path, CancellationToken cancellationToken)
    {
        var crowd = new Crowd();
        try
        {
            while (crowd._members.Count < size)
            {
                if (!await crowd.JoinAsync(server, path, cancellationToken))
                    await Task.Delay(Pause, cancellationToken);
            }

            return crowd;
        }
        catch
        {
            crowd.Dispose();
            throw;
        }
    }

    /// <summary>Whether one more is being answered. One that is turned away comes a moment after the last crowd: its place is not free yet.</summary>
    private async Task<bool> JoinAsync(string server, string path, CancellationToken cancellationToken)
    {
        var socket = await FaultClient.ConnectAsync(server, cancellationToken);
        Stream? stream = null;
        try
        {
            stream = await FaultClient.OpenAsync(socket, server, cancellationToken);
            await stream.WriteAsync(Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"), cancellationToken);
            var start = new byte[s_answered.Length];
            await stream.ReadExactlyAsync(start, cancellationToken);
            if (start.AsSpan().SequenceEqual(s_answered))
            {
                _members.Add((socket, stream));
                return true;
            }
        }
        catch
        {
            Leave(socket, stream);
            throw;
        }

        Leave(socket, stream);
        return false;
    }

    public void Dispose()
    {
        foreach (var (socket, stream) in _members)
            Leave(socket, stream);
    }

    private static void Leave(Socket socket, Stream? stream)
    {
        stream?.Dispose();
        socket.Dispose();
    }
}
