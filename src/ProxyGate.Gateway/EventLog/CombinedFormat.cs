using System.Globalization;
using System.Text;

namespace ProxyGate.Gateway.EventLog;

/// <summary>
/// nginx's <c>combined</c>: <c>$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer"
/// "$http_user_agent"</c>, and after it, only when the request failed, the cause and the failure's id in quotes. Escaped as nginx does
/// (ngx_http_log_module, escape=default): quote, backslash, control characters and everything from 0x7F on as <c>\xNN</c>. The values of
/// a query are left out (<c>?a=…</c> as <c>?a=...</c>, for the same reason in ASCII): they hold what must not be in a log.
/// </summary>
internal static class CombinedFormat
{
    private const int MaxField = 4096;

    public static void Append(StringBuilder line, in AccessRecord record)
    {
        if (record.Client is { } client) line.Append(CultureInfo.InvariantCulture, $"{client}");
        else line.Append("unix:");
        line.Append(" - ");
        Field(line, record.User);
        line.Append(" [");
        AppendTime(line, record.Time);
        line.Append("] \"");
        Escape(line, record.Method);
        line.Append(' ');
        Escape(line, QueryValues.Redact(record.Target).Replace("…", "...", StringComparison.Ordinal));
        line.Append(' ');
        Escape(line, record.Protocol);
        line.Append(CultureInfo.InvariantCulture, $"\" {record.Status:000} {record.BytesSent} \"");
        Field(line, record.Referrer is { } referrer ? QueryValues.RedactUrl(referrer).Replace("…", "...", StringComparison.Ordinal) : null);
        line.Append("\" \"");
        Field(line, record.UserAgent);
        line.Append('"');
        if (record.Cause is null) return;
        line.Append(" \"");
        Field(line, record.Cause);
        line.Append("\" \"");
        Field(line, record.FailureId);
        line.Append('"');
    }

    private static void AppendTime(StringBuilder line, DateTimeOffset time)
    {
        var local = time.ToLocalTime();
        line.Append(CultureInfo.InvariantCulture, $"{local:dd/MMM/yyyy:HH:mm:ss} ");
        var offset = local.Offset;
        line.Append(CultureInfo.InvariantCulture, $"{(offset < TimeSpan.Zero ? '-' : '+')}{Math.Abs(offset.Hours):00}{Math.Abs(offset.Minutes):00}");
    }

    private static void Field(StringBuilder line, string? value)
    {
        if (string.IsNullOrEmpty(value)) line.Append('-');
        else Escape(line, value);
    }

    private static void Escape(StringBuilder line, string value)
    {
        var text = value.AsSpan(0, Math.Min(value.Length, MaxField));
        if (text.IndexOfAnyExceptInRange(' ', '~') < 0 && text.IndexOfAny('"', '\\') < 0)
        {
            line.Append(text);
            return;
        }

        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= ' ' and <= '~' and not '"' and not '\\')
            {
                line.Append((char)rune.Value);
                continue;
            }

            foreach (var b in utf8[..rune.EncodeToUtf8(utf8)]) line.Append(CultureInfo.InvariantCulture, $"\\x{b:X2}");
        }
    }
}
