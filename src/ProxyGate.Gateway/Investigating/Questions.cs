using System.Net;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Routing;
using ProxyGate.Investigation;
using Yarp.ReverseProxy.Configuration;

namespace ProxyGate.Gateway.Investigating;

/// <summary>
/// Makes the question of a failure: the address its attempt used, of a destination the configuration in force still names, and nothing of
/// the client's request.
/// </summary>
internal sealed class Questions(RouteSource routes, IGatewaySettingsSource settings)
{
    private const int MostOthers = 8;

    /// <summary>Whether this failure is worth a look at all: an attempt was made, the client is not at fault, and a look can tell more.</summary>
    public bool IsWorthwhile(FailureFacts facts, Failure failure) =>
        failure is { Attempt: not null, Party: not Party.Client }
        && facts.Request is { Cluster: { } cluster, Decision: GatewayDecision.None, ClientFault: ClientFault.None }
        && Investigator.CanTell(failure.Cause.Id)
        && settings.Current.ForCluster(cluster).Investigate;

    /// <summary>Absent when the destination is no longer configured, or has another address now.</summary>
    public Question? Of(FailureEvent e, Cause cause)
    {
        if (e.Diagnosis.Failure.Attempt is not { } attempt || e.Request.Cluster is not { } clusterId) return null;
        var clusters = routes.Clusters;
        if (clusters.FirstOrDefault(c => c.ClusterId == clusterId) is not { Destinations: { } destinations } cluster) return null;
        if (!destinations.TryGetValue(PinnedDestinations.NameOf(attempt.Destination), out var configured) || UnixDestinations.Display(configured.Address) != attempt.DestinationUrl) return null;
        var address = attempt.IsUnixSocket ? null : AddressOf(attempt);
        return new Question
        {
            Destination = attempt.Destination,
            ConfiguredUrl = attempt.DestinationUrl,
            Address = address,
            SocketPath = attempt.IsUnixSocket ? attempt.Address ?? PathOf(configured) : null,
            LocalAddress = attempt.LocalAddress is { } local && IPEndPoint.TryParse(local, out var ours) ? ours : null,
            Cause = cause.Id,
            FailedAt = e.Time,
            HealthPath = cluster.HealthCheck?.Active?.Path,
            ServerName = settings.Current.ForCluster(clusterId).UpstreamTls.ServerName,
            OtherConfigured = address is null ? [] : OthersOn(address, clusters),
        };
    }

    /// <summary>The address connected to; else the one whose failure tells.</summary>
    private static IPEndPoint? AddressOf(AttemptFacts attempt)
    {
        var text = attempt.Address
            ?? attempt.AddressesTried.FirstOrDefault(t => t.Connected)?.Address
            ?? attempt.AddressesTried.FirstOrDefault(t => t.Error is not null && t.Error == attempt.SocketError)?.Address
            ?? attempt.AddressesTried.FirstOrDefault(t => !t.Abandoned)?.Address;
        return text is not null && IPEndPoint.TryParse(text, out var address) ? address : null;
    }

    private static string? PathOf(DestinationConfig configured) =>
        Uri.TryCreate(configured.Address, UriKind.Absolute, out var uri) && UnixDestinations.TryGetPath(uri.Host, out var path) ? path : null;

    /// <summary>Other configured ports of the same address, by their literal addresses: no name is looked up for this.</summary>
    private static List<IPEndPoint> OthersOn(IPEndPoint address, IReadOnlyList<ClusterConfig> clusters)
    {
        var others = new List<IPEndPoint>();
        foreach (var destination in clusters.SelectMany(c => c.Destinations?.Values ?? []))
        {
            if (others.Count == MostOthers) break;
            if (Uri.TryCreate(destination.Address, UriKind.Absolute, out var uri) && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip)
                && ip.Equals(address.Address) && uri.Port != address.Port && !others.Exists(o => o.Port == uri.Port)) others.Add(new IPEndPoint(ip, uri.Port));
        }

        return others;
    }
}
