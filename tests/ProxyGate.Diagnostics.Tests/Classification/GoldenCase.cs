using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>
/// One case of <c>Cases/*.json</c>: facts in, verdict out. What every attempt has (number, destination, a request sent on a fresh
/// connection) is left out there: see <see cref="Attempt"/>. Bytes are written as text, one character a byte. The verdict is one line:
/// cause, stage, party, status, retry, confidence.
/// </summary>
public sealed record GoldenCase(string File, string Name, FailureFacts Facts, string Expect, int? Tells, string? AttemptCauses)
{
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false), new BytesAsText() },
    };

    public static IReadOnlyList<GoldenCase> All { get; } = [.. Directory
        .EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Cases"), "*.json")
        .Order(StringComparer.Ordinal)
        .SelectMany(Read)];

    private static IEnumerable<GoldenCase> Read(string path)
    {
        var documentOptions = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        foreach (var (name, node) in JsonNode.Parse(System.IO.File.ReadAllText(path), null, documentOptions)!.AsObject())
        {
            var file = Path.GetFileNameWithoutExtension(path);
            var known = node!.AsObject().Select(p => p.Key).Except(["request", "attempt", "attempts", "expect", "tells", "attemptCauses"]).ToArray();
            if (known.Length > 0) throw new InvalidDataException($"{file}, {name}: unknown key {known[0]}");
            var attempts = node["attempt"] is JsonObject one ? [one] : node["attempts"]?.AsArray().Select(a => a!.AsObject()).ToArray() ?? [];
            yield return new GoldenCase(
                file,
                name,
                new FailureFacts(Request(node["request"]?.AsObject()), [.. attempts.Select((a, i) => Attempt(a, i + 1))]),
                (string)node["expect"]!,
                (int?)node["tells"],
                (string?)node["attemptCauses"]);
        }
    }

    private static RequestFacts Request(JsonObject? written)
    {
        var merged = new JsonObject { ["method"] = "GET", ["host"] = "shop.example", ["path"] = "/basket", ["protocol"] = "HTTP/1.1" };
        return Merge(merged, written).Deserialize<RequestFacts>(Json)!;
    }

    private static AttemptFacts Attempt(JsonObject written, int number)
    {
        var merged = new JsonObject { ["number"] = number, ["destination"] = "app-1", ["destinationUrl"] = "http://app.test:5000" };
        var end = (string?)written["end"];
        if (end is not (null or "DnsFailed" or "ConnectFailed" or "TlsFailed" or "AddressForbidden" or "DestinationInvalid"))
        {
            (merged["requestNumber"], merged["requestComplete"], merged["bytesSent"]) = (1, true, 150);
        }

        return Merge(merged, written).Deserialize<AttemptFacts>(Json)!;
    }

    private static JsonObject Merge(JsonObject defaults, JsonObject? written)
    {
        foreach (var (key, value) in written ?? []) defaults[key] = value?.DeepClone();
        return defaults;
    }

    public string ExpectedCause => Expect[..Expect.IndexOf(' ', StringComparison.Ordinal)];

    /// <summary>A verdict in the words of the cases.</summary>
    public static string Line(Failure failure)
    {
        var retry = failure.Retry switch { RetryAdvice.SafeForAnyMethod => "any", RetryAdvice.IdempotentOnly => "idempotent", _ => "no" };
        return $"{failure.Cause.Id} {ContractNames.Of(failure.Stage)} {ContractNames.Of(failure.Party)} {failure.Status} {retry} {ContractNames.Of(failure.Confidence)}";
    }

    private sealed class BytesAsText : JsonConverter<byte[]>
    {
        public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Encoding.Latin1.GetBytes(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => writer.WriteStringValue(Encoding.Latin1.GetString(value));
    }
}
