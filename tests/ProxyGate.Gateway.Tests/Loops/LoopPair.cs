using System.Net;
using System.Net.Sockets;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Tests.Loops;

/// <summary>Two ends of one TCP connection over loopback: ours on a loop, and a peer that does what it is told.</summary>
internal sealed class LoopPair : IDisposable
{
    private LoopPair(Socket ours, Socket peer, EventLoop loop)
    {
        (Ours, Peer) = (ours, peer);
        Loop = new LoopSocket(ours, loop) { PeerEnded = () => Ended.TrySetResult() };
        Loop.Begin();
    }

    public Socket Ours { get; }

    public Socket Peer { get; }

    public LoopSocket Loop { get; }

    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static LoopPair Make(EventLoop? loop = null)
    {
        var (ours, peer) = Sockets();
        return new LoopPair(ours, peer, loop ?? EventLoops.OfThisProcess.Next());
    }

    public static (Socket Ours, Socket Peer) Sockets()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        peer.Connect(listener.LocalEndPoint!);
        var ours = listener.Accept();
        ours.NoDelay = true;
        return (ours, peer);
    }

    /// <summary>Closes the peer's end with a reset.</summary>
    public void Reset()
    {
        Peer.LingerState = new LingerOption(true, 0);
        Peer.Dispose();
    }

    public void Dispose()
    {
        Loop.Dispose();
        Ours.Dispose();
        Peer.Dispose();
    }
}
