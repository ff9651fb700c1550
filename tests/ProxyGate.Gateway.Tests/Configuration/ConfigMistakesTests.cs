using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

/// <summary>
/// The golden table of mistakes: <c>ConfigMistakes.golden</c> holds a configuration each and every line that <c>proxygate check</c> says of it.
/// PROXYGATE_UPDATE_GOLDEN=1 writes what is said now; read the difference before you commit it.
/// </summary>
public sealed class ConfigMistakesTests
{
    private const string Separator = "-----";

    [Fact]
    public async Task Every_mistake_is_named_with_its_place_and_the_nearest_valid_spelling()
    {
        var path = GoldenFile();
        var table = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var written = new StringBuilder();
        foreach (var entry in table.Split("=====\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var input = entry.Split(Separator + "\n")[0];
            var lines = input.Split('\n');
            var environment = lines.Where(l => l.StartsWith("env ", StringComparison.Ordinal)).Select(l => l[4..].Split('=', 2)).Select(p => (p[0], p[1])).ToArray();
            var json = string.Join('\n', lines.Where(l => !l.StartsWith("env ", StringComparison.Ordinal) && !l.StartsWith("## ", StringComparison.Ordinal)));
            var result = await ConfigLoader.LoadAsync(
                "proxygate.json",
                Encoding.UTF8.GetBytes(json.Replace("PROXY", ConfigFile.Proxy, StringComparison.Ordinal)),
                environment.Select(e => KeyValuePair.Create(e.Item1, e.Item2)));
            Assert.Equal(result.Errors.Any(), !result.IsValid);
            written.Append("=====\n").Append(input).Append(Separator).Append('\n');
            foreach (var mistake in result.Mistakes)
                written.Append(mistake.ToString().Replace(Environment.CurrentDirectory, ".", StringComparison.Ordinal)).Append('\n');
        }

        if (Environment.GetEnvironmentVariable("PROXYGATE_UPDATE_GOLDEN") == "1")
            await File.WriteAllTextAsync(path, written.ToString(), TestContext.Current.CancellationToken);
        Assert.Equal(table, written.ToString());
    }

    [Fact]
    public async Task Certificates_are_opened_and_every_fault_has_its_sentence()
    {
        using var files = new TestCertificates();
        using var good = TestCertificates.Make("example.org");
        using var other = TestCertificates.Make("other.example");
        using var old = TestCertificates.Make("old.example", DateTimeOffset.UtcNow.AddDays(-1));
        var certificate = files.Write("cert.pem", good.ExportCertificatePem());
        var otherKey = files.Write("other.key", TestCertificates.Key(other));
        using var rsa = RSA.Create(2048);
        var rsaKey = files.Write("rsa.key", rsa.ExportPkcs8PrivateKeyPem());
        var encrypted = files.Write("encrypted.key", good.GetECDsaPrivateKey()!.ExportEncryptedPkcs8PrivateKeyPem(
            "right", new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        var pfx = Path.Combine(files.Folder, "cert.pfx");
        await File.WriteAllBytesAsync(pfx, good.Export(X509ContentType.Pfx, "right"), TestContext.Current.CancellationToken);
        var junk = files.Write("junk.pem", "hello");

        var cases = new (string Json, string? Expected)[]
        {
            ($$"""{ "Certificate": "{{files.WritePem("all.pem", good)}}" }""", null),
            ($$"""{ "Certificate": "{{pfx}}", "Password": "right" }""", null),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{encrypted}}", "Password": "right" }""", null),
            ($$"""{ "Certificate": "{{files.Folder}}/none.pem" }""", "Certificate: FOLDER/none.pem does not exist"),
            ($$"""{ "Certificate": "{{files.Folder}}" }""", "Certificate: FOLDER is a folder, not a file"),
            ($$"""{ "Certificate": "{{certificate}}" }""", "Certificate: FOLDER/cert.pem contains no private key; name its file in Key"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{files.Folder}}/none.key" }""", "Key: FOLDER/none.key does not exist"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{certificate}}" }""", "Key: FOLDER/cert.pem contains no private key"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{otherKey}}" }""", "Key: the key in FOLDER/other.key does not belong to the certificate in FOLDER/cert.pem"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{rsaKey}}" }""", "Key: FOLDER/rsa.key holds an RSA key, but the certificate in FOLDER/cert.pem has an EC key"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{encrypted}}" }""", "Password: is missing: the key in FOLDER/encrypted.key is encrypted"),
            ($$"""{ "Certificate": "{{certificate}}", "Key": "{{encrypted}}", "Password": "wrong" }""", "Password: does not open the key in FOLDER/encrypted.key"),
            ($$"""{ "Certificate": "{{pfx}}", "Password": "wrong" }""", "Password: does not open the file: FOLDER/cert.pfx"),
            ($$"""{ "Certificate": "{{otherKey}}" }""", "Certificate: FOLDER/other.key contains no certificate, only a key"),
            ($$"""{ "Certificate": "{{junk}}" }""", "Certificate: FOLDER/junk.pem is neither PEM nor PFX"),
            ($$"""{ "Certificate": "{{files.WritePem("old.pem", old)}}" }""", "Certificate: warning: expired on DATE"),
        };
        foreach (var (json, expected) in cases)
        {
            var result = await ConfigFile.LoadGateAsync($$"""{ "Listen": ["https://localhost:8443"], "Certificates": [ {{json}} ] }""");
            var said = result.Mistakes.Select(m => (m.Key.Split(':')[^1] + ": " + (m.IsWarning ? "warning: " : "") + m.Message).Replace(files.Folder, "FOLDER", StringComparison.Ordinal));
            Assert.Equal(expected is null ? [] : [expected], said.Select(s => s.Contains("expired on", StringComparison.Ordinal) ? s[..(s.IndexOf("expired on", StringComparison.Ordinal) + 11)] + "DATE" : s));
        }
    }

    private static string GoldenFile([CallerFilePath] string file = "") => Path.Combine(Path.GetDirectoryName(file)!, "ConfigMistakes.golden");
}
