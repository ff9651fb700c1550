using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Configuration;

/// <summary>A configuration as read: what would be in force, or every reason why it cannot be.</summary>
internal sealed record ConfigResult
{
    /// <summary>The file; absent for a configuration made from the command line.</summary>
    public string? File { get; init; }

    /// <summary>Absent when the configuration is invalid or could not be read.</summary>
    public GatewaySettings? Settings { get; init; }

    /// <summary>YARP's section, flattened, as YARP's own reader takes it (unix destinations already given a host name).</summary>
    public required IConfiguration ReverseProxy { get; init; }

    public IReadOnlyList<RouteConfig> Routes { get; init; } = [];

    public IReadOnlyList<ClusterConfig> Clusters { get; init; } = [];

    /// <summary>Where they are written.</summary>
    public ConfigLines Lines { get; init; } = ConfigLines.None;

    /// <summary>Errors and warnings in the order of the file.</summary>
    public IReadOnlyList<ConfigMistake> Mistakes { get; init; } = [];

    /// <summary>Why the file could not be read at all; absent when it could.</summary>
    public string? Unreadable { get; init; }

    /// <summary>What was read; nothing without a file.</summary>
    public SeenContent Seen { get; init; } = new([], new Dictionary<string, byte[]>());

    public bool IsValid => Settings is not null;

    public IEnumerable<ConfigMistake> Errors => Mistakes.Where(m => !m.IsWarning);

    public IEnumerable<ConfigMistake> Warnings => Mistakes.Where(m => m.IsWarning);
}
