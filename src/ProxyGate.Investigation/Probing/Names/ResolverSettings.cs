using System.Globalization;
using System.Net;

namespace ProxyGate.Investigation.Probing.Names;

/// <summary>What the system's resolver is told (resolv.conf(5), hosts(5), nsswitch.conf(5)).</summary>
internal sealed record ResolverSettings
{
    private const int MostServers = 3;
    private const int MostSearches = 6;
    private const int MostDots = 15;

    public IReadOnlyList<IPAddress> Servers { get; init; } = [];

    public IReadOnlyList<string> Search { get; init; } = [];

    /// <summary>A name with fewer dots is first tried with the search domains.</summary>
    public int Dots { get; init; } = 1;

    /// <summary>Lines of the hosts file.</summary>
    public IReadOnlyList<(IPAddress Address, string Name)> Hosts { get; init; } = [];

    /// <summary>Sources of names that nsswitch.conf has beside the hosts file and the name servers.</summary>
    public IReadOnlyList<string> OtherSources { get; init; } = [];

    /// <summary>For tests; the servers of resolv.conf are asked at this port.</summary>
    public int Port { get; init; } = 53;

    public static ResolverSettings OfThisMachine() =>
        Parse(Text("/etc/resolv.conf"), Text("/etc/hosts"), Text("/etc/nsswitch.conf"));

    public static ResolverSettings Parse(string resolv, string hosts, string switches)
    {
        var servers = new List<IPAddress>();
        var search = new List<string>();
        var dots = 1;
        foreach (var words in Lines(resolv))
        {
            switch (words[0])
            {
                case "nameserver" when words.Length > 1 && IPAddress.TryParse(words[1], out var server) && servers.Count < MostServers:
                    servers.Add(server);
                    break;
                case "search" or "domain":
                    // The last of them counts.
                    search = [.. words.Skip(1).Select(w => w.TrimEnd('.')).Where(w => w.Length > 0).Take(MostSearches)];
                    break;
                case "options":
                    foreach (var option in words)
                    {
                        if (option.StartsWith("ndots:", StringComparison.Ordinal) && int.TryParse(option.AsSpan(6), NumberStyles.None, CultureInfo.InvariantCulture, out var given))
                            dots = Math.Min(given, MostDots);
                    }

                    break;
            }
        }

        return new ResolverSettings
        {
            // As resolv.conf(5) says of a file without servers.
            Servers = servers.Count > 0 ? servers : [IPAddress.Loopback],
            Search = search,
            Dots = dots,
            Hosts = [.. from words in Lines(hosts) where IPAddress.TryParse(words[0], out _) from name in words.Skip(1) select (IPAddress.Parse(words[0]), name)],
            OtherSources =
            [
                .. from words in Lines(switches)
                   where words[0] == "hosts:"
                   from word in words.Skip(1)
                   where !word.StartsWith('[') && !word.EndsWith(']') && word is not ("files" or "dns" or "myhostname" or "resolve")
                   select word,
            ],
        };
    }

    /// <summary>The full names that are asked for, in the order the system's resolver takes.</summary>
    public IReadOnlyList<string> Candidates(string name)
    {
        if (name.EndsWith('.')) return [name.TrimEnd('.')];
        var searched = Search.Select(domain => name + "." + domain);
        return name.Count(c => c == '.') >= Dots ? [name, .. searched] : [.. searched, name];
    }

    public IReadOnlyList<IPAddress> InHostsFile(string name) =>
        [.. Hosts.Where(h => string.Equals(h.Name, name.TrimEnd('.'), StringComparison.OrdinalIgnoreCase)).Select(h => h.Address).Distinct()];

    private static IEnumerable<string[]> Lines(string text) =>
        from line in text.Split('\n')
        let end = line.AsSpan().IndexOfAny('#', ';')
        let words = (end < 0 ? line : line[..end]).Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries)
        where words.Length > 0
        select words;

    /// <summary>A machine may lack each of the files; that says the same as an empty one.</summary>
    private static string Text(string path)
    {
        try
        {
            return File.Exists(path) ? File.ReadAllText(path) : "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
