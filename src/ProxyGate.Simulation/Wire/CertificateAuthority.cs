using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProxyGate.Simulation.Wire;

/// <summary>Makes every certificate the TLS faults need, at run time: a trusted root, an intermediate, an unknown root and leaves.</summary>
internal sealed class CertificateAuthority : IDisposable
{
    internal const string ServerName = "app.test";

    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private readonly string _folder;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _unknownRoot;
    private readonly ConcurrentDictionary<string, Lazy<X509Certificate2>> _leaves = new();
    private readonly Lazy<(string Certificate, string Key)> _client;
    private readonly Lazy<(string Certificate, string Key)> _foreignClient;

    internal CertificateAuthority(string folder)
    {
        _folder = folder;
        _root = MakeAuthority("CN=ProxyGate Simulation Root", issuer: null);
        _unknownRoot = MakeAuthority("CN=Some Unknown Root", issuer: null);
        Intermediate = MakeAuthority("CN=ProxyGate Simulation Intermediate", _root);
        RootFile = Path.Combine(folder, "root.pem");
        File.WriteAllText(RootFile, _root.ExportCertificatePem());
        _client = new(() => WriteClient("client", _root));
        _foreignClient = new(() => WriteClient("foreign-client", _unknownRoot));
    }

    /// <summary>PEM file of the trusted root.</summary>
    internal string RootFile { get; }

    internal X509Certificate2 Root => _root;

    internal X509Certificate2 Intermediate { get; }

    internal X509Certificate2 Good => Leaf("good", () => MakeLeaf("CN=good", _root));

    internal X509Certificate2 Expired => Leaf("expired", () => MakeLeaf("CN=expired", _root, _now.AddDays(-400), _now.AddDays(-3)));

    internal X509Certificate2 NotYetValid => Leaf("future", () => MakeLeaf("CN=not yet valid", _root, _now.AddDays(60), _now.AddDays(400)));

    internal X509Certificate2 WrongName => Leaf("other", () => MakeLeaf("CN=other.example", _root, names: ["other.example", "*.other.example"]));

    internal X509Certificate2 SelfSigned => Leaf("self", () => MakeLeaf("CN=self-signed", issuer: null));

    internal X509Certificate2 OfUnknownRoot => Leaf("unknown", () => MakeLeaf("CN=unknown issuer", _unknownRoot));

    internal X509Certificate2 OfIntermediate => Leaf("intermediate", () => MakeLeaf("CN=by intermediate", Intermediate));

    internal X509Certificate2 ForClientsOnly => Leaf("usage", () => MakeLeaf("CN=clients only", _root, usage: "1.3.6.1.5.5.7.3.2"));

    /// <summary>A client certificate of the trusted root, as PEM files.</summary>
    internal (string Certificate, string Key) Client => _client.Value;

    /// <summary>A client certificate that no server here trusts, as PEM files.</summary>
    internal (string Certificate, string Key) ForeignClient => _foreignClient.Value;

    public void Dispose()
    {
        foreach (var leaf in _leaves.Values)
            leaf.Value.Dispose();
        Intermediate.Dispose();
        _unknownRoot.Dispose();
        _root.Dispose();
    }

    private X509Certificate2 Leaf(string key, Func<X509Certificate2> make) => _leaves.GetOrAdd(key, _ => new(make)).Value;

    private X509Certificate2 MakeAuthority(string subject, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        // Wider than every leaf's validity: an issuer must cover what it signs.
        var (from, until) = issuer is null ? (_now.AddYears(-10), _now.AddYears(10)) : (_now.AddYears(-9), _now.AddYears(9));
        if (issuer is null)
            return request.CreateSelfSigned(from, until);
        using var signed = request.Create(issuer, from, until, RandomNumberGenerator.GetBytes(12));
        return signed.CopyWithPrivateKey(key);
    }

    private X509Certificate2 MakeLeaf(
        string subject,
        X509Certificate2? issuer,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        string[]? names = null,
        string usage = "1.3.6.1.5.5.7.3.1")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        var alternatives = new SubjectAlternativeNameBuilder();
        foreach (var name in names ?? ["localhost", ServerName])
            alternatives.AddDnsName(name);
        if (names is null)
            alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        var (begin, end) = (from ?? _now.AddDays(-1), until ?? _now.AddDays(300));
        if (issuer is null)
            return request.CreateSelfSigned(begin, end);
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using var signed = request.Create(issuer, begin, end, RandomNumberGenerator.GetBytes(12));
        return signed.CopyWithPrivateKey(key);
    }

    private (string Certificate, string Key) WriteClient(string name, X509Certificate2 issuer)
    {
        using var certificate = MakeLeaf($"CN={name}", issuer, usage: "1.3.6.1.5.5.7.3.2");
        using var key = certificate.GetECDsaPrivateKey()!;
        var files = (Path.Combine(_folder, name + ".pem"), Path.Combine(_folder, name + ".key"));
        File.WriteAllText(files.Item1, certificate.ExportCertificatePem());
        File.WriteAllText(files.Item2, key.ExportPkcs8PrivateKeyPem());
        return files;
    }
}
