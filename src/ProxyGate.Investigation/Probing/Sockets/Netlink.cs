using System.Net;
using System.Text;

namespace ProxyGate.Investigation.Probing.Sockets;

/// <summary>Asks the kernel for routes and neighbours. Reading them needs no privilege.</summary>
internal static class Netlink
{
    private const int RouteFamily = 0;
    private const int MostPieces = 256;

    /// <summary>Absent when the kernel cannot be asked.</summary>
    public static KernelRoute? Route(IPAddress address)
    {
        KernelRoute? route = null;
        Ask(RouteMessages.RouteQuestion(address), piece =>
        {
            route = RouteMessages.ReadRoute(piece);
            return true;
        });
        return route;
    }

    public static KernelNeighbour? Neighbour(IPAddress address, uint device)
    {
        var neighbours = new List<KernelNeighbour>();
        Ask(RouteMessages.NeighboursQuestion(KernelAddress.Family(address)), piece => RouteMessages.ReadNeighbours(piece, neighbours));
        // A link-local address carries its interface beside it, not in it.
        var bytes = address.GetAddressBytes();
        return neighbours.FirstOrDefault(n => n.Device == device && n.Address.GetAddressBytes().AsSpan().SequenceEqual(bytes));
    }

    public static unsafe string? InterfaceName(uint index)
    {
        Span<byte> name = stackalloc byte[16];
        fixed (byte* start = name)
        {
            if (Libc.InterfaceName(index, start) is null) return null;
        }

        return Encoding.ASCII.GetString(name[..Math.Max(name.IndexOf((byte)0), 0)]);
    }

    private delegate bool Take(ReadOnlySpan<byte> piece);

    private static void Ask(byte[] question, Take take)
    {
        using var socket = SocketDescriptor.Open(Libc.Netlink, Libc.Raw, RouteFamily, out _);
        if (socket is null) return;
        // The kernel answers at once; the limit is for a kernel that does not (a sandbox).
        Span<byte> limit = stackalloc byte[16];
        BitConverter.TryWriteBytes(limit[8..], 200_000L);
        socket.SetOption(Libc.SolSocket, Libc.SoReceiveTimeout, limit);
        if (socket.Send(question) < 0) return;
        var buffer = new byte[RouteMessages.Longest];
        for (var i = 0; i < MostPieces; i++)
        {
            var length = socket.Receive(buffer);
            if (length <= 0 || take(buffer.AsSpan(0, length))) return;
        }
    }
}
