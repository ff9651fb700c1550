namespace ProxyGate.Gateway.Configuration;

/// <summary>The whole file.</summary>
internal static class ConfigShape
{
    public const string ReverseProxy = "ReverseProxy";
    public const string ProxyGate = "ProxyGate";

    public static SectionShape Root { get; } = new(
    [
        new("$schema", Shapes.Text() with { Nullable = true }, "Where the editor finds the JSON Schema of this file."),
        new(ReverseProxy, ReverseProxyShape.Section, "Routes and clusters: YARP's own section."),
        new(ProxyGate, ProxyGateShape.Section, "Everything else of the gateway."),
    ]);

    /// <summary>Sections of ASP.NET Core applications: people bring them along with a YARP configuration; they do no harm and have no effect.</summary>
    public static IReadOnlyList<string> ForeignSections { get; } =
        ["Logging", "AllowedHosts", "Kestrel", "Urls", "Serilog", "ConnectionStrings", "DetailedErrors", "https_port"];
}
