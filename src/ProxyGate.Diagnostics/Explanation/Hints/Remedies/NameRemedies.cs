using ProxyGate.Diagnostics.Explanation.Words;
using static ProxyGate.Diagnostics.Explanation.Hints.Remedies.Fixes;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>The look-up of the destination's name.</summary>
internal static class NameRemedies
{
    public static readonly Dictionary<string, Remedy> Table = new()
    {
        ["stale_dns"] = new(
            s => [Step($"Which address has the name now? ProxyGate used {Seen.Short(s.Ip)}."), Checks.Resolve(s), Step("And by the name server itself, past every memory on this machine:"), $"dig +short {Shell.Operand(Host(s))}"],
            s =>
            [
                Step("ProxyGate asks for the name again for every new connection, so a right answer from the name server is enough."),
                Step("If the old address still comes, correct the name's record, or wait until its time to live (TTL) is over."),
            ]),
        ["name_misspelled"] = new(
            s => [.. Checks.Name(s), $"dig {Shell.Operand(Host(s))}", Step($"Compare \"{s.Name}\" letter by letter with the name the app has.")],
            s => ChangeAddress(s, "to the right name")),
        ["dns_server_failing"] = new(
            s => ["cat /etc/resolv.conf", $"dig {Shell.Operand(Host(s))}", Step("The same question to a public name server (only for public names):"), $"dig @1.1.1.1 {Shell.Operand(Host(s))}"],
            s => [Step("Bring back the name server named in /etc/resolv.conf, or name a second one there. In Docker it is the machine's; in Kubernetes:"), "kubectl -n kube-system get pods -l k8s-app=kube-dns"]),
        ["dns_zone_broken"] = new(
            s => [$"dig +trace {Shell.Operand(Host(s))}", Step("If this one answers and the line above does not, the signatures (DNSSEC) are wrong:"), $"dig +cd {Shell.Operand(Host(s))}"],
            s => [Step("Whoever runs the domain must mend its name servers. Until then, the app's address can be written into the configuration instead."), .. ChangeAddress(s, "to the app's IP address")]),
        ["dns_search_list"] = new(
            s => ["cat /etc/resolv.conf", Step("With and without a dot at the end: how long does each take?"), $"time getent ahosts {Shell.Operand(Host(s))}", $"time getent ahosts {Shell.Operand(Host(s) + ".")}"],
            s => ChangeAddress(s, $"to the full name with a dot at its end ({s.Name}.), or make the search list in /etc/resolv.conf shorter (Kubernetes: dnsConfig, ndots)")),
    };

    private static string Host(Seen s) => (s.Attempt?.Dns?.Host ?? s.Destination.Host).TrimEnd('.');
}
