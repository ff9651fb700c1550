using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>
/// The Connection field (RFC 9110 section 7.6.1): what the sender wants of this connection, and the names of further fields that are meant for it alone
/// and must not be passed on. Nearly always there are none, and nothing is gathered.
/// </summary>
internal static class ConnectionField
{
    /// <summary>So many fields no honest sender names.</summary>
    private const int MostNames = 64;

    /// <summary>Fields that the gateway reads itself to tell the upstream who the client is: they are replaced or continued, whatever a client says of them.</summary>
    private static readonly string[] s_ownFamilies = ["X-Forwarded-", "X-Original-", "X-Real-IP", "Forwarded"];

    /// <summary>The fields that a client's Connection names; absent when there are none.</summary>
    public static HashSet<string>? NamesIn(StringValues connection)
    {
        HashSet<string>? names = null;
        for (var i = 0; i < connection.Count; i++)
        {
            if (connection[i] is { } value && !IsOption(value)) Gather(value, ref names);
        }

        return names;
    }

    /// <summary>Adds the fields that this value names.</summary>
    public static void Gather(string value, ref HashSet<string>? names)
    {
        foreach (var range in value.AsSpan().Split(','))
        {
            var option = value.AsSpan()[range].Trim(" \t");
            if (option.IsEmpty || IsOption(option) || names is { Count: MostNames }) continue;
            (names ??= new HashSet<string>(StringComparer.OrdinalIgnoreCase)).Add(option.ToString());
        }
    }

    /// <summary>Takes out of a request what its Connection names, for who copies all that is left of it. What frames the message stays.</summary>
    public static void TakeOutNamed(IHeaderDictionary headers)
    {
        if (NamesIn(headers.Connection) is not { } names) return;
        foreach (var name in names)
        {
            if (!HopByHop.Contains(name) && !HopByHop.Frames(name) && !TellsOfClient(name)) headers.Remove(name);
        }
    }

    /// <summary>Whether the field is one of those that tell the upstream who the client is.</summary>
    public static bool TellsOfClient(string name) => Array.Exists(s_ownFamilies, f => name.StartsWith(f, StringComparison.OrdinalIgnoreCase));

    private static bool IsOption(ReadOnlySpan<char> option) => option.Length switch
    {
        5 => option.Equals("close", StringComparison.OrdinalIgnoreCase),
        7 => option.Equals("upgrade", StringComparison.OrdinalIgnoreCase),
        10 => option.Equals("keep-alive", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
