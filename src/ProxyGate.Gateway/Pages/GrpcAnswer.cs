using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// A gRPC call reads nothing but a grpc-status: HTTP 200 with the status in the head and no body ("Trailers-Only" of the gRPC protocol).
/// </summary>
internal static class GrpcAnswer
{
    private const int DeadlineExceeded = 4;
    private const int PermissionDenied = 7;
    private const int Unimplemented = 12;
    private const int Internal = 13;
    private const int Unavailable = 14;
    private const int Unauthenticated = 16;
    private const int MaxMessage = 512;
    private const int MaxSentence = 280;
    private const int MaxHint = 120;

    public static void Write(HttpResponse response, string requestContentType, FailureEvent failure, Audience audience)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = ContentType(requestContentType);
        response.Headers["grpc-status"] = Status(failure).ToString(CultureInfo.InvariantCulture);
        var diagnosis = failure.Diagnosis;
        response.Headers["grpc-message"] = Encode(audience == Audience.Operator
            ? Told(diagnosis) + $" (id {failure.Id})"
            : $"{diagnosis.PublicTitle}. {diagnosis.PublicSentence} (id {failure.Id})");
    }

    /// <summary>The finding, and the surest reason; cut piece by piece, so that a long name does not push out the rest.</summary>
    private static string Told(Diagnosis diagnosis)
    {
        var told = $"{diagnosis.Failure.Cause.Id}: {HostileText.Line(diagnosis.Sentence, MaxSentence)}";
        return diagnosis.Hints.Count == 0 ? told : $"{told} ({LinkWords.Confidence(diagnosis.Hints[0].Confidence)}: {HostileText.Line(diagnosis.Hints[0].Sentence, MaxHint)})";
    }

    public static int Status(FailureEvent failure) => failure.Status switch
    {
        StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable => Unavailable,

        // Nothing was sent before the connection stood: the call may be made again, which "deadline exceeded" would not say.
        StatusCodes.Status504GatewayTimeout => failure.Diagnosis.Failure.Stage is Stage.Dns or Stage.Connect or Stage.Tls ? Unavailable : DeadlineExceeded,
        StatusCodes.Status404NotFound => Unimplemented,
        StatusCodes.Status429TooManyRequests => Unavailable,
        StatusCodes.Status401Unauthorized => Unauthenticated,
        StatusCodes.Status403Forbidden => PermissionDenied,
        _ => Internal,
    };

    /// <summary>The kind of gRPC that was spoken, from a closed list: what a client sends is not sent back.</summary>
    private static string ContentType(string requested) =>
        requested.StartsWith("application/grpc-web-text", StringComparison.OrdinalIgnoreCase) ? "application/grpc-web-text"
        : requested.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase) ? "application/grpc-web"
        : "application/grpc";

    private static string Encode(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var b in Encoding.UTF8.GetBytes(HostileText.Line(message, MaxMessage)))
        {
            if (b is >= 0x20 and < 0x7f and not (byte)'%') encoded.Append((char)b);
            else encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
        }

        return encoded.ToString();
    }
}
