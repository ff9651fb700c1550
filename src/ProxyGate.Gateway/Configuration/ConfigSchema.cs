using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The JSON Schema of the configuration file, made from the shapes the loader checks with. Shipped beside the program and inside it.</summary>
internal static class ConfigSchema
{
    public const string FileName = "proxygate.schema.json";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema as it is shipped.</summary>
    public static string Text { get; } = Read();

    /// <summary>The schema as the shapes say it; a test holds the shipped file to it.</summary>
    public static string Generate()
    {
        var schema = Section(ConfigShape.Root);
        // Sections of ASP.NET Core applications do no harm.
        foreach (var foreign in ConfigShape.ForeignSections)
            schema["properties"]![foreign] = new JsonObject { ["description"] = "Belongs to ASP.NET Core; has no effect in ProxyGate." };
        var root = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "ProxyGate configuration",
            ["description"] = "YARP's own ReverseProxy section and the ProxyGate section. Comments and trailing commas are allowed; every value can come from the environment, e.g. ProxyGate__Admin__Listen.",
            ["definitions"] = new JsonObject
            {
                ["transform"] = new JsonObject
                {
                    ["type"] = "object",
                    ["minProperties"] = 1,
                    ["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "boolean", "number") },
                    ["anyOf"] = new JsonArray([.. TransformNames.All.Keys.Select(k => new JsonObject { ["required"] = new JsonArray(k) })]),
                },
            },
        };
        foreach (var (name, value) in schema.ToList())
        {
            schema.Remove(name);
            root[name] = value;
        }

        return root.ToJsonString(Indented) + "\n";
    }

    private static JsonObject Of(Shape shape)
    {
        var schema = shape switch
        {
            SectionShape section => Section(section),
            MapShape map => new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(map.Value) },
            ListShape list => new JsonObject { ["type"] = "array", ["items"] = Of(list.Item) },
            ScalarShape scalar => scalar.Schema(),
            _ => new JsonObject { ["$ref"] = "#/definitions/transform" },
        };
        return shape.Nullable ? OrNull(schema) : schema;
    }

    private static JsonObject Section(SectionShape section)
    {
        var properties = new JsonObject();
        foreach (var key in section.Keys)
        {
            var value = Of(key.Shape);
            value["description"] = key.Default is null ? key.Description : $"{key.Description} Default: {key.Default}.";
            if (key.Default is not null)
                value["default"] = JsonNode.Parse(key.Default);
            properties[key.Name] = value;
        }

        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };
        var required = section.Keys.Where(k => k.Required).Select(k => JsonValue.Create(k.Name)).ToArray();
        if (required.Length > 0)
            schema["required"] = new JsonArray([.. required]);
        return schema;
    }

    private static JsonObject OrNull(JsonObject schema)
    {
        switch (schema["type"])
        {
            case JsonArray types:
                types.Add((JsonNode)"null");
                break;
            case JsonValue type when type.GetValue<string>() != "null":
                schema["type"] = new JsonArray(type.GetValue<string>(), "null");
                break;
        }

        if (schema["enum"] is JsonArray choices)
            choices.Add(null);
        return schema;
    }

    private static string Read()
    {
        using var stream = typeof(ConfigSchema).Assembly.GetManifestResourceStream(FileName)
            ?? throw new InvalidOperationException($"{FileName} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
