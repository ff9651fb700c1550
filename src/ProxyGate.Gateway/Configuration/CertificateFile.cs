using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace ProxyGate.Gateway.Configuration;

/// <summary>A certificate with its key, and the chain to send with it.</summary>
internal sealed record LoadedCertificate(X509Certificate2 Certificate, X509Certificate2Collection Chain)
{
    /// <summary>The DNS names it is good for; the common name only where there is no alternative name (RFC 9525, section 2).</summary>
    public IReadOnlyList<string> Names()
    {
        var names = Certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToList();
        if (names.Count == 0 && Certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false) is { Length: > 0 } common)
            names.Add(common);
        return names;
    }
}

/// <summary>Why a certificate cannot be used.</summary>
/// <param name="Key">The key at fault: Certificate, Key or Password.</param>
internal sealed record CertificateMistake(string Key, string Message);

/// <summary>Reads certificates: PEM with the key in the same or another file, or PFX.</summary>
internal static class CertificateFile
{
    private const string RsaOid = "1.2.840.113549.1.1.1";

    public static bool TryLoad(
        CertificateSettings settings,
        [NotNullWhen(true)] out LoadedCertificate? loaded,
        [NotNullWhen(false)] out CertificateMistake? mistake)
    {
        loaded = null;
        if (!TryRead(settings.Certificate, "Certificate", out var bytes, out mistake))
            return false;
        var text = System.Text.Encoding.UTF8.GetString(bytes);
        return text.Contains("-----BEGIN ", StringComparison.Ordinal)
            ? TryLoadPem(settings, text, out loaded, out mistake)
            : TryLoadPfx(settings, bytes, out loaded, out mistake);
    }

    /// <summary>The certificates of a PEM file of roots.</summary>
    public static bool TryLoadRoots(
        string path,
        [NotNullWhen(true)] out X509Certificate2Collection? roots,
        [NotNullWhen(false)] out CertificateMistake? mistake)
    {
        roots = null;
        if (!TryRead(path, "TrustedCaFile", out var bytes, out mistake))
            return false;
        try
        {
            var found = new X509Certificate2Collection();
            found.ImportFromPem(System.Text.Encoding.UTF8.GetString(bytes));
            if (found.Count > 0)
                roots = found;
            else
                mistake = new CertificateMistake("TrustedCaFile", $"{path} contains no certificate in PEM form");
        }
        catch (CryptographicException e)
        {
            mistake = new CertificateMistake("TrustedCaFile", $"{path} contains a damaged certificate: {e.Message}");
        }

        return mistake is null;
    }

    private static bool TryLoadPem(CertificateSettings settings, string text, out LoadedCertificate? loaded, out CertificateMistake? mistake)
    {
        loaded = null;
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            mistake = new CertificateMistake("Certificate", $"{settings.Certificate} contains a damaged certificate: {e.Message}");
            return false;
        }

        if (certificates.Count == 0)
        {
            mistake = new CertificateMistake("Certificate", $"{settings.Certificate} contains no certificate"
                + (text.Contains("PRIVATE KEY", StringComparison.Ordinal) ? ", only a key" : ""));
            return false;
        }

        var keyText = text;
        if (settings.Key is not null)
        {
            if (!TryRead(settings.Key, "Key", out var keyBytes, out mistake))
                return false;
            keyText = System.Text.Encoding.UTF8.GetString(keyBytes);
        }

        if (!TryReadKey(settings, keyText, out var key, out mistake))
            return false;
        using (key)
        {
            var spki = key.ExportSubjectPublicKeyInfo();
            var leaf = certificates.FirstOrDefault(c => c.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(spki));
            if (leaf is null)
            {
                mistake = new CertificateMistake(settings.Key is null ? "Certificate" : "Key", DoesNotMatch(settings, certificates[0], key));
                return false;
            }

            certificates.Remove(leaf);
            loaded = new LoadedCertificate(key is RSA rsa ? leaf.CopyWithPrivateKey(rsa) : leaf.CopyWithPrivateKey((ECDsa)key), certificates);
            return true;
        }
    }

    private static bool TryReadKey(
        CertificateSettings settings, string text, [NotNullWhen(true)] out AsymmetricAlgorithm? key, [NotNullWhen(false)] out CertificateMistake? mistake)
    {
        key = null;
        mistake = null;
        var file = settings.Key ?? settings.Certificate;
        var name = settings.Key is null ? "Certificate" : "Key";
        var encrypted = text.Contains("BEGIN ENCRYPTED PRIVATE KEY", StringComparison.Ordinal);
        if (!text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            mistake = new CertificateMistake(name, settings.Key is null ? $"{file} contains no private key; name its file in Key" : $"{file} contains no private key");
        else if (encrypted && settings.Password is null)
            mistake = new CertificateMistake("Password", $"is missing: the key in {file} is encrypted");
        if (mistake is not null)
            return false;

        foreach (var candidate in (AsymmetricAlgorithm[])[RSA.Create(), ECDsa.Create()])
        {
            if (key is null && TryImport(candidate, text, encrypted ? settings.Password : null))
                key = candidate;
            else
                candidate.Dispose();
        }

        if (key is null)
        {
            mistake = encrypted
                ? new CertificateMistake("Password", $"does not open the key in {file}")
                : new CertificateMistake(name, $"{file} contains a private key that cannot be read; RSA and EC keys can");
        }

        return key is not null;
    }

    private static bool TryImport(AsymmetricAlgorithm algorithm, string text, string? password)
    {
        // One PEM at a time: the file may hold certificates and, with EC keys, a block of parameters.
        var rest = text.AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (rest[fields.Label].EndsWith("PRIVATE KEY"))
            {
                try
                {
                    if (password is null)
                        algorithm.ImportFromPem(rest[fields.Location]);
                    else
                        algorithm.ImportFromEncryptedPem(rest[fields.Location], password);
                    return true;
                }
                catch (Exception e) when (e is CryptographicException or ArgumentException)
                {
                    return false;
                }
            }

            rest = rest[fields.Location.End..];
        }

        return false;
    }

    private static bool TryLoadPfx(CertificateSettings settings, byte[] bytes, out LoadedCertificate? loaded, out CertificateMistake? mistake)
    {
        loaded = null;
        mistake = null;
        try
        {
            var all = X509CertificateLoader.LoadPkcs12Collection(bytes, settings.Password);
            var leaf = all.FirstOrDefault(c => c.HasPrivateKey);
            if (leaf is null)
            {
                mistake = new CertificateMistake("Certificate", $"{settings.Certificate} contains no certificate with a private key");
                return false;
            }

            all.Remove(leaf);
            loaded = new LoadedCertificate(leaf, all);
        }
        catch (CryptographicException)
        {
            mistake = LooksLikePfx(bytes)
                ? new CertificateMistake("Password", $"{(settings.Password is null ? "is missing or the file is damaged" : "does not open the file")}: {settings.Certificate}")
                : new CertificateMistake("Certificate", $"{settings.Certificate} is neither PEM nor PFX");
        }

        return mistake is null;
    }

    /// <summary>A PFX is a DER sequence that begins with version 3 (RFC 7292, section 4).</summary>
    private static bool LooksLikePfx(ReadOnlySpan<byte> bytes) =>
        bytes.Length > 8 && bytes[0] == 0x30 && bytes[..8].IndexOf([(byte)2, (byte)1, (byte)3]) > 0;

    private static string DoesNotMatch(CertificateSettings settings, X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        var wanted = certificate.GetKeyAlgorithm() == RsaOid ? "RSA" : "EC";
        var found = key is RSA ? "RSA" : "EC";
        return wanted == found
            ? $"the key in {settings.Key ?? settings.Certificate} does not belong to the certificate in {settings.Certificate}"
            : $"{settings.Key ?? settings.Certificate} holds an {found} key, but the certificate in {settings.Certificate} has an {wanted} key";
    }

    private static bool TryRead(string path, string key, out byte[] bytes, [NotNullWhen(false)] out CertificateMistake? mistake)
    {
        bytes = [];
        mistake = null;
        try
        {
            bytes = File.ReadAllBytes(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            mistake = new CertificateMistake(key, $"{path} does not exist");
        }
        catch (UnauthorizedAccessException)
        {
            mistake = new CertificateMistake(key, Directory.Exists(path) ? $"{path} is a folder, not a file" : $"{path} cannot be read: permission denied");
        }
        catch (IOException e)
        {
            mistake = new CertificateMistake(key, $"{path} cannot be read: {e.Message}");
        }

        return false;
    }
}
