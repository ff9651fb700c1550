using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The certificate of the app.</summary>
internal static class CertificateRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["cert_expired_internal"] = new(
            s => ["date -u", Dates(s)],
            s => [Step("Renew the certificate where it came from (certbot certificates shows those of Let's Encrypt)."), .. Load(s)]),
        ["clock_wrong"] = new(
            s => [Step("Here, and on the app's machine; compare with another clock:"), "date -u", "timedatectl", Dates(s)],
            s => [Change("lets this machine set its clock from the network"), "timedatectl set-ntp true"]),
        ["self_signed"] = new(
            s => [Step("The same subject and issuer mean signed by itself. Compare the fingerprint with the one on the server itself:"), Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -fingerprint -sha256"],
            s => s.Tls is { Problems: { } problems, Certificate.Names.Count: 0 } && problems.Contains(CertificateProblem.NameMismatch) ? NewOne(s) :
            [
                Change("writes the certificate to the file upstream-ca.pem in this folder"),
                Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 > upstream-ca.pem",
                Step($"If the fingerprint is the server's own, set {Setting(s, "UpstreamTls:TrustedCaFile")} to that file."),
                .. s.Tls is { Problems: { } wrong, Certificate.Names: [var name, ..] } && wrong.Contains(CertificateProblem.NameMismatch)
                    ? new[] { Step($"And set {Setting(s, "UpstreamTls:ServerName")} to a name it is for: \"{Seen.Short(name)}\".") } : [],
                CheckConfig(s),
            ]),
        ["missing_intermediate"] = new(
            s => [Step("How many certificates does it send? One alone, from an issuer in between, is the mistake:"), Checks.OpenSsl(s, " -showcerts") + " 2>/dev/null | grep -E '^ *[0-9]+ s:| i:'"],
            s => [Step("Let the server send the full chain: with Let's Encrypt, fullchain.pem instead of cert.pem."), .. Load(s)]),
        ["private_ca"] = new(
            s => [Step("Who issued it? Is that your own?"), Checks.OpenSsl(s, " -showcerts") + " 2>/dev/null | grep -E '^ *[0-9]+ s:| i:'"],
            s => [Step($"Put the issuer's certificate (PEM) into a file and name it in {Setting(s, "UpstreamTls:TrustedCaFile")}."), CheckConfig(s)]),
        ["trust_store_missing"] = new(
            s => [Step("Is there a list, and does it hold anything? (in a container, run it there)"), "ls -l /etc/ssl/certs/ca-certificates.crt", "curl -sv -o /dev/null --max-time 10 https://www.debian.org/"],
            s => [Change("installs the list of trusted issuers on Debian and Ubuntu (in a container, put it into the image)"), "apt-get install -y ca-certificates"]),
        ["cert_withdrawn"] = new(
            s => [Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -serial -ext crlDistributionPoints"],
            s => [Step("Ask its issuer for a new certificate, with a new key: the old key may be in other hands."), .. Load(s)]),
        ["cert_not_reloaded"] = new(
            s => [Step("What the server shows:"), Dates(s), Step("What the file on the app's machine says (put in its path for CERTIFICATE):"), "openssl x509 -in CERTIFICATE -noout -subject -dates"],
            Load),
        ["cert_too_new"] = new(
            s => ["date -u", Dates(s)],
            s => [Step("Let the server use the certificate before it until then, or wait for its first day."), .. Load(s)]),
        ["cert_name_missing"] = new(
            s => [Step("Which names are in it?"), TlsRemedies.Names(s, s.Tls?.ServerName)],
            s => [Step($"Have it issued anew with the name {(s.Tls?.ServerName is { } name ? $"\"{Seen.Short(name)}\"" : "that is asked for")} among its names (subjectAltName)."), .. Load(s)]),
    };

    /// <summary>A certificate without any name fits none: whatever is asked for, another one is needed.</summary>
    private static IEnumerable<string> NewOne(Seen s)
    {
        var host = s.Tls?.ServerName ?? s.Ip;
        var kind = System.Net.IPAddress.TryParse(host, out _) ? "IP" : "DNS";
        return
        [
            Change("writes a new certificate for that name to upstream.pem, and its key to upstream.key, in this folder"),
            $"openssl req -x509 -newkey rsa:2048 -nodes -days 825 -keyout upstream.key -out upstream.pem -subj /CN=upstream -addext {Shell.Word($"subjectAltName={kind}:{host}")}",
            Step($"Let the app use these two in the place of its own, and set {Setting(s, "UpstreamTls:TrustedCaFile")} to upstream.pem."),
            CheckConfig(s),
        ];
    }

    /// <summary>What the server shows now.</summary>
    private static string Dates(Seen s) => Checks.OpenSsl(s) + " 2>/dev/null | openssl x509 -noout -subject -issuer -dates";

    private static IEnumerable<string> Load(Seen s) => Run(
        s,
        ("lets the app's server load it without an interruption, as a Linux service that knows how", $"systemctl reload {s.App.UnitName}"),
        ("restarts its Docker container; requests under way are lost", $"docker restart {s.App.ContainerName}"),
        ("replaces its Kubernetes pods one after the other", $"{s.App.Kubectl} rollout restart deployment/{s.App.ServiceName}"));
}
