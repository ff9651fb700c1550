namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>What a field says about the message itself.</summary>
internal enum ResponseFieldKind : byte
{
    /// <summary>Nothing: it is passed on.</summary>
    Other,

    /// <summary>Passed on as a number.</summary>
    ContentLength,

    /// <summary>For the client too, and worth knowing when the answer fails.</summary>
    ContentEncoding,

    /// <summary>Kept when the gateway has set it itself already.</summary>
    StrictTransportSecurity,

    // From here on: of this connection only, not passed on.
    Connection,
    KeepAlive,
    TransferEncoding,
    Upgrade,
    OtherOfThisHop,

    /// <summary>Because Connection names it.</summary>
    NamedByConnection,
}

/// <summary>One field of a response head, and where its line stood.</summary>
internal record struct ResponseField
{
    public string Name { get; set; }

    public string Value { get; set; }

    public ResponseFieldKind Kind { get; set; }

    public int LineStart { get; set; }

    public int LineLength { get; set; }

    /// <summary>Whether it concerns this connection only (RFC 9110 section 7.6.1). The list is YARP's, so that both ways of forwarding agree.</summary>
    public readonly bool IsOfThisHop => Kind >= ResponseFieldKind.Connection;

    public static ResponseFieldKind KindOf(string name) => name.Length switch
    {
        14 when Is(name, "Content-Length") => ResponseFieldKind.ContentLength,
        16 when Is(name, "Content-Encoding") => ResponseFieldKind.ContentEncoding,
        25 when Is(name, "Strict-Transport-Security") => ResponseFieldKind.StrictTransportSecurity,
        10 when Is(name, "Connection") => ResponseFieldKind.Connection,
        10 when Is(name, "Keep-Alive") => ResponseFieldKind.KeepAlive,
        17 when Is(name, "Transfer-Encoding") => ResponseFieldKind.TransferEncoding,
        7 when Is(name, "Upgrade") => ResponseFieldKind.Upgrade,
        _ => HopByHop.Contains(name) ? ResponseFieldKind.OtherOfThisHop : ResponseFieldKind.Other,
    };

    /// <summary>Fields that Connection names are of this hop only. Without names they are again what their own say.</summary>
    public static void Mark(Span<ResponseField> fields, HashSet<string>? named)
    {
        foreach (ref var field in fields)
        {
            if (named is null) field.Kind = KindOf(field.Name);
            else if (!field.IsOfThisHop && named.Contains(field.Name) && !HopByHop.Frames(field.Name)) field.Kind = ResponseFieldKind.NamedByConnection;
        }
    }

    private static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
}
