using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>Which methods may be sent twice (RFC 9110 section 9.2.2).</summary>
internal static class Idempotence
{
    public static bool Of(string method) =>
        HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsPut(method) || HttpMethods.IsDelete(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method);
}
