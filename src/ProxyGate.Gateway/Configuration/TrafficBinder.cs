using System.Collections.Frozen;
using System.Globalization;

namespace ProxyGate.Gateway.Configuration;

/// <summary>Binds the keys of <see cref="TrafficShape"/>.</summary>
internal static class TrafficBinder
{
    public static DrainSettings Drain(SettingsBinder.Section section, DrainSettings defaults) => new()
    {
        Grace = section.Duration("Grace", defaults.Grace),
        Limit = section.Duration("Limit", defaults.Limit),
    };

    public static HealthSettings Health(SettingsBinder.Section section)
    {
        var defaults = new HealthSettings();
        return new HealthSettings
        {
            Kind = Choice(section, "Kind", defaults.Kind),
            Rise = section.Whole("Rise", defaults.Rise),
            Fall = section.Whole("Fall", defaults.Fall),
            Status = section.Strings("Status") is { Count: > 0 } written
                ? [.. written.Select(text => HealthStatus.TryParse(text, out var status) ? status : default).Where(s => s.Number > 0)]
                : defaults.Status,
            Service = section.Text("Service", null) ?? defaults.Service,
            SlowStart = section.Duration("SlowStart", defaults.SlowStart),
            Panic = int.TryParse(section.Text("Panic", null), NumberStyles.None, CultureInfo.InvariantCulture, out var panic) ? panic : defaults.Panic,
            Damping = section.Duration("Damping", defaults.Damping),
        };
    }

    public static FrozenDictionary<string, int> Weights(SettingsBinder.Section section) => section.Children()
        .Select(w => (w.Name, Written: w.Section.Node is { IsScalar: true } node && int.TryParse(node.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var weight) ? weight : -1))
        .Where(w => w.Written >= 0)
        .ToFrozenDictionary(w => w.Name, w => w.Written, StringComparer.OrdinalIgnoreCase);

    public static HashSettings Hash(SettingsBinder.Section section)
    {
        var defaults = new HashSettings();
        return new HashSettings
        {
            By = Choice(section, "By", defaults.By),
            Name = section.Text("Name", null) ?? defaults.Name,
            Bound = section.Whole("Bound", defaults.Bound),
        };
    }

    public static ForwarderKind Forwarder(SettingsBinder.Section section) => Choice(section, "Forwarder", ForwarderKind.Direct);

    public static TransportKind Transport(SettingsBinder.Section section) => Choice(section, "Transport", TransportKind.EventLoop);

    public static NameUse Resolve(SettingsBinder.Section cluster) => Choice(cluster, "Resolve", NameUse.Auto);

    private static T Choice<T>(SettingsBinder.Section section, string key, T absent)
        where T : struct, Enum => Enum.TryParse<T>(section.Text(key, null), ignoreCase: true, out var chosen) ? chosen : absent;
}
