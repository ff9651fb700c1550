using System.Net.Security;
using System.Security.Authentication;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Which certificate answers for which server name: exact name, then wildcard, then the first of the list. Immutable.</summary>
internal sealed class CertificateChoice
{
    private readonly Dictionary<string, SslServerAuthenticationOptions> _exact = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, SslServerAuthenticationOptions> _wildcard = new(StringComparer.OrdinalIgnoreCase);
    private SslServerAuthenticationOptions? _default;

    public static CertificateChoice Empty { get; } = new();

    public static CertificateChoice Of(IEnumerable<Served?> certificates)
    {
        var choice = new CertificateChoice();
        foreach (var served in certificates.OfType<Served>())
        {
            choice._default ??= served.Options;
            foreach (var name in served.Names)
            {
                // The first certificate to name it wins, as everywhere in the list.
                if (name.StartsWith("*.", StringComparison.Ordinal))
                    choice._wildcard.TryAdd(name[2..], served.Options);
                else
                    choice._exact.TryAdd(name, served.Options);
            }
        }

        return choice;
    }

    public SslServerAuthenticationOptions? For(string? serverName)
    {
        if (string.IsNullOrEmpty(serverName))
            return _default;
        if (_exact.TryGetValue(serverName, out var exact))
            return exact;
        // A wildcard stands for exactly one label (RFC 9525, section 6.3).
        var dot = serverName.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _wildcard.TryGetValue(serverName[(dot + 1)..], out var wildcard) ? wildcard : _default;
    }

    /// <summary>One certificate ready to be served. The options are one object for all handshakes: that is what lets sessions be resumed.</summary>
    internal sealed record Served(SslServerAuthenticationOptions Options, IReadOnlyList<string> Names)
    {
        public static Served Of(LoadedCertificate loaded, IReadOnlyList<string> names) => new(
            new SslServerAuthenticationOptions
            {
                // Offline: the chain to send is what the file holds; nothing is fetched while a client waits.
                ServerCertificateContext = SslStreamCertificateContext.Create(loaded.Certificate, loaded.Chain, offline: true),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                ClientCertificateRequired = false,
            },
            names.Count > 0 ? names : loaded.Names());
    }
}
