using System.Diagnostics.CodeAnalysis;
using System.Net;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Model;

namespace ProxyGate.Gateway.Configuration;

/// <summary>
/// One address of a name as a destination of its own. The name must stay: it is what the Host field, SNI and the certificate go by. So name
/// and address travel together as a host name under one that can never exist (RFC 2606), as unix sockets do.
/// </summary>
internal static class PinnedDestinations
{
    private const string Suffix = ".pin.proxygate.invalid";
    private const string MetadataKey = "ProxyGate.Destination";

    /// <summary>Longer names have no room for their address.</summary>
    private const int LongestName = 190;

    /// <summary>The destination of one address of another destination's name; absent where that has no room.</summary>
    public static (string Id, DestinationConfig Config)? Of(string id, DestinationConfig destination, IPAddress address)
    {
        if (!Uri.TryCreate(destination.Address, UriKind.Absolute, out var uri) || uri.IdnHost.Length > LongestName) return null;
        return ($"{id}@{address}", destination with
        {
            Address = Pinned(destination.Address, uri, address),
            // Checks asked for under another name are that name's business.
            Health = destination.Health is { Length: > 0 } health && Uri.TryCreate(health, UriKind.Absolute, out var own) && own.IdnHost == uri.IdnHost ? Pinned(health, own, address) : destination.Health,
            Host = destination.Host is { Length: > 0 } host ? host : uri.Authority,
            Metadata = new Dictionary<string, string>(destination.Metadata ?? new Dictionary<string, string>(), StringComparer.OrdinalIgnoreCase) { [MetadataKey] = id },
        });
    }

    /// <summary>The id that the configuration has for a destination.</summary>
    public static string NameOf(DestinationState destination) =>
        destination.Model.Config.Metadata?.TryGetValue(MetadataKey, out var id) == true ? id : destination.DestinationId;

    /// <summary>The same from the id alone.</summary>
    public static string NameOf(string id) => id.LastIndexOf('@') is > 0 and var at && IPAddress.TryParse(id.AsSpan(at + 1), out _) ? id[..at] : id;

    /// <summary>Takes a pinned host apart; false when it is an ordinary one.</summary>
    public static bool TryGet(string host, [NotNullWhen(true)] out string? name, [NotNullWhen(true)] out IPAddress? address)
    {
        (name, address) = (null, null);
        if (!host.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = host[..^Suffix.Length];
        var dot = rest.LastIndexOf('.');
        var hex = rest[(dot + 1)..];
        if (dot < 1 || hex.Length is not (8 or 32) || !hex.All(char.IsAsciiHexDigit)) return false;
        (name, address) = (rest[..dot], new IPAddress(Convert.FromHexString(hex)));
        return true;
    }

    /// <summary>An address as the person wrote it.</summary>
    public static string Display(string address)
    {
        var start = address.IndexOf("://", StringComparison.Ordinal) + 3;
        var end = address.AsSpan(Math.Min(start, address.Length)).IndexOfAny('/', ':');
        var stop = end < 0 ? address.Length : start + end;
        return start > 2 && TryGet(address[start..stop], out var name, out _) ? address[..start] + name + address[stop..] : address;
    }

    private static string Pinned(string written, Uri uri, IPAddress address) =>
        $"{uri.Scheme}://{uri.IdnHost}.{Convert.ToHexStringLower(address.GetAddressBytes())}{Suffix}{(uri.IsDefaultPort ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $":{uri.Port}"))}{(uri.AbsolutePath == "/" && !written.EndsWith('/') ? "" : uri.AbsolutePath)}";
}
