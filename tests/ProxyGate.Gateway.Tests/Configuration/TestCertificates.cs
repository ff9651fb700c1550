using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProxyGate.Gateway.Tests.Configuration;

/// <summary>Certificates made for one test run, in files of one folder.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("proxygate-certificates-");

    public static TestCertificates Shared { get; } = MakeShared();

    public string Folder => _folder.FullName;

    /// <summary>Certificate and key for localhost in one file.</summary>
    public string PemFile { get; private set; } = "";

    public static X509Certificate2 Make(string name, DateTimeOffset? notAfter = null, params string[] more)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var dns in (string[])[name, .. more])
            names.AddDnsName(dns);
        request.CertificateExtensions.Add(names.Build());
        var end = notAfter ?? DateTimeOffset.UtcNow.AddDays(30);
        return request.CreateSelfSigned(end.AddDays(-60), end);
    }

    /// <summary>Writes certificate and key into one PEM file.</summary>
    public string WritePem(string file, X509Certificate2 certificate) =>
        Write(file, certificate.ExportCertificatePem() + "\n" + Key(certificate) + "\n");

    public string Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        File.WriteAllText(path, text);
        return path;
    }

    public static string Key(X509Certificate2 certificate)
    {
        using AsymmetricAlgorithm key = certificate.GetECDsaPrivateKey() ?? (AsymmetricAlgorithm)certificate.GetRSAPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static TestCertificates MakeShared()
    {
        var made = new TestCertificates();
        using var certificate = Make("localhost");
        made.PemFile = made.WritePem("localhost.pem", certificate);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => made.Dispose();
        return made;
    }
}
