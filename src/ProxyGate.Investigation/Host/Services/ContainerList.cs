using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace ProxyGate.Investigation.Host.Services;

/// <summary>Finds the one container that is meant in an engine's list. Where several could be, none is.</summary>
internal static partial class ContainerList
{
    public static string? Find(JsonElement list, ContainerSought sought)
    {
        foreach (var meant in (Func<JsonElement, bool>[])[c => Publishing(c, sought.PublishedPort), c => Addressed(c, sought.Address), c => Named(c, sought.Name)])
        {
            if (list.EnumerateArray().Where(meant).Select(Id).OfType<string>().Distinct().Take(2).ToList() is [var only]) return only;
        }

        return null;
    }

    public static IEnumerable<string> Stopped(JsonElement list) =>
        list.EnumerateArray().Where(c => ContainerSeen.Text(c, "State") is not ("running" or "paused")).OrderByDescending(c => ContainerSeen.Number(c, "Created") ?? 0).Select(Id).OfType<string>();

    /// <summary>Whether a container's own description publishes the port on this machine.</summary>
    public static bool Publishes(JsonElement container, int port)
    {
        if (!container.TryGetProperty("HostConfig", out var host) || host.ValueKind != JsonValueKind.Object
            || !host.TryGetProperty("PortBindings", out var bindings) || bindings.ValueKind != JsonValueKind.Object) return false;
        var wanted = port.ToString(CultureInfo.InvariantCulture);
        return bindings.EnumerateObject().Any(b => b.Name.EndsWith("/tcp", StringComparison.Ordinal) && b.Value.ValueKind == JsonValueKind.Array
            && b.Value.EnumerateArray().Any(h => ContainerSeen.Text(h, "HostPort") == wanted));
    }

    private static bool Publishing(JsonElement container, int? port) =>
        port is not null && container.TryGetProperty("Ports", out var ports) && ports.ValueKind == JsonValueKind.Array
        && ports.EnumerateArray().Any(p => ContainerSeen.Text(p, "Type") is "tcp" && ContainerSeen.Number(p, "PublicPort") == port);

    private static bool Addressed(JsonElement container, IPAddress? address) =>
        address is not null && container.TryGetProperty("NetworkSettings", out var settings) && settings.ValueKind == JsonValueKind.Object
        && settings.TryGetProperty("Networks", out var networks) && networks.ValueKind == JsonValueKind.Object
        && networks.EnumerateObject().Any(n => Is(n.Value, "IPAddress", address) || Is(n.Value, "GlobalIPv6Address", address));

    private static bool Is(JsonElement network, string name, IPAddress address) =>
        IPAddress.TryParse(ContainerSeen.Text(network, name), out var own) && own.Equals(address);

    private static bool Named(JsonElement container, string? name) =>
        name is not null && container.TryGetProperty("Names", out var names) && names.ValueKind == JsonValueKind.Array
        && names.EnumerateArray().Any(n => n.ValueKind == JsonValueKind.String && n.GetString() == "/" + name);

    private static string? Id(JsonElement container) => ContainerSeen.Text(container, "Id") is { } id && IdForm().IsMatch(id) ? id : null;

    [GeneratedRegex(@"^[0-9a-f]{12,64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdForm();
}
