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

/// <summary>The configuration a person asked to run.</summary>
internal static class GatewayStart
{
    public static async Task<ConfigResult> LoadAsync(GatewayRunOptions options, IReadOnlyList<KeyValuePair<string, string>> environment, TimeProvider? time = null)
    {
        foreach (var listen in options.Listen)
        {
            if (!ListenAddress.TryParse(listen, out _, out var mistake, out var suggestion))
                throw new GatewayStartException(2, Sentence("--listen", listen, mistake, suggestion));
        }

        ConfigResult result;
        if (options.To is { } to)
        {
            if (!DestinationAddress.TryParse(to, out _, out var mistake, out var suggestion))
                throw new GatewayStartException(2, Sentence("--to", to, mistake, suggestion));
            result = await CommandLineConfig.FromToAsync(to, options.Listen, environment, time: time);
        }
        else if (options.ConfigFile is { } file)
        {
            if (IsNginx(file))
                throw new GatewayStartException(3, NginxNotYet(file));
            result = await ConfigLoader.LoadAsync(file, environment, options.Listen, time);
        }
        else
        {
            throw new GatewayStartException(2, "Say what to forward to: --to URL, or --config FILE.");
        }

        if (result.Unreadable is { } unreadable)
            throw new GatewayStartException(3, unreadable);
        if (!result.IsValid)
            throw new GatewayStartException(1, [.. result.Errors.Select(e => e.ToString()), Count(result.Errors.Count())]);
        return result;
    }

    /// <summary>Anything but .json is read as nginx configuration.</summary>
    public static bool IsNginx(string file) => !file.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    public static string NginxNotYet(string file) => $"{file}: nginx configuration is not supported yet; the native format is JSON, in a file that ends in .json";

    public static string Count(int mistakes) => mistakes == 1 ? "1 mistake." : string.Create(CultureInfo.InvariantCulture, $"{mistakes} mistakes.");

    private static string Sentence(string option, string value, string mistake, string? suggestion) =>
        $"{option} {value}: {mistake}" + (suggestion is null ? "" : $" (did you mean {suggestion}?)");
}
