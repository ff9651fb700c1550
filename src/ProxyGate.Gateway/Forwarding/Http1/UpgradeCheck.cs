using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using ProxyGate.Diagnostics.Attempts;

namespace ProxyGate.Gateway.Forwarding.Http1;

/// <summary>Whether a 101 is the answer to what was asked (RFC 9110 section 7.8, RFC 6455 section 4.1).</summary>
internal static class UpgradeCheck
{
    private const string WebSocketGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    public static bool IsWebSocket(ResponseHead head) => string.Equals(head.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase);

    public static (HeadDefect Defect, string? Detail) Of(OutgoingRequest request, ResponseHead head)
    {
        if (request.Upgrade is not { } asked) return (HeadDefect.UnexpectedUpgrade, $"101 to {head.Upgrade ?? "nothing"}, nothing was asked for");
        if (head.Upgrade is null || !head.ConnectionUpgrade) return (HeadDefect.UnexpectedUpgrade, "101 without an Upgrade field");
        if (!asked.Split(',', StringSplitOptions.TrimEntries).Contains(head.Upgrade, StringComparer.OrdinalIgnoreCase))
        {
            return (HeadDefect.UnexpectedUpgrade, $"101 to {head.Upgrade}, {asked} was asked for");
        }

        if (!IsWebSocket(head) || request.WebSocketKey is not { } key) return (HeadDefect.None, null);
        var accept = head.Value("Sec-WebSocket-Accept");
        return accept == AcceptFor(key)
            ? (HeadDefect.None, null)
            : (HeadDefect.UpgradeAcceptInvalid, $"Sec-WebSocket-Accept {accept ?? "missing"}");
    }

    [SuppressMessage("Security", "CA5350", Justification = "RFC 6455 section 4.2.2 names SHA-1; it protects nothing here.")]
    private static string AcceptFor(string key) => Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key.Trim() + WebSocketGuid)));
}
