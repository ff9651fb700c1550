using System.Text.RegularExpressions;

namespace ProxyGate.Diagnostics.Tests.Explanation;

/// <summary>Which calls only look. Everything else changes something, or might.</summary>
internal static partial class Harmless
{
    private static readonly string[] Readers =
    [
        "ss", "ls", "grep", "head", "sort", "uniq", "awk", "wc", "cat", "ping", "getent", "free", "ps", "getenforce", "ausearch", "dig", "tracepath",
        "printenv", "namei", "pidof", "stat", "time",
    ];

    /// <summary>Why this call may change something; null when it only looks.</summary>
    public static string? Objection(string[] words)
    {
        var (program, rest) = (words[0], words[1..]);
        var isFine = program switch
        {
            _ when Readers.Contains(program) => true,
            "nc" => rest.Any(w => w.StartsWith('-') && w.Contains('z')),
            "systemctl" => rest[0] is "status" or "show" or "--failed",
            "journalctl" => !rest.Any(w => w.StartsWith("--vacuum", StringComparison.Ordinal) || w is "--rotate" or "--flush"),
            "docker" => rest[0] is "ps" or "logs" or "inspect" || rest is ["network", "ls" or "inspect", ..],
            "kubectl" => Verb(rest) is "get" or "describe" or "logs",
            "curl" => !rest.Any(w => w is "-X" or "-d" or "-T" or "-F" or "-O" or "--data" or "--request" or "--upload-file") && Outputs(rest).All(o => o is "/dev/null" or "-"),
            "openssl" => rest[0] is "s_client" or "x509" && !rest.Contains("-out"),
            "ip" => rest.FirstOrDefault(w => !w.StartsWith('-')) is "route" or "neigh" or "addr" or "link" && !rest.Any(w => w is "add" or "del" or "set" or "flush" or "replace"),
            "sysctl" => !rest.Any(w => w is "-w" or "-p" || w.Contains('=')),
            "top" => rest.Contains("-b"),
            "date" => rest is ["-u"],
            "timedatectl" => rest.Length == 0,
            "nft" => rest[0] == "list",
            "iptables" => rest[0] == "-S",
            "ufw" => rest[0] == "status",
            "firewall-cmd" => rest is ["--list-all"],
            "proxygate" => rest[0] is "check" or "events" or "explain",
            _ => false,
        };
        return isFine ? null : string.Join(' ', words);
    }

    /// <summary>Whether the line writes to a file.</summary>
    public static bool Writes(string line) => Redirection().IsMatch(Quoted().Replace(line, ""));

    private static string? Verb(string[] rest) => rest is ["-n", _, var verb, ..] ? verb : rest[0];

    private static IEnumerable<string> Outputs(string[] rest) => rest.Zip(rest.Skip(1)).Where(p => p.First is "-o" or "--output" or "-D" or "-c").Select(p => p.Second);

    [GeneratedRegex(@"'[^']*'|""[^""]*""|\\.")]
    private static partial Regex Quoted();

    [GeneratedRegex(@">(?! ?/dev/null|&1)")]
    private static partial Regex Redirection();
}
