using System.Runtime.InteropServices;
using ProxyGate.Investigation.Probing.Sockets;

namespace ProxyGate.Investigation.Probing.Paths;

/// <summary>Sends packets all at once and watches them on one thread until enough is known.</summary>
internal static class PacketRound
{
    private const int SliceMs = 20;

    /// <summary>
    /// Runs until every packet is done, <paramref name="enough"/> says so, or the limit is reached. <paramref name="enough"/> is asked about
    /// fifty times a second with the time passed, and may add packets.
    /// </summary>
    public static void Run(List<Packet> packets, TimeSpan limit, TimeProvider clock, Func<double, bool> enough, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        var sent = 0;
        while (true)
        {
            for (; sent < packets.Count; sent++) packets[sent].Send();
            var elapsed = clock.GetElapsedTime(started).TotalMilliseconds;
            if (enough(elapsed) || packets.TrueForAll(p => p.Done) || elapsed >= limit.TotalMilliseconds || cancellationToken.IsCancellationRequested) return;
            if (sent < packets.Count) continue;
            Watch(packets, (int)Math.Clamp(limit.TotalMilliseconds - elapsed + 1, 1, SliceMs), () => clock.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static unsafe void Watch(List<Packet> packets, int milliseconds, Func<double> now)
    {
        // An entry with a negative number is passed over by the kernel.
        var entries = packets.ConvertAll(p => new Libc.PollEntry { Descriptor = p.Done ? -1 : p.Descriptor, Events = p.Waits });
        int ready;
        fixed (Libc.PollEntry* start = CollectionsMarshal.AsSpan(entries)) ready = Libc.Poll(start, (nuint)entries.Count, milliseconds);
        if (ready <= 0) return;
        var ms = now();
        for (var i = 0; i < packets.Count; i++) packets[i].Look(entries[i].Seen, ms);
    }
}
