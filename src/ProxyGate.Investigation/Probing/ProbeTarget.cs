using System.Net;
using System.Net.Sockets;

namespace ProxyGate.Investigation.Probing;

/// <summary>A question's destination, taken apart.</summary>
internal sealed record ProbeTarget(Uri? Configured, string? Name, int Port, string? ServerName)
{
    public static ProbeTarget Of(Question question)
    {
        // "http://unix:/run/app.sock" is no URI; its scheme is all that is needed of it.
        if (question.SocketPath is not null)
        {
            var secure = question.ConfiguredUrl.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
            return new ProbeTarget(new Uri(secure ? "https://localhost" : "http://localhost"), null, 0, question.ServerName);
        }

        if (!Uri.TryCreate(question.ConfiguredUrl, UriKind.Absolute, out var configured) || configured.Host.Length == 0)
            return new ProbeTarget(null, null, question.Address?.Port ?? 0, question.ServerName);
        var name = configured.HostNameType == UriHostNameType.Dns ? configured.IdnHost : null;
        return new ProbeTarget(configured, name, configured.Port, question.ServerName ?? name ?? configured.Host.Trim('[', ']'));
    }

    /// <summary>The address itself when the configuration has one.</summary>
    public IPEndPoint? FixedAddress =>
        Name is null && Configured is not null && IPAddress.TryParse(Configured.Host.Trim('[', ']'), out var address) ? new IPEndPoint(address, Port) : null;

    public static EndPoint? EndOf(Question question, IPEndPoint? address) =>
        question.SocketPath is { } path ? new UnixDomainSocketEndPoint(path) : address;
}
