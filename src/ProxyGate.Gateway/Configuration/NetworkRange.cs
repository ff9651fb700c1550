using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Gateway.Configuration;

/// <summary>An address or a network in CIDR form.</summary>
internal static class NetworkRange
{
    public static bool TryParse(string text, out IPNetwork network, [NotNullWhen(false)] out string? mistake, out string? suggestion)
    {
        network = default;
        mistake = null;
        suggestion = null;
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var host = slash < 0 ? text : text[..slash];
        if (!IPAddress.TryParse(host, out var address) || (address.AddressFamily == AddressFamily.InterNetwork && host.Count(c => c == '.') != 3))
        {
            mistake = "is not an IP address or network such as 10.0.0.0/8";
            return false;
        }

        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
        {
            mistake = $"has the prefix length \"{text[(slash + 1)..]}\"; here it is a number from 0 to {bits}";
            return false;
        }

        var first = FirstAddress(address, length);
        if (!first.Equals(address))
        {
            mistake = $"is an address inside a network, not the network itself (the bits after /{length} must be zero)";
            suggestion = string.Create(CultureInfo.InvariantCulture, $"{first}/{length}");
            return false;
        }

        network = new IPNetwork(address, length);
        return true;
    }

    private static IPAddress FirstAddress(IPAddress address, int length)
    {
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(length - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xFF << (8 - keep));
        }

        return new IPAddress(bytes);
    }
}
