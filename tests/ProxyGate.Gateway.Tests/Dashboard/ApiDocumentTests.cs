using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Microsoft.OpenApi;
using NJsonSchema;
using ProxyGate.Gateway.Dashboard.Api;

namespace ProxyGate.Gateway.Tests.Dashboard;

/// <summary>The document is valid OpenAPI, and every operation in it answers as it says.</summary>
public sealed class ApiDocumentTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_document_is_valid_OpenAPI()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var read = OpenApiDocument.Parse(await gateway.GetTextAsync("/api/openapi.json"), "json");
        Assert.Empty(read.Diagnostic!.Errors.Select(e => e.ToString()));
        Assert.Empty(read.Diagnostic.Warnings.Select(e => e.ToString()));
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        foreach (var (path, item) in read.Document!.Paths)
        {
            foreach (var operation in item.Operations!.Values)
            {
                Assert.False(string.IsNullOrWhiteSpace(operation.Summary), path);
                Assert.Equal(path.Contains("{id}", StringComparison.Ordinal), operation.Parameters?.Any(p => p is { Name: "id", In: ParameterLocation.Path, Required: true }) == true);
            }
        }
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("plain")]
    [InlineData("hostile")]
    [InlineData("storm")]
    public async Task Every_operation_answers_as_the_document_says(string data)
    {
        await using var gateway = await AdminHarness.StartAsync();
        var incident = data switch { "plain" => await DashboardData.PlainAsync(gateway), "hostile" => await DashboardData.HostileAsync(gateway), _ => "inc-none" };
        var failure = data switch { "hostile" => "evda-0001", "storm" => await DashboardData.StormAsync(gateway), _ => "abcd-5678" };
        var document = JsonNode.Parse(await gateway.GetTextAsync("/api/openapi.json"))!;
        var asked = 0;
        foreach (var (path, operations) in document["paths"]!.AsObject())
        {
            if (operations!["get"] is not { } operation || path == "/api/stream") continue;
            var id = path switch
            {
                "/api/incidents/{id}" => incident,
                "/api/failures/{id}" => failure,
                "/api/causes/{id}" => "connect_refused",
                _ => "wrong_port",
            };
            await AssertAnswersAsync(gateway, document, operation, path.Replace("{id}", id, StringComparison.Ordinal));
            if (path.Contains("{id}", StringComparison.Ordinal)) await AssertAnswersAsync(gateway, document, operation, path.Replace("{id}", "no-such", StringComparison.Ordinal), 404);
            foreach (var parameter in operation["parameters"]!.AsArray().Where(p => p!["in"]!.GetValue<string>() == "query"))
            {
                foreach (var value in new[] { "1", "connect_refused", "2026-01-01T00:00:00Z", "\u202e<'\"" })
                    await AssertAnswersAsync(gateway, document, operation, $"{path}?{parameter!["name"]!.GetValue<string>()}={Uri.EscapeDataString(value)}");
            }

            asked++;
        }

        Assert.True(asked >= 10, $"Only {asked} operations were found.");
    }

    [Fact]
    public async Task Asking_for_a_look_answers_as_the_document_says()
    {
        await using var gateway = await AdminHarness.StartAsync();
        var incident = await DashboardData.PlainAsync(gateway);
        var document = JsonNode.Parse(await gateway.GetTextAsync("/api/openapi.json"))!;
        var operation = document["paths"]!["/api/incidents/{id}/look"]!["post"]!;

        // Nobody looks into failures here, and that is said.
        await AssertAnswersAsync(gateway, document, operation, $"/api/incidents/{incident}/look", 409, HttpMethod.Post);
        await AssertAnswersAsync(gateway, document, operation, "/api/incidents/no-such/look", 404, HttpMethod.Post);
        Assert.Contains("\"state\":\"failed\"", await gateway.GetTextAsync("/api/incidents/" + incident), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_view_is_what_reflection_says_of_it()
    {
        var reflected = new JsonSerializerOptions(ApiJson.Options) { TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
        var views = ApiOperations.All().SelectMany(o => o.Answers).Select(a => a.Body).OfType<Type>().Distinct().ToArray();
        Assert.All(views, view => Assert.Equal(reflected.GetJsonSchemaAsNode(view).ToJsonString(), ApiJson.Options.GetJsonSchemaAsNode(view).ToJsonString()));
        Assert.True(views.Length >= 10, $"Only {views.Length} views were found.");
    }

    private static async Task AssertAnswersAsync(AdminHarness gateway, JsonNode document, JsonNode operation, string path, int? status = null, HttpMethod? method = null)
    {
        using var answer = await gateway.GetAsync(path, method: method);
        var text = await answer.Content.ReadAsStringAsync(Stop);
        if (status is { } expected) Assert.Equal(expected, (int)answer.StatusCode);
        var said = operation["responses"]![((int)answer.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture)];
        Assert.True(said is not null, $"{path} answered {answer.StatusCode}, which the document does not know.");
        var content = said["content"]![answer.Content.Headers.ContentType!.MediaType!];
        Assert.True(content is not null, $"{path} answered {answer.Content.Headers.ContentType}, which the document does not know.");
        var errors = (await SchemaAsync(document, content["schema"]!)).Validate(text);
        Assert.True(errors.Count == 0, $"{path}: {string.Join("; ", errors.Select(e => $"{e.Kind} at {e.Path}"))}\nin: {text}");
        Assert.True(answer.StatusCode != HttpStatusCode.InternalServerError, path);
    }

    /// <summary>The schema by itself, with the document's components beside it.</summary>
    private static Task<JsonSchema> SchemaAsync(JsonNode document, JsonNode schema)
    {
        var alone = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["definitions"] = document["components"]!["schemas"]!.DeepClone(), ["allOf"] = new JsonArray(schema.DeepClone()) };
        return JsonSchema.FromJsonAsync(alone.ToJsonString().Replace("#/components/schemas/", "#/definitions/", StringComparison.Ordinal), Stop);
    }
}
