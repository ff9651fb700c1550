using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Tests.Classification;

/// <summary>One golden case: the facts as the recorder fills them in, and the verdict they must lead to.</summary>
internal sealed record ClassifierCase(string Name, RequestFacts Request, IReadOnlyList<AttemptFacts> Attempts, ExpectedVerdict Expect);

/// <summary>The verdict in the contract's names.</summary>
internal sealed record ExpectedVerdict(
    string Cause, string Stage, string Party, int Status, RetryAdvice Retry, string Confidence, IReadOnlyList<string?>? AttemptCauses = null);

/// <summary>Reads <c>Cases/*.json</c>: one file per stage, each an array of cases.</summary>
internal static class CaseFile
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerDefaults.Web)
    {
        // A misspelt fact would silently be a fact left out.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        NumberHandling = JsonNumberHandling.Strict,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new BytesConverter() },
    };

    public static IReadOnlyDictionary<string, ClassifierCase> All { get; } = Read();

    private static Dictionary<string, ClassifierCase> Read()
    {
        var cases = new Dictionary<string, ClassifierCase>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(Repository.TestFile("Classification", "Cases"), "*.json").Order(StringComparer.Ordinal))
        {
            try
            {
                foreach (var one in JsonSerializer.Deserialize<ClassifierCase[]>(File.ReadAllText(file), s_options)!)
                {
                    cases.Add($"{Path.GetFileNameWithoutExtension(file)}: {one.Name}", one);
                }
            }
            catch (Exception e) when (e is JsonException or ArgumentException)
            {
                throw new InvalidDataException($"{file}: {e.Message}", e);
            }
        }

        return cases;
    }

    /// <summary>Bytes written as text (one character a byte), or as hex after <c>hex:</c>.</summary>
    private sealed class BytesConverter : JsonConverter<byte[]>
    {
        public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.GetString() ?? "";
            return text.StartsWith("hex:", StringComparison.Ordinal)
                ? Convert.FromHexString(text[4..].Replace(" ", "", StringComparison.Ordinal))
                : Encoding.Latin1.GetBytes(text);
        }

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) =>
            throw new NotSupportedException(string.Create(CultureInfo.InvariantCulture, $"{value.Length} bytes: cases are written by hand."));
    }
}
