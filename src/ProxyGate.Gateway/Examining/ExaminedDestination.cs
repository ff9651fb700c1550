using System.Net;
using System.Security.Authentication;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Examining;

/// <summary>A destination that is looked at by hand, as the gateway would use it.</summary>
internal sealed record ExaminedDestination
{
    /// <summary>As a person names it: the URL, or <c>cluster/destination</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The destination's id; the URL itself when it is of no configuration.</summary>
    public required string Id { get; init; }

    public string? Cluster { get; init; }

    /// <summary>The route that was named, if it was one.</summary>
    public string? Route { get; init; }

    /// <summary>Scheme, host, port and path; a unix socket's path travels as its host name.</summary>
    public required Uri Address { get; init; }

    /// <summary>Whether the path of the address was written by a person, so that it is expected to be there.</summary>
    public bool PathIsNamed { get; init; }

    /// <summary>Where the health check goes, when there is one: often another path of the same address.</summary>
    public Uri? Health { get; init; }

    /// <summary>How long an answer to the health check may take.</summary>
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The Host field to send in place of the address's own.</summary>
    public string? HostField { get; init; }

    public Version Version { get; init; } = HttpVersion.Version20;

    public HttpVersionPolicy VersionPolicy { get; init; } = HttpVersionPolicy.RequestVersionOrLower;

    public TimeoutSettings Timeouts { get; init; } = new();

    public UpstreamTlsSettings Tls { get; init; } = new();

    public SslProtocols Protocols { get; init; } = SslProtocols.None;

    public int HeadLimit { get; init; } = 64 * 1024;

    /// <summary>The systemd unit a person named.</summary>
    public string? Unit { get; init; }

    /// <summary>The line of its address in the configuration.</summary>
    public string? Source { get; init; }

    /// <summary>A forward proxy the cluster goes through, which this look does not.</summary>
    public string? ForwardProxy { get; init; }

    /// <summary>The other configured ports of the same address.</summary>
    public IReadOnlyList<IPEndPoint> OtherConfigured { get; init; } = [];

    /// <summary>As it is written: <c>http://unix:/run/app.sock</c>.</summary>
    public string Url => UnixDestinations.Display(Address.GetLeftPart(UriPartial.Path));

    /// <summary>Scheme, host and port alone.</summary>
    public string Root => SocketPath is { } path ? $"{Address.Scheme}://unix:{path}" : Address.GetLeftPart(UriPartial.Authority);

    public string? SocketPath => UnixDestinations.TryGetPath(Address.Host, out var path) ? path : null;

    public bool UsesTls => Address.Scheme == Uri.UriSchemeHttps;

    /// <summary>Without its query, which may hold what is nobody's business.</summary>
    public string Path => Address.AbsolutePath;

    public string? HealthPath => Health?.AbsolutePath;
}
