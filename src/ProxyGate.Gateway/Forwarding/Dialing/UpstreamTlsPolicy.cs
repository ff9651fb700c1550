using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Forwarding.Dialing;

/// <summary>How one cluster speaks TLS to its destinations. Certificates are read once, when the policy is made.</summary>
internal sealed class UpstreamTlsPolicy
{
    private readonly X509Certificate2Collection? _trusted;
    private readonly SslStreamCertificateContext? _clientCertificate;

    public UpstreamTlsPolicy(UpstreamTlsSettings settings, SslProtocols protocols)
    {
        Verify = settings.Verify;
        ServerName = settings.ServerName;
        Protocols = protocols;
        if (settings.TrustedCaFile is { } file)
        {
            _trusted = [];
            _trusted.ImportFromPemFile(file);
        }

        if (settings.ClientCertificate is { } client) _clientCertificate = Load(client);
    }

    public bool Verify { get; }

    public string? ServerName { get; }

    public SslProtocols Protocols { get; }

    public bool HasClientCertificate => _clientCertificate is not null;

    public X509ChainPolicy ChainPolicy()
    {
        var policy = new X509ChainPolicy
        {
            // A handshake must not wait for, or be steered by, downloads that the peer's certificate names.
            DisableCertificateDownloads = true,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.ApplicationPolicy.Add(new System.Security.Cryptography.Oid("1.3.6.1.5.5.7.3.1", "Server Authentication"));
        if (_trusted is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(_trusted);
        }

        return policy;
    }

    public SslClientAuthenticationOptions Options(
        string targetHost, List<SslApplicationProtocol> alpn, RemoteCertificateValidationCallback validate, LocalCertificateSelectionCallback select)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = targetHost,
            ApplicationProtocols = alpn,
            EnabledSslProtocols = Protocols,
            RemoteCertificateValidationCallback = validate,
            CertificateChainPolicy = ChainPolicy(),
        };
        if (_clientCertificate is not null) options.ClientCertificateContext = _clientCertificate;
        else options.LocalCertificateSelectionCallback = select;
        return options;
    }

    private static SslStreamCertificateContext Load(CertificateSettings settings)
    {
        X509Certificate2 leaf;
        var chain = new X509Certificate2Collection();
        var extension = Path.GetExtension(settings.Certificate);
        if (settings.Key is null && (extension.Equals(".pfx", StringComparison.OrdinalIgnoreCase) || extension.Equals(".p12", StringComparison.OrdinalIgnoreCase)))
        {
            chain = X509CertificateLoader.LoadPkcs12CollectionFromFile(settings.Certificate, settings.Password);
            leaf = chain.First(c => c.HasPrivateKey);
        }
        else
        {
            leaf = settings.Password is null
                ? X509Certificate2.CreateFromPemFile(settings.Certificate, settings.Key ?? settings.Certificate)
                : X509Certificate2.CreateFromEncryptedPemFile(settings.Certificate, settings.Password, settings.Key ?? settings.Certificate);
            chain.ImportFromPemFile(settings.Certificate);
        }

        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }
}
