using System.Globalization;
using System.Text;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Pages;

/// <summary>The Proxy-Status field (RFC 9209) as a structured field (RFC 9651). Strings are ASCII; what is not is written as an escape.</summary>
internal static class ProxyStatusField
{
    public const string Name = "Proxy-Status";
    private const int MaxDetails = 320;
    private const int MaxHop = 128;

    public static string Of(FailureEvent failure, Audience audience)
    {
        var verdict = failure.Diagnosis.Failure;
        var attempt = verdict.Attempt;
        var field = new StringBuilder("proxygate", 128);
        if (verdict.Cause.ProxyError.Length > 0) field.Append("; error=").Append(verdict.Cause.ProxyError);
        if (attempt?.UpstreamStatus is { } received && (audience == Audience.Operator || verdict.Cause.ProxyError.Length == 0))
        {
            field.Append("; received-status=").Append(received.ToString(CultureInfo.InvariantCulture));
        }

        if (audience == Audience.Public) return field.ToString();
        if (verdict.Cause.ProxyError == "tls_alert_received" && attempt?.Tls?.AlertReceived is { } alert)
        {
            field.Append("; alert-id=").Append(alert.ToString(CultureInfo.InvariantCulture));
        }

        if ((attempt?.Address ?? (attempt is { AddressesTried: [.., var last] } ? last.Address : null)) is { Length: > 0 } hop) AppendString(field, "next-hop", hop, MaxHop);
        AppendString(field, "details", failure.Diagnosis.Sentence, MaxDetails);
        return field.ToString();
    }

    private static void AppendString(StringBuilder field, string name, string value, int maxLength)
    {
        field.Append("; ").Append(name).Append("=\"");
        foreach (var c in HostileText.Line(value, maxLength))
        {
            _ = c switch
            {
                '"' => field.Append("\\\""),
                '\\' => field.Append("\\\\"),
                >= ' ' and < '\x7f' => field.Append(c),
                '…' => field.Append("..."),
                _ => field.Append("\\\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
            };
        }

        field.Append('"');
    }
}
