using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ProxyGate.Gateway.Incidents.Webhooks;

/// <summary>
/// Shows a receiver that a message is the gateway's and not an old one sent again: <c>t=SECONDS,v1=HEX</c>, the HMAC-SHA256 of
/// <c>SECONDS.BODY</c> by the shared secret.
/// </summary>
internal static class WebhookSignature
{
    public const string Header = "ProxyGate-Signature";

    public static string Of(ReadOnlySpan<byte> body, string secret, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(seconds));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return $"t={seconds},v1={Convert.ToHexStringLower(hmac.GetHashAndReset())}";
    }
}
