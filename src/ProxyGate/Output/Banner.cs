using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Output;

/// <summary>What a person sees on the terminal when the gateway has started.</summary>
internal static class Banner
{
    public static void Write(TextWriter output, StartedGateway started)
    {
        output.WriteLine("ProxyGate is running; Ctrl+C stops it.");
        output.WriteLine("  listens on   " + string.Join(", ", started.Addresses));
        output.WriteLine("  forwards to  " + Destinations(started.Config));
        if (started.Settings.Admin.Listen is { } admin)
            output.WriteLine("  admin        " + admin);
        if (started.Settings.Events.File is { } events)
            output.WriteLine("  events       " + events);
        foreach (var warning in started.Config.Warnings)
            output.WriteLine("  " + warning);
    }

    private static string Destinations(ConfigResult config)
    {
        const int Shown = 3;
        var addresses = config.Clusters
            .SelectMany(c => c.Destinations?.Values ?? [])
            .Select(d => UnixDestinations.Display(d.Address))
            .Distinct()
            .ToList();
        return addresses.Count == 0 ? "nothing yet"
            : string.Join(", ", addresses.Take(Shown)) + (addresses.Count > Shown ? $" and {addresses.Count - Shown} more" : "");
    }
}
