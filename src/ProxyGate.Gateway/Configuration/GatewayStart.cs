using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The gateway cannot start, for a reason a person can mend: said in lines, without a stack trace.</summary>
public sealed class GatewayStartException : Exception
{
    public GatewayStartException(int exitCode, params IReadOnlyList<string> lines)
        : base(string.Join('\n', lines))
    {
        ExitCode = exitCode;
        Lines = lines;
    }

    /// <summary>1: the configuration is invalid; 2: wrong usage; 3: it could not run.</summary>
    public int ExitCode { get; }

    public IReadOnlyList<string> Lines { get; }
}

/// <summary>What can be said of a command line before anything is read.</summary>
internal static class GatewayStart
{
    /// <summary>Names the first address or file that cannot be meant.</summary>
    /// <exception cref="GatewayStartException">With the line to print and the exit code.</exception>
    public static void Check(GatewayRunOptions options)
    {
        foreach (var listen in options.Listen)
        {
            if (!ListenAddress.TryParse(listen, out _, out var mistake, out var suggestion))
                throw new GatewayStartException(2, Sentence("--listen", listen, mistake, suggestion));
        }

        if (options.To is { } to && !DestinationAddress.TryParse(to, out _, out var wrong, out var meant))
            throw new GatewayStartException(2, Sentence("--to", to, wrong, meant));
        if (options.ConfigFile is { } file && IsNginx(file))
            throw new GatewayStartException(3, NginxNotYet(file));
    }

    /// <summary>Anything but .json is read as nginx configuration.</summary>
    public static bool IsNginx(string file) => !file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    public static string NginxNotYet(string file) => $"{file}: nginx configuration is not supported yet; the native format is JSON, in a file that ends in .json";

    public static string Count(int mistakes) => mistakes == 1 ? "1 mistake." : string.Create(CultureInfo.InvariantCulture, $"{mistakes} mistakes.");

    private static string Sentence(string option, string value, string mistake, string? suggestion) =>
        $"{option} {value}: {mistake}" + (suggestion is null ? "" : $" (did you mean {suggestion}?)");
}
