using System.Globalization;
using System.Text.RegularExpressions;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Sizes as people write them: <c>10MiB</c>, <c>64KiB</c> (1024), <c>10MB</c> (1000), <c>512B</c>, or a number of bytes.</summary>
internal static partial class ByteSizes
{
    public const string Pattern = @"^[0-9]+(\.[0-9]+)?(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)?$";

    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var match = Written().Match(text);
        if (!match.Success)
            return false;
        var value = double.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * (match.Groups[2].Value switch
        {
            "KiB" => 1L << 10,
            "MiB" => 1L << 20,
            "GiB" => 1L << 30,
            "TiB" => 1L << 40,
            "KB" => 1_000L,
            "MB" => 1_000_000L,
            "GB" => 1_000_000_000L,
            "TB" => 1_000_000_000_000L,
            _ => 1L,
        });
        // Half a byte is a mistake, and so is more than a file can hold.
        if (value > long.MaxValue / 2 || value != Math.Floor(value))
            return false;
        bytes = (long)value;
        return true;
    }

    /// <summary>The right spelling of a size written otherwise: nginx's <c>10m</c>, <c>10 mb</c>, <c>64K</c>.</summary>
    public static string? Suggest(string text)
    {
        var match = Loose().Match(text);
        if (!match.Success)
            return null;
        var unit = match.Groups[2].Value.ToUpperInvariant() switch
        {
            "" or "B" or "BYTE" or "BYTES" => "B",
            "K" or "KB" or "KIB" => "KiB",
            "M" or "MB" or "MIB" => "MiB",
            "G" or "GB" or "GIB" => "GiB",
            "T" or "TB" or "TIB" => "TiB",
            _ => null,
        };
        return unit is null ? null : $"\"{match.Groups[1].Value}{unit}\"";
    }

    public static string Write(long bytes) => bytes switch
    {
        >= 1L << 30 when bytes % (1L << 30) == 0 => $"{bytes >> 30}GiB",
        >= 1L << 20 when bytes % (1L << 20) == 0 => $"{bytes >> 20}MiB",
        >= 1L << 10 when bytes % (1L << 10) == 0 => $"{bytes >> 10}KiB",
        _ => bytes.ToString(CultureInfo.InvariantCulture),
    };

    [GeneratedRegex(@"\A([0-9]{1,18}(?:\.[0-9]{1,9})?)(B|KiB|MiB|GiB|TiB|KB|MB|GB|TB)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Written();

    [GeneratedRegex(@"\A\s*([0-9]{1,18}(?:\.[0-9]{1,9})?)\s*([A-Za-z]*)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Loose();
}
