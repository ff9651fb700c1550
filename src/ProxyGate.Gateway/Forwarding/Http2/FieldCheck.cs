namespace ProxyGate.Gateway.Forwarding.Http2;

/// <summary>What the HTTP client lets through and must not reach a client (RFC 9113 section 8.2.1, RFC 9110 section 15).</summary>
internal static class FieldCheck
{
    private static readonly System.Buffers.SearchValues<char> Forbidden = System.Buffers.SearchValues.Create("\0\r\n");

    /// <summary>The offending name or status; <c>null</c> when there is none.</summary>
    public static string? Of(HttpResponseMessage response)
    {
        if ((int)response.StatusCode is < 100 or > 599) return $":status {(int)response.StatusCode}";
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            foreach (var value in values)
            {
                if (value.AsSpan().ContainsAny(Forbidden)) return name;
            }
        }

        return null;
    }
}
