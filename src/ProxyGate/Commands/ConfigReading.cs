using ProxyGate.Gateway.Configuration;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>Reads a configuration for a command that needs a valid one, and says why it cannot have it.</summary>
internal static class ConfigReading
{
    /// <summary>The configuration, or the exit code once its mistakes have been said.</summary>
    public static async Task<(ConfigResult? Config, int Code)> LoadAsync(string file, TextWriter error)
    {
        if (GatewayStart.IsNginx(file))
        {
            await error.WriteLineAsync(GatewayStart.NginxNotYet(file));
            return (null, ExitCode.CouldNotRun);
        }

        var config = await ConfigLoader.LoadAsync(file, EnvironmentOverrides.OfProcess());
        if (config.Unreadable is { } unreadable)
        {
            await error.WriteLineAsync(unreadable);
            return (null, ExitCode.CouldNotRun);
        }

        if (config.IsValid) return (config, ExitCode.Fine);
        CheckOutput.WriteMistakes(error, config);
        return (null, ExitCode.CouldNotRun);
    }
}
