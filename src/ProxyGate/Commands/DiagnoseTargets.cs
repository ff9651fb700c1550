using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Examining;
using ProxyGate.Output;

namespace ProxyGate.Commands;

/// <summary>Finds what a person named: a URL, or a route, cluster or destination of a configuration.</summary>
internal static class DiagnoseTargets
{
    private const int MostListed = 30;

    /// <summary>The target, or the exit code once it has been said why there is none.</summary>
    public static async Task<(DiagnoseTarget? Target, int Code)> FindAsync(DiagnoseOptions options, TextWriter error)
    {
        if (options.Target is { } url && IsUrl(url))
        {
            if (!ExaminedDestinations.TryOfUrl(url, out var destination, out var mistake, out var suggestion))
                return (null, await WrongAsync(error, $"{HostileText.Line(url, 200)}: {mistake}{Meant(suggestion)}"));
            if (options.ConfigFile is not null) return (null, await WrongAsync(error, "Give a URL, or a name and --config FILE: a URL is looked at without a configuration."));
            return (new DiagnoseTarget(destination.Name, [options.Over(destination)], IsGroup: false), ExitCode.Fine);
        }

        if (options.ConfigFile is not { } file)
        {
            return (null, options.Target is { } name
                ? await WrongAsync(error, NoUrl(name))
                : await WrongAsync(error, "Say what to diagnose: a URL (proxygate diagnose http://localhost:5000), or a name with --config FILE."));
        }

        var (config, code) = await ConfigReading.LoadAsync(file, error);
        return config is null ? (null, code) : await FindAsync(config, file, options, error);
    }

    private static async Task<(DiagnoseTarget? Target, int Code)> FindAsync(ConfigResult config, string file, DiagnoseOptions options, TextWriter error)
    {
        var all = ExaminedDestinations.Of(config);
        var names = Names(config, all);
        if (options.Target is not { } name)
        {
            await error.WriteLineAsync("proxygate: Say which route, cluster or destination to diagnose. (proxygate check --deep looks at all of them.)");
            foreach (var line in List(config, all)) await error.WriteLineAsync("  " + line);
            return (null, ExitCode.WrongUsage);
        }

        var found = Matching(config, all, name);
        switch (found.Count)
        {
            case 0:
                var known = string.Join(", ", names.Take(MostListed)) + (names.Count > MostListed ? $" and {names.Count - MostListed} more" : "");
                return (null, await WrongAsync(error, $"{file} has no route, cluster or destination \"{HostileText.Line(name, 100)}\"{Meant(Spelling.Nearest(name, names))}", names.Count == 0 ? "It has none at all." : $"It has {known}."));
            case > 1:
                return (null, await WrongAsync(error, $"\"{HostileText.Line(name, 100)}\" can be {string.Join(" or ", found.Select(f => f.As))}: write that."));
        }

        var (_, target) = found[0];
        if (target.Destinations.Count == 0) return (null, await WrongAsync(error, $"{HostileText.Line(name, 100)} has no destinations to look at."));
        return (target with { Destinations = [.. target.Destinations.Select(options.Over)] }, ExitCode.Fine);
    }

    /// <summary>Everything the name can mean, but once where two meanings are the same destinations.</summary>
    private static List<(string As, DiagnoseTarget Target)> Matching(ConfigResult config, IReadOnlyList<ExaminedDestination> all, string name)
    {
        var found = new List<(string As, DiagnoseTarget Target)>();
        foreach (var route in config.Routes.Where(r => Is(r.RouteId) || Is("route:" + r.RouteId)))
            Add("route:" + route.RouteId, [.. all.Where(d => Same(d.Cluster, route.ClusterId)).Select(d => d with { Route = route.RouteId })], isGroup: true);
        foreach (var cluster in config.Clusters.Where(c => Is(c.ClusterId) || Is("cluster:" + c.ClusterId)))
            Add("cluster:" + cluster.ClusterId, [.. all.Where(d => Same(d.Cluster, cluster.ClusterId))], isGroup: true);
        foreach (var destination in all.Where(d => Is(d.Id) || Is(d.Name)))
            Add(destination.Name, [destination], isGroup: false);
        return found;

        void Add(string meaning, IReadOnlyList<ExaminedDestination> destinations, bool isGroup)
        {
            if (found.Exists(f => f.Target.Destinations.Select(d => d.Name).SequenceEqual(destinations.Select(d => d.Name)))) return;
            found.Add((meaning, new DiagnoseTarget(name, destinations, isGroup)));
        }

        bool Is(string id) => Same(id, name);
    }

    private static List<string> Names(ConfigResult config, IReadOnlyList<ExaminedDestination> all) =>
        [.. config.Routes.Select(r => r.RouteId).Concat(config.Clusters.Select(c => c.ClusterId)).Concat(all.Select(d => d.Id)).Concat(all.Select(d => d.Name)).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static List<string> List(ConfigResult config, IReadOnlyList<ExaminedDestination> all)
    {
        var lines = config.Routes.Select(r => $"route        {r.RouteId}  (cluster {r.ClusterId ?? "none"})")
            .Concat(config.Clusters.Select(c => $"cluster      {c.ClusterId}"))
            .Concat(all.Select(d => $"destination  {d.Name}  {d.Url}"))
            .Select(l => HostileText.Line(l, 200)).ToList();
        return lines.Count <= MostListed ? lines : [.. lines.Take(MostListed), $"and {lines.Count - MostListed} more"];
    }

    private static bool Same(string? a, string? b) => string.Equals(a, b, StringComparison.OrdinalIgnoreCase);

    /// <summary>A name of a configuration holds no scheme; what looks like half a URL is told how to be a whole one.</summary>
    private static bool IsUrl(string text) =>
        text.Contains("://", StringComparison.Ordinal) || text.StartsWith("unix:", StringComparison.OrdinalIgnoreCase) || text.StartsWith("http:", StringComparison.OrdinalIgnoreCase) || text.StartsWith('/');

    private static string NoUrl(string name) =>
        $"\"{HostileText.Line(name, 100)}\" is no URL, and a name needs --config FILE{(ExaminedDestinations.TryOfUrl(name, out _, out _, out var near) ? "" : Meant(near))}";

    private static string Meant(string? suggestion) => suggestion is null ? "" : $" (did you mean {suggestion}?)";

    private static async Task<int> WrongAsync(TextWriter error, params string[] lines)
    {
        await error.WriteLineAsync("proxygate: " + string.Join(Environment.NewLine, lines));
        return ExitCode.WrongUsage;
    }
}
