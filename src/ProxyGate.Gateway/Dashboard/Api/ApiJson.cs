using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>How views are written as JSON: names as in the event log, moments in UTC, events as their lines in the log.</summary>
internal static class ApiJson
{
    public static readonly JsonSerializerOptions Options = Make();

    public static Task WriteAsync<T>(HttpContext context, T view, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(view, Options));

    /// <summary>What another room writes itself.</summary>
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return WriteAsync(context, status, "application/json; charset=utf-8", buffer.WrittenMemory);
    }

    /// <summary>An error as RFC 9457 has it.</summary>
    public static Task ProblemAsync(HttpContext context, int status, string title, string detail) =>
        WriteAsync(context, status, "application/problem+json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(new ApiProblem(status, title, detail), Options));

    public static Task NotFoundAsync(HttpContext context, string detail) => ProblemAsync(context, StatusCodes.Status404NotFound, "Not found", detail);

    private static Task WriteAsync(HttpContext context, int status, string type, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }

    private static JsonSerializerOptions Make()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
        };
        options.Converters.Add(new Moments());
        options.Converters.Add(new Failures());
        options.Converters.Add(new Findings());
        options.MakeReadOnly();
        return options;
    }

    private sealed class Moments : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
    }

    private sealed class Failures : JsonConverter<FailureEvent>
    {
        public override FailureEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, FailureEvent value, JsonSerializerOptions options) => FailureEventJson.Write(writer, value);
    }

    private sealed class Findings : JsonConverter<FindingEvent>
    {
        public override FindingEvent Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, FindingEvent value, JsonSerializerOptions options) => FindingEventJson.Write(writer, value);
    }
}

/// <summary>Why a request was not answered (RFC 9457).</summary>
/// <param name="Status">The status, once more.</param>
/// <param name="Title">In short.</param>
/// <param name="Detail">In a sentence.</param>
internal sealed record ApiProblem(int Status, string Title, string Detail);
