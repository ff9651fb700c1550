namespace ProxyGate.Investigation.Probing.Paths;

/// <summary>The names of ICMP errors (RFC 792, RFC 1812 section 5.2.7; RFC 4443 section 3), one word for both versions where they mean the same.</summary>
internal static class IcmpNames
{
    public static string Of(bool v6, int type, int code) => v6 ? OfVersion6(type, code) : OfVersion4(type, code);

    public static bool IsTimeExceeded(bool v6, int type, int code) => code == 0 && type == (v6 ? 3 : 11);

    public static bool IsPortUnreachable(bool v6, int type, int code) => (type, code) == (v6 ? (1, 4) : (3, 3));

    private static string OfVersion4(int type, int code) => (type, code) switch
    {
        (3, 0 or 6 or 11) => "net-unreachable",
        (3, 1 or 7 or 12) => "host-unreachable",
        (3, 2) => "protocol-unreachable",
        (3, 3) => "port-unreachable",
        (3, 4) => "fragmentation-needed",
        (3, 9 or 10 or 13) => "admin-prohibited",
        (11, 0) => "time-exceeded",
        _ => FormattableString.Invariant($"type {type} code {code}"),
    };

    private static string OfVersion6(int type, int code) => (type, code) switch
    {
        (1, 0) => "net-unreachable",
        (1, 1 or 5 or 6) => "admin-prohibited",
        (1, 2) => "beyond-scope",
        (1, 3) => "host-unreachable",
        (1, 4) => "port-unreachable",
        (2, _) => "packet-too-big",
        (3, 0) => "time-exceeded",
        _ => FormattableString.Invariant($"type {type} code {code}"),
    };
}
