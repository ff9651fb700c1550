using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Investigations;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundHint;
using static ProxyGate.Diagnostics.Explanation.Findings.FoundSteps;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>What the name servers say: no such name, no address, no answer, or another address than the one used.</summary>
internal static class NameFound
{
    private const string DockerServer = "127.0.0.11";

    public static IEnumerable<Hint> Of(Look look)
    {
        var names = look.Facts.Names;
        if (names.Count == 0) yield break;
        if (look.Cause is CauseId.DnsNotFound or CauseId.DnsFailed or CauseId.DnsTimeout or CauseId.DnsNoUsableAddress)
        {
            if (Failing(look, names) is { } failing) yield return failing;
        }
        else if (look.Cause is CauseId.ConnectRefused or CauseId.ConnectTimeout or CauseId.HostUnreachable or CauseId.NetworkUnreachable or CauseId.ConnectReset
            && Stale(look, names) is { } stale)
        {
            yield return stale;
        }
    }

    private static Hint? Failing(Look look, IReadOnlyList<NameAnswerFacts> names)
    {
        if (names.Any(n => n.Outcome == NameOutcome.Answered))
        {
            // Servers that disagree are a finding of their own; that one of them works is not yet the cause.
            return names.FirstOrDefault(n => n.Outcome is not (NameOutcome.Answered or NameOutcome.NoData)) is { } odd ? Server(look, odd, Confidence.Likely) : null;
        }

        if (names.FirstOrDefault(n => n.Outcome == NameOutcome.NxDomain) is { } missing)
        {
            var isShort = !look.Seen.Name.TrimEnd('.').Contains('.', StringComparison.Ordinal);
            return missing.Server.StartsWith(DockerServer, StringComparison.Ordinal) || isShort
                ? NotSameNetwork(look, missing)
                : Found(
                    "name_misspelled",
                    Confidence.Proved,
                    $"There is no such name: {look.Seen.Name} does not exist, says the name server {Seen.Short(missing.Server)}.",
                    Lines(look, names),
                    [$"getent ahosts {Shell.Word(look.Seen.Name)}", "cat /etc/resolv.conf"],
                    [Step($"Is the name in the address of destination \"{look.DestinationName}\" spelled right? If so, its record is missing in the DNS zone.")]);
        }

        if (names.All(n => n.Outcome == NameOutcome.NoData))
        {
            return Found(
                "name_without_address",
                Confidence.Proved,
                $"The name {look.Seen.Name} exists, but it has no address.",
                Lines(look, names),
                [$"getent ahosts {Shell.Word(look.Seen.Name)}"],
                [Step("Add an A or AAAA record for it, or use another name.")]);
        }

        // A server that fails in asking others may be well itself: then the domain's own servers are not.
        var failed = names.First(n => n.Outcome != NameOutcome.NoData);
        return Server(look, failed, failed.Outcome == NameOutcome.ServFail ? Confidence.Likely : Confidence.Proved);
    }

    private static Hint NotSameNetwork(Look look, NameAnswerFacts missing)
    {
        var isDocker = missing.Server.StartsWith(DockerServer, StringComparison.Ordinal);
        return Found(
            "not_same_network",
            isDocker ? Confidence.Likely : Confidence.Possible,
            isDocker
                ? $"Docker knows no container or service \"{look.Seen.Name}\" in the networks ProxyGate is in."
                : $"\"{look.Seen.Name}\" looks like the name of a container or service, and ProxyGate is not on the network where that name exists.",
            [$"{(isDocker ? "Docker's own name server" : "The name server")} {Seen.Short(missing.Server)} says there is no such name"],
            ["docker ps --format 'table {{.Names}}\\t{{.Networks}}'", $"kubectl get services --all-namespaces --field-selector metadata.name={Shell.Word(look.Seen.Name)}"],
            [Step("Put both containers into one network (in a compose file: the same entry under networks:), or correct the name. In Kubernetes, another namespace needs the long name: service.namespace.svc")]);
    }

    private static Hint Server(Look look, NameAnswerFacts failed, Confidence confidence)
    {
        var server = Seen.Short(failed.Server);
        var (id, sentence) = failed.Outcome switch
        {
            NameOutcome.TimedOut => ("dns_server_failing", $"The name server {server} does not answer."),
            NameOutcome.Unreachable => ("dns_server_failing", $"Nothing answers as a name server at {server}: it refuses the question."),
            NameOutcome.Refused => ("dns_server_failing", $"The name server {server} refuses to answer ProxyGate (REFUSED): it does not serve this machine or this name."),
            NameOutcome.NxDomain => ("dns_server_failing", $"The name servers disagree: {server} knows no {look.Seen.Name}, another does."),
            _ => ("dns_server_failing", $"The name server {server} has trouble of its own (it answers {failed.Outcome.ToString().ToUpperInvariant()}): it cannot find out the address of {look.Seen.Name}."),
        };
        return Found(
            id,
            confidence,
            sentence,
            Lines(look, look.Facts.Names),
            ["cat /etc/resolv.conf", $"getent ahosts {Shell.Word(look.Seen.Name)}"],
            [Step("Mend that name server, or put a working one into /etc/resolv.conf (in a container: the dns option of the engine).")]);
    }

    private static Hint? Stale(Look look, IReadOnlyList<NameAnswerFacts> names)
    {
        var now = names.Where(n => n.Outcome == NameOutcome.Answered).SelectMany(n => n.Addresses).Distinct().ToArray();
        if (now.Length == 0 || look.EndPoint is null || look.Seen.Destination.IsLiteral || now.Contains(look.Ip)) return null;
        var list = string.Join(", ", now.Take(4).Select(Seen.Short));
        var changed = look.Facts.Changes.FirstOrDefault(c => c.What == ChangeKind.DnsAnswerChanged);
        return Found(
            "stale_dns",
            changed is null ? Confidence.Likely : Confidence.Proved,
            $"{look.Seen.Name} has moved: its name leads to {list} now, and ProxyGate went to {look.Ip}.",
            [.. Lines(look, names), .. changed is { Before: { } before, After: { } after } ? [$"When it last led to a good answer, the name stood for {Seen.Short(before)}; now for {Seen.Short(after)}"] : Array.Empty<string>()],
            [$"getent ahosts {Shell.Word(look.Seen.Name)}"],
            [Step("New connections use the new address by themselves. If the failures go on: does another name server or /etc/hosts still give the old address?")]);
    }

    private static IEnumerable<string> Lines(Look look, IReadOnlyList<NameAnswerFacts> names) =>
        names.Take(4).Select(n => $"{Seen.Short(n.Server)}, {n.Type} of {look.Seen.Name}: {FindingLines.Outcome(n)}");
}
