namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>The number of a TLS alert the peer sent (RFC 8446 section 6).</summary>
internal static class TlsAlert
{
    /// <summary>
    /// From OpenSSL's error code, which .NET keeps in an inner exception's HResult: library 20 (SSL) with reason 1000 + alert.
    /// Works for alerts sent encrypted, after a TLS 1.3 handshake.
    /// </summary>
    public static int? Of(Exception error) => Reason(error) is >= 1000 and < 1256 and var reason ? reason - 1000 : null;

    /// <summary>Why our own side refused what the peer offered; absent when it was the peer, the certificate or no TLS at all.</summary>
    public static int? OwnRefusal(Exception error) => Reason(error) switch
    {
        // 134 certificate verify failed, 156 http request, 198 packet length too long, 267 wrong version number (not TLS), 294 unexpected eof.
        null or 0 or 134 or 156 or 198 or 267 or 294 or >= 1000 => null,
        var reason => reason,
    };

    private static int? Reason(Exception error)
    {
        for (Exception? e = error; e is not null; e = e.InnerException)
        {
            var code = unchecked((uint)e.HResult);
            if (code >> 23 == 20) return (int)(code & 0xFFF);
        }

        return null;
    }

    /// <summary>From a clear-text alert record: <c>15 03 xx 00 02 level description</c>.</summary>
    public static int? OfRecord(ReadOnlySpan<byte> raw) =>
        raw is [0x15, 0x03, _, 0x00, 0x02, 1 or 2, var description, ..] ? description : null;
}
