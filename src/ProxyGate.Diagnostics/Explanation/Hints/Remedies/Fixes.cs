using ProxyGate.Diagnostics.Explanation.Words;

namespace ProxyGate.Diagnostics.Explanation.Hints.Remedies;

/// <summary>Lines that several remedies share.</summary>
internal static class Fixes
{
    public static string Step(string text) => Shell.Step(text);

    public static string Change(string what) => Shell.Change(what);

    /// <summary>Starts what is stopped.</summary>
    public static IEnumerable<string> Start(Seen s) => Run(
        s,
        ("starts the app as a Linux service", $"systemctl start {s.App.UnitName}"),
        ("starts its Docker container", $"docker start {s.App.ContainerName}"),
        ("lets Kubernetes make its pods anew", $"{s.App.Kubectl} rollout restart deployment/{s.App.ServiceName}"));

    /// <summary>Stops and starts what runs.</summary>
    public static IEnumerable<string> Restart(Seen s) => Run(
        s,
        ("restarts the app as a Linux service; requests under way are lost", $"systemctl restart {s.App.UnitName}"),
        ("restarts its Docker container; requests under way are lost", $"docker restart {s.App.ContainerName}"),
        ("replaces its Kubernetes pods one after the other", $"{s.App.Kubectl} rollout restart deployment/{s.App.ServiceName}"));

    /// <summary>A change of the destination's address, which the running gateway takes over by itself.</summary>
    public static IEnumerable<string> ChangeAddress(Seen s, string to) =>
    [
        Step($"Change the address of {s.DestinationInConfig} {to}. ProxyGate takes the changed file over by itself."),
        CheckConfig(s),
    ];

    public static string CheckConfig(Seen s) => $"proxygate check --config {Shell.Word(s.ConfigFile)}";

    public static string Setting(Seen s, string name) => $"ProxyGate:Clusters:{s.Cluster}:{name}";

    /// <summary>The address with another port or host, the rest as it is.</summary>
    public static string Scheme(Seen s) => s.Attempt?.UsesTls == true ? "https" : "http";

    /// <summary>The same change in each kind of set-up; only the one that applies when it is known.</summary>
    public static IEnumerable<string> Run(Seen s, params (string What, string Command)[] ways)
    {
        if (s.App.Unit is not null) return [Change(ways[0].What), ways[0].Command];
        if (s.App.Container is not null) return [Change(ways[1].What), ways[1].Command];
        return ways.SelectMany(w => new[] { Change(w.What + (w.Command.EndsWith(AppPlace.Unknown, StringComparison.Ordinal) ? $" (its name in place of {AppPlace.Unknown})" : "")), w.Command });
    }
}
