using ProxyGate.Gateway.Examining;

namespace ProxyGate.Commands;

/// <summary>What a person asked <c>proxygate diagnose</c> for.</summary>
internal sealed record DiagnoseOptions
{
    /// <summary>A URL or a name; absent when none was given.</summary>
    public string? Target { get; init; }

    public string? ConfigFile { get; init; }

    public string? HealthPath { get; init; }

    public string? Unit { get; init; }

    public string? ServerName { get; init; }

    public string? TrustedCaFile { get; init; }

    public bool Insecure { get; init; }

    /// <summary>How long one look may take.</summary>
    public TimeSpan Limit { get; init; } = DiagnoseCommand.UsualLook;

    /// <summary>From the start of one look to the next; absent to look once.</summary>
    public TimeSpan? Watch { get; init; }

    public bool Json { get; init; }

    /// <summary>What was said on the command line goes before the configuration.</summary>
    public ExaminedDestination Over(ExaminedDestination destination)
    {
        if (HealthPath is { } path) destination = destination.WithHealth(path);
        return destination with
        {
            Unit = Unit,
            Tls = destination.Tls with
            {
                ServerName = ServerName ?? destination.Tls.ServerName,
                TrustedCaFile = TrustedCaFile ?? destination.Tls.TrustedCaFile,
                Verify = TrustedCaFile is not null || (destination.Tls.Verify && !Insecure),
            },
        };
    }
}

/// <summary>What is looked at: one destination by itself, or all of a route or cluster.</summary>
/// <param name="Name">As it was named.</param>
/// <param name="Destinations">At least one.</param>
/// <param name="IsGroup">Whether a route or cluster was named, whose destinations may be many.</param>
internal sealed record DiagnoseTarget(string Name, IReadOnlyList<ExaminedDestination> Destinations, bool IsGroup);
