using System.Globalization;
using System.Net;
using System.Net.Sockets;
using ProxyGate.Investigation.Host.Processes;

namespace ProxyGate.Investigation.Host.Sockets;

/// <summary>Finds the network that an address belongs to: the gateway's own, that of a container on this machine, or none here.</summary>
internal static class NetworkFinder
{
    private const int TrieLimit = 4 * 1024 * 1024;
    private const int MostNetworks = 200;

    /// <summary>Where the address is, and a process in that network when it is not the gateway's own.</summary>
    public static (Whereabouts Where, int? Process) Find(Sight sight, IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) || Holds(sight.Proc("net"), address))
            return (Whereabouts.Here, null);
        var own = Native.ReadLink(sight.Proc("self", "ns", "net"), out _);
        var others = new Dictionary<string, int>(StringComparer.Ordinal);
        var denied = 0;
        foreach (var pid in sight.Pids())
        {
            if (sight.Stop.IsCancellationRequested || others.Count >= MostNetworks) break;
            if (Native.ReadLink(sight.Proc(pid, "ns/net"), out var error) is { } network)
            {
                if (network != own) others.TryAdd(network, pid);
            }
            else if (error is Native.AccessDenied or Native.NotPermitted)
            {
                denied++;
            }
        }

        var holders = others.Values.Where(pid => Holds(sight.Proc(pid, "net"), address)).ToList();
        switch (holders)
        {
            case [var process]:
                return (Whereabouts.InContainer, process);
            case { Count: > 1 }:
                sight.Miss($"the container at {address}", $"{holders.Count} networks on this machine have this address, and which one is meant cannot be told");
                break;
            default:
                if (denied > 0) sight.Miss($"whether {address} is a container on this machine", "looking into other users' networks needs root or CAP_SYS_PTRACE");
                break;
        }

        return (Whereabouts.Elsewhere, null);
    }

    private static bool Holds(string netFolder, IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetworkV6
            ? ParseInterfaces(Sight.ReadText(Path.Combine(netFolder, "if_inet6"), TrieLimit) ?? "").Contains(new IPAddress(address.GetAddressBytes()))
            : ParseTrie(Sight.ReadText(Path.Combine(netFolder, "fib_trie"), TrieLimit) ?? "").Contains(address);

    /// <summary>The local IPv4 addresses in <c>/proc/net/fib_trie</c>: a leaf line with the address, then one that ends in <c>/32 host LOCAL</c>.</summary>
    internal static IReadOnlySet<IPAddress> ParseTrie(string text)
    {
        var found = new HashSet<IPAddress>();
        IPAddress? leaf = null;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            var trimmed = line.Trim();
            if (trimmed.StartsWith("|--"))
                leaf = IPAddress.TryParse(trimmed[3..].Trim(), out var address) ? address : null;
            else if (leaf is not null && trimmed.StartsWith("/32 host LOCAL"))
                found.Add(leaf);
        }

        return found;
    }

    /// <summary>The addresses in <c>/proc/net/if_inet6</c>: 32 hexadecimal digits first on each line.</summary>
    internal static IReadOnlySet<IPAddress> ParseInterfaces(string text)
    {
        var found = new HashSet<IPAddress>();
        Span<byte> bytes = stackalloc byte[16];
        foreach (var line in text.Split('\n'))
        {
            if (line.Length < 32 || !UInt128.TryParse(line.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number)) continue;
            for (var at = 0; at < 16; at++) bytes[at] = (byte)(number >> (120 - (8 * at)));
            found.Add(new IPAddress(bytes));
        }

        return found;
    }
}
