using System.Net;
using System.Net.Sockets;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>
/// Says in one line why the listeners cannot be opened. It opens each for a moment: that gives the address and the error, where the server would give a
/// stack trace.
/// </summary>
internal static class ListenFailure
{
    /// <returns>Absent when every address can be bound now.</returns>
    public static string? Explain(GatewaySettings settings, InheritedSockets? inherited = null)
    {
        foreach (var text in settings.Listen.Append(settings.Admin.Listen).OfType<string>())
        {
            if (!ListenAddress.TryParse(text, out var address, out _, out _))
                continue;
            foreach (var endPoint in EndPoints(address))
            {
                // What was handed over open is bound already.
                if (inherited?.Find(endPoint) is null && Try(endPoint) is { } error)
                    return Sentence(address, error) + (text == settings.Admin.Listen ? " (the admin listener; ProxyGate:Admin:Listen moves it)" : "");
            }
        }

        return null;
    }

    private static IEnumerable<EndPoint> EndPoints(ListenAddress address)
    {
        if (address.SocketPath is { } path)
            return [new UnixDomainSocketEndPoint(path)];
        if (address.IsLocalhost)
            return [new IPEndPoint(IPAddress.Loopback, address.Port), new IPEndPoint(IPAddress.IPv6Loopback, address.Port)];
        return [new IPEndPoint(address.Address!, address.Port)];
    }

    private static SocketError? Try(EndPoint endPoint)
    {
        try
        {
            using var socket = UnixSocketFile.Bind(endPoint);
            socket.Listen(1);
            return null;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressNotAvailable or SocketError.AddressFamilyNotSupported
            && endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Loopback))
        {
            // A machine without IPv6: Kestrel too makes do with the other family.
            return null;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode;
        }
    }

    private static string Sentence(ListenAddress address, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => PortHolder.Describe(address) is { } holder
            ? $"cannot listen on {address}: it is taken by {holder}"
            : $"cannot listen on {address}: it is already taken",
        SocketError.AccessDenied when address is { SocketPath: null, Port: < 1024 } =>
            $"cannot listen on {address}: permission denied; ports below 1024 need root, or CAP_NET_BIND_SERVICE (systemd: AmbientCapabilities=CAP_NET_BIND_SERVICE)",
        SocketError.AccessDenied => $"cannot listen on {address}: permission denied",
        SocketError.AddressNotAvailable when address.SocketPath is not null => $"cannot listen on {address}: its folder does not exist",
        SocketError.AddressNotAvailable => $"cannot listen on {address}: it is not an address of this machine",
        _ => $"cannot listen on {address}: {error}",
    };
}
