using NJsonSchema;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Tests.Events;

/// <summary>Holds lines of the event log to the shipped schemas; a property the schema does not know is an error.</summary>
internal static class EventLineSchema
{
    private static readonly Task<JsonSchema> FailureSchema = JsonSchema.FromJsonAsync(EventSchemas.Failure);
    private static readonly Task<JsonSchema> DroppedSchema = JsonSchema.FromJsonAsync(EventSchemas.Dropped);
    private static readonly Task<JsonSchema> FindingSchema = JsonSchema.FromJsonAsync(EventSchemas.Finding);

    private static readonly Task<JsonSchema> RecoverySchema = JsonSchema.FromJsonAsync(EventSchemas.Recovery);
    private static readonly Task<JsonSchema> IncidentSchema = JsonSchema.FromJsonAsync(EventSchemas.Incident);

    public static async Task AssertValidRecoveryAsync(string line) => AssertValid(await RecoverySchema, line);

    public static async Task AssertValidIncidentAsync(string body) => AssertValid(await IncidentSchema, body);

    public static async Task AssertValidFindingAsync(string line) => AssertValid(await FindingSchema, line);

    public static async Task AssertValidFailureAsync(string line) => AssertValid(await FailureSchema, line);

    public static async Task AssertValidDroppedAsync(string line) => AssertValid(await DroppedSchema, line);

    public static async Task<string[]> FailureErrorsAsync(string line) => Errors(await FailureSchema, line);

    private static void AssertValid(JsonSchema schema, string line)
    {
        var errors = Errors(schema, line);
        Assert.True(errors.Length == 0, $"{string.Join("; ", errors)}\nin: {line}");
    }

    private static string[] Errors(JsonSchema schema, string line) =>
        [.. schema.Validate(line).Select(e => $"{e.Kind} at {e.Path}")];
}
