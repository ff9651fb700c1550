using System.Net.Sockets;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Loops;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>What dialling gave: a connected socket, or the facts of why there is none.</summary>
internal sealed record DialResult
{
    public Socket? Socket { get; init; }

    /// <summary>The same on its loop, where it has one.</summary>
    public LoopSocket? Loop { get; init; }

    /// <summary>The address that answered.</summary>
    public string? Address { get; init; }

    public DnsFacts? Dns { get; init; }

    public IReadOnlyList<AddressTry> Tries { get; init; } = [];

    public double ConnectMs { get; init; }

    /// <summary>How it ended when <see cref="Socket"/> is absent.</summary>
    public AttemptEnd End { get; init; }

    /// <summary>The phase that timed out, when that was it.</summary>
    public TimeoutPhase TimedOut { get; init; }
}
