using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Dashboard.Live;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>Every view that is written, in code made when this is built: the natively compiled program has no other. The document is made from the same.</summary>
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true, Converters = [typeof(Moments), typeof(Failures), typeof(Findings)])]
[JsonSerializable(typeof(OverviewView))]
[JsonSerializable(typeof(IncidentsView))]
[JsonSerializable(typeof(IncidentView))]
[JsonSerializable(typeof(LookView))]
[JsonSerializable(typeof(FailuresView))]
[JsonSerializable(typeof(FailureRow))]
[JsonSerializable(typeof(FoldedView))]
[JsonSerializable(typeof(FailureEvent))]
[JsonSerializable(typeof(RoutesView))]
[JsonSerializable(typeof(CausesView))]
[JsonSerializable(typeof(CauseView))]
[JsonSerializable(typeof(RootCauseView))]
[JsonSerializable(typeof(ConfigView))]
[JsonSerializable(typeof(LiveChange))]
[JsonSerializable(typeof(ApiProblem))]
internal sealed partial class ApiJsonTypes : JsonSerializerContext
{
    internal sealed class Moments : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    internal sealed class Failures : JsonConverter<FailureEvent>
    {
        public override FailureEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, FailureEvent value, JsonSerializerOptions options) => FailureEventJson.Write(writer, value);
    }

    internal sealed class Findings : JsonConverter<FindingEvent>
    {
        public override FindingEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, FindingEvent value, JsonSerializerOptions options) => FindingEventJson.Write(writer, value);
    }
}
