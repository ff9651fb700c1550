using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>
/// The OpenAPI document, made from the operations that answer and the views that are written, so that it cannot say anything else.
/// Version 3.1, whose schemas are plain JSON Schema.
/// </summary>
internal static class ApiDocument
{
    private const string Components = "#/components/schemas/";

    private static readonly JsonSerializerOptions s_written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Of(IEnumerable<ApiOperation> operations)
    {
        var schemas = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal)
        {
            ["Failure"] = Shipped(EventSchemas.Failure),
            ["Finding"] = Shipped(EventSchemas.Finding),
        };
        var paths = new JsonObject();
        foreach (var operation in operations)
        {
            if (paths[operation.Route.Path] is not JsonObject path) paths[operation.Route.Path] = path = [];
            path[operation.Route.Method.ToLowerInvariant()] = Operation(operation, schemas);
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "ProxyGate admin API",
                ["description"] = "What the dashboard shows, as JSON. Texts that came from a client or an upstream have their hidden characters made visible, and still have to be escaped for where they are shown.",
                ["version"] = typeof(ApiDocument).Assembly.GetName().Version?.ToString(3) ?? "0",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = new JsonObject(schemas.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)s.Value))) },
        };
        return Encoding.UTF8.GetBytes(document.ToJsonString(s_written));
    }

    private static JsonObject Operation(ApiOperation operation, SortedDictionary<string, JsonNode> schemas)
    {
        var responses = new JsonObject();
        foreach (var answer in operation.Answers)
        {
            var response = new JsonObject { ["description"] = answer.Description };
            if (answer.ContentType is { } type)
            {
                var schema = answer.Schema?.Invoke() ?? Reference(answer.Body!, schemas);
                response["content"] = new JsonObject { [type] = new JsonObject { ["schema"] = schema } };
            }

            responses[answer.Status.ToString(CultureInfo.InvariantCulture)] = response;
        }

        return new JsonObject
        {
            ["summary"] = operation.Summary,
            ["parameters"] = new JsonArray([.. operation.Parameters.Select(Parameter)]),
            ["responses"] = responses,
        };
    }

    private static JsonNode Parameter(ApiParameter parameter)
    {
        var schema = new JsonObject { ["type"] = parameter.Type };
        if (parameter.Format is { } format) schema["format"] = format;
        return new JsonObject
        {
            ["name"] = parameter.Name,
            ["in"] = parameter.IsInPath ? "path" : "query",
            ["required"] = parameter.IsInPath,
            ["description"] = parameter.Description,
            ["schema"] = schema,
        };
    }

    private static JsonObject Reference(Type view, SortedDictionary<string, JsonNode> schemas)
    {
        var name = NameOf(view);
        if (!schemas.ContainsKey(name))
        {
            schemas[name] = new JsonObject();
            schemas[name] = ApiJson.Options.GetJsonSchemaAsNode(view, new JsonSchemaExporterOptions
            {
                TreatNullObliviousAsNonNullable = true,
                TransformSchemaNode = (context, node) => Transform(view, context, node, schemas),
            });
        }

        return new JsonObject { ["$ref"] = Components + name };
    }

    /// <summary>Our own types become components of their own; events and moments are said as they are written.</summary>
    private static JsonNode Transform(Type root, JsonSchemaExporterContext context, JsonNode node, SortedDictionary<string, JsonNode> schemas)
    {
        var type = context.TypeInfo.Type;
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        var nullable = plain != type || context.PropertyInfo is { IsGetNullable: true };
        if (plain == typeof(DateTimeOffset)) return new JsonObject { ["type"] = nullable ? new JsonArray("string", "null") : "string", ["format"] = "date-time" };
        if (plain == typeof(FailureEvent)) return Named("Failure", nullable);
        if (plain == typeof(FindingEvent)) return Named("Finding", nullable);
        return plain.Assembly == Assembly.GetExecutingAssembly() && (plain != root || !context.Path.IsEmpty)
            ? Named(NameOf(Known(plain, schemas)), nullable)
            : node;
    }

    private static Type Known(Type view, SortedDictionary<string, JsonNode> schemas)
    {
        Reference(view, schemas);
        return view;
    }

    private static JsonObject Named(string name, bool nullable)
    {
        var reference = new JsonObject { ["$ref"] = Components + name };
        return nullable ? new JsonObject { ["anyOf"] = new JsonArray(reference, new JsonObject { ["type"] = "null" }) } : reference;
    }

    private static string NameOf(Type view) => view.Name.EndsWith("View", StringComparison.Ordinal) ? view.Name[..^4] : view == typeof(ApiProblem) ? "Problem" : view.Name;

    /// <summary>A schema that is shipped as a file, as a component. It has no references inside, whose meaning would change.</summary>
    private static JsonObject Shipped(string text)
    {
        var schema = JsonNode.Parse(text)!.AsObject();
        schema.Remove("$schema");
        return schema;
    }
}
