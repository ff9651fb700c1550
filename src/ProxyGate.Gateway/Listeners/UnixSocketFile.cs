using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace ProxyGate.Gateway.Listeners;

/// <summary>The file of a unix-socket listener.</summary>
internal static class UnixSocketFile
{
    /// <summary>Owner and group: the group is how the people's web server or app is let in.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>Kestrel's way to open a socket, with what unix sockets need around it.</summary>
    public static Socket Bind(EndPoint endPoint)
    {
        if (endPoint is not UnixDomainSocketEndPoint unix || unix.ToString() is not { Length: > 0 } path)
            return SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        RemoveStale(path);
        var socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
        // Until here the umask kept others out: connecting needs the write bit.
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, Mode);
        return socket;
    }

    /// <summary>Removes what a killed process left behind: a socket, and nobody listening on it. Anything else is left for the bind to refuse.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path))
            return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        // A regular file refuses connections too.
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused && UnixFileType.IsSocket(path))
        {
            File.Delete(path);
        }
        catch (SocketException)
        {
            // Not ours to judge: the bind that follows fails and says so.
        }
    }
}
