using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>How views are written as JSON: names as in the event log, moments in UTC, events as their lines in the log.</summary>
internal static class ApiJson
{
    public static JsonSerializerOptions Options => ApiJsonTypes.Default.Options;

    public static JsonTypeInfo<T> TypeOf<T>() => (JsonTypeInfo<T>)Options.GetTypeInfo(typeof(T));

    public static Task WriteAsync<T>(HttpContext context, T view, int status = StatusCodes.Status200OK) =>
        WriteAsync(context, status, "application/json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(view, TypeOf<T>()));

    /// <summary>What another room writes itself.</summary>
    public static Task WriteAsync(HttpContext context, Action<Utf8JsonWriter> write, int status)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer)) write(json);
        return WriteAsync(context, status, "application/json; charset=utf-8", buffer.WrittenMemory);
    }

    /// <summary>An error as RFC 9457 has it.</summary>
    public static Task ProblemAsync(HttpContext context, int status, string title, string detail) =>
        WriteAsync(context, status, "application/problem+json; charset=utf-8", JsonSerializer.SerializeToUtf8Bytes(new ApiProblem(status, title, detail), TypeOf<ApiProblem>()));

    public static Task NotFoundAsync(HttpContext context, string detail) => ProblemAsync(context, StatusCodes.Status404NotFound, "Not found", detail);

    private static Task WriteAsync(HttpContext context, int status, string type, ReadOnlyMemory<byte> json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        context.Response.ContentLength = json.Length;
        return context.Response.Body.WriteAsync(json, context.RequestAborted).AsTask();
    }
}

/// <summary>Why a request was not answered (RFC 9457).</summary>
/// <param name="Status">The status, once more.</param>
/// <param name="Title">In short.</param>
/// <param name="Detail">In a sentence.</param>
internal sealed record ApiProblem(int Status, string Title, string Detail);
