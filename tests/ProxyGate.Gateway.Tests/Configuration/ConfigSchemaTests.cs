using System.Reflection;
using System.Runtime.CompilerServices;
using ProxyGate.Gateway.Configuration;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Tests.Configuration;

public sealed class ConfigSchemaTests
{
    [Fact]
    public async Task The_shipped_schema_is_what_the_loader_checks_by()
    {
        var shipped = Path.Combine(SourceFolder(), "src", "ProxyGate.Gateway", "Configuration", ConfigSchema.FileName);
        if (Environment.GetEnvironmentVariable("PROXYGATE_UPDATE_SCHEMA") == "1")
            await File.WriteAllTextAsync(shipped, ConfigSchema.Generate(), TestContext.Current.CancellationToken);

        // When this fails: run this test once with PROXYGATE_UPDATE_SCHEMA=1 and build again.
        Assert.Equal(ConfigSchema.Generate(), await File.ReadAllTextAsync(shipped, TestContext.Current.CancellationToken));
        Assert.Equal(ConfigSchema.Generate(), ConfigSchema.Text);
    }

    [Theory]
    [InlineData("""{ "$schema": "./proxygate.schema.json", PROXY }""", 0)]
    [InlineData("""{ PROXY, "ProxyGate": { "Limits": { "RequestBody": null, "RequestHeaders": 4096 }, "Timeouts": { "Total": null, "Dns": "00:00:02" } } }""", 0)]
    [InlineData("""{ PROXY, "ProxyGate": { "Clusters": { "app": { "Timeouts": {}, "UpstreamTls": { "ServerName": null, "ClientCertificate": null }, "Investigate": true } } } }""", 0)]
    [InlineData("""{ "ReverseProxy": { "Routes": { "a": { "ClusterId": "b", "Match": { "Path": "/" }, "Transforms": [{ "PathPrefix": "/x" }] } }, "Clusters": { "b": { "HttpClient": null } } } }""", 0)]
    [InlineData("""{ PROXY, "ProxyGate": { "Timeouts": { "Dns": 2 } } }""", 1)]
    [InlineData("""{ PROXY, "ProxyGate": { "Timeouts": { "Dns": "2 seconds" } } }""", 1)]
    [InlineData("""{ PROXY, "ProxyGate": { "Limitz": {} } }""", 1)]
    [InlineData("""{ "ReverseProxy": { "Clusters": { "b": { "LoadBalancingPolicy": "RoundRobbin" } } } }""", 1)]
    public async Task The_schema_judges_as_the_loader_does(string json, int mistakes)
    {
        var schema = await NJsonSchema.JsonSchema.FromJsonAsync(ConfigSchema.Text, TestContext.Current.CancellationToken);
        var text = json.Replace("PROXY", ConfigFile.Proxy, StringComparison.Ordinal);

        var found = schema.Validate(text);
        var loaded = await ConfigFile.LoadAsync(text);

        Assert.Equal(mistakes > 0, found.Count > 0);
        Assert.Equal(mistakes, loaded.Errors.Count(e => !e.Key.EndsWith("ClusterId", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_setting_has_a_key_and_every_key_a_setting() => SameKeys(typeof(GatewaySettings), ProxyGateShape.Section, "ProxyGate");

    [Fact]
    public void Every_key_of_YARP_is_known()
    {
        var routes = (MapShape)ReverseProxyShape.Section.Find("Routes")!.Shape;
        var clusters = (MapShape)ReverseProxyShape.Section.Find("Clusters")!.Shape;
        SameKeys(typeof(RouteConfig), (SectionShape)routes.Value, "Routes", nameof(RouteConfig.RouteId));
        SameKeys(typeof(ClusterConfig), (SectionShape)clusters.Value, "Clusters", nameof(ClusterConfig.ClusterId));
    }

    [Fact]
    public void Every_description_ends_as_a_sentence_and_every_default_is_valid()
    {
        foreach (var (path, key) in Keys(ConfigShape.Root, ""))
        {
            Assert.True(key.Description.EndsWith('.'), path);
            if (key.Default is { } text && key.Shape is ScalarShape scalar)
            {
                var value = System.Text.Json.JsonDocument.Parse(text).RootElement;
                if (value.ValueKind == System.Text.Json.JsonValueKind.Null)
                    Assert.True(scalar.Nullable, path);
                else
                    Assert.Null(scalar.Check(value.ToString()));
            }
        }
    }

    private static IEnumerable<(string Path, ShapeKey Key)> Keys(Shape shape, string path) => shape switch
    {
        SectionShape section => section.Keys.SelectMany(k => Keys(k.Shape, $"{path}:{k.Name}").Prepend(($"{path}:{k.Name}", k))),
        MapShape map => Keys(map.Value, path),
        ListShape list => Keys(list.Item, path),
        _ => [],
    };

    private static void SameKeys(Type type, SectionShape shape, string path, params string[] notAKey)
    {
        var properties = type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.GetMethod!.GetParameters().Length == 0 && p.CanWrite).ToList();
        Assert.Equal(properties.Select(p => p.Name).Except(notAKey).Order(), shape.Keys.Select(k => k.Name).Order());
        foreach (var property in properties)
        {
            switch (shape.Find(property.Name)?.Shape)
            {
                case SectionShape section:
                    SameKeys(property.PropertyType, section, $"{path}:{property.Name}");
                    break;
                case MapShape { Value: SectionShape section }:
                    SameKeys(property.PropertyType.GetGenericArguments()[1], section, $"{path}:{property.Name}");
                    break;
                case ListShape { Item: SectionShape section }:
                    SameKeys(property.PropertyType.GetGenericArguments()[0], section, $"{path}:{property.Name}");
                    break;
            }
        }
    }

    private static string SourceFolder([CallerFilePath] string file = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(file)!);
        while (!File.Exists(Path.Combine(folder.FullName, "ProxyGate.sln")))
            folder = folder.Parent!;
        return folder.FullName;
    }
}
