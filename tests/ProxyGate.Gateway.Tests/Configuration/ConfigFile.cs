using System.Text;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Tests.Configuration;

/// <summary>Loads configurations written in a test.</summary>
internal static class ConfigFile
{
    public const string Proxy = """
        "ReverseProxy": {
          "Routes": { "app": { "ClusterId": "app", "Match": { "Path": "/{**rest}" } } },
          "Clusters": { "app": { "Destinations": { "one": { "Address": "http://localhost:5000" } } } }
        }
        """;

    public static Task<ConfigResult> LoadAsync(string json, params (string Name, string Value)[] environment) =>
        ConfigLoader.LoadAsync("/etc/proxygate/proxygate.json", Encoding.UTF8.GetBytes(json), environment.Select(e => KeyValuePair.Create(e.Name, e.Value)));

    /// <summary>A file with a working ReverseProxy section and this ProxyGate section.</summary>
    public static Task<ConfigResult> LoadGateAsync(string gate, params (string Name, string Value)[] environment) =>
        LoadAsync($"{{ {Proxy}, \"ProxyGate\": {gate} }}", environment);
}
