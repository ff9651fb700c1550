using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Opens every certificate and CA file that the configuration names, as the gateway will.</summary>
internal sealed class CertificateChecks(string baseFolder, DateTimeOffset now, List<ConfigMistake> mistakes)
{
    public void Run(ConfigNode? gateway)
    {
        if (gateway?.Find("Certificates") is { Kind: ConfigNodeKind.List } list)
        {
            for (var i = 0; i < list.Items.Count; i++)
                Certificate(list.Items[i], $"ProxyGate:Certificates:{i}");
        }

        UpstreamTls(gateway?.Find("UpstreamTls"), "ProxyGate:UpstreamTls");
        foreach (var cluster in gateway?.Find("Clusters")?.Properties ?? [])
            UpstreamTls(cluster.Value.Find("UpstreamTls"), $"ProxyGate:Clusters:{cluster.Name}:UpstreamTls");
    }

    private void UpstreamTls(ConfigNode? section, string key)
    {
        if (section?.Find("TrustedCaFile") is { Kind: ConfigNodeKind.Text, Text.Length: > 0 } file
            && !CertificateFile.TryLoadRoots(Path.GetFullPath(file.Text, baseFolder), out _, out var mistake))
            Add(file.Position, $"{key}:TrustedCaFile", mistake.Message);
        if (section?.Find("ClientCertificate") is { Kind: ConfigNodeKind.Section } client)
            Certificate(client, $"{key}:ClientCertificate");
    }

    private void Certificate(ConfigNode node, string key)
    {
        if (node.Find("Certificate") is not { Kind: ConfigNodeKind.Text, Text.Length: > 0 } file)
            return;
        var settings = SettingsBinder.Certificate(new SettingsBinder.Section(node, baseFolder));
        if (!CertificateFile.TryLoad(settings, out var loaded, out var mistake))
        {
            var at = node.Find(mistake.Key) ?? node;
            Add(at.Position, $"{key}:{mistake.Key}", mistake.Message);
            return;
        }

        using var certificate = loaded.Certificate;
        if (certificate.NotAfter.ToUniversalTime() < now.UtcDateTime)
            Add(file.Position, $"{key}:Certificate", $"expired on {Date(certificate.NotAfter)}", isWarning: true);
        else if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
            Add(file.Position, $"{key}:Certificate", $"is not valid before {Date(certificate.NotBefore)}", isWarning: true);
        foreach (var other in loaded.Chain)
            other.Dispose();
    }

    private static string Date(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private void Add(ConfigPosition at, string key, string message, bool isWarning = false) => mistakes.Add(new ConfigMistake
    {
        File = at.File,
        Line = at.Line,
        Column = at.Column,
        Key = key,
        Message = message,
        IsWarning = isWarning,
    });
}
