using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Forwarding;

/// <summary>Says on an answer of the app's own that tells of trouble that it was not made here (RFC 9209 section 2.1.4).</summary>
internal static class AnswerMark
{
    public static void Add(HttpResponse response, int status) => response.Headers.Append("Proxy-Status", $"proxygate; received-status={status}");
}
