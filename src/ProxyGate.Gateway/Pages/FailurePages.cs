using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Html;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Answers a failed request: the right form for the client's program, the right words for who reads them. Expects that the answer has not
/// begun; replaces whatever was prepared.
/// </summary>
internal sealed class FailurePages(AudiencePolicy audiences, PublicAnswers publicAnswers)
{
    public const string IdField = "ProxyGate-Failure";

    public Task WriteAsync(HttpContext context, FailureEvent failure)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = failure.Status;
        if (failure.Status == StatusCodes.Status499ClientClosedRequest) return Task.CompletedTask;

        var audience = audiences.Of(context);
        var format = FormatChoice.Of(context.Request);
        WriteFields(response, failure, audience);
        if (format == AnswerFormat.Grpc)
        {
            GrpcAnswer.Write(response, context.Request.ContentType!, failure, audience);
            return Task.CompletedTask;
        }

        response.ContentType = format switch
        {
            AnswerFormat.Html => "text/html; charset=utf-8",
            AnswerFormat.ProblemJson => "application/problem+json",
            AnswerFormat.Markdown => "text/markdown; charset=utf-8",
            _ => "text/plain; charset=utf-8",
        };
        var body = audience == Audience.Operator ? ForOperators(response, format, failure) : publicAnswers.Write(context, format, failure);
        response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static void WriteFields(HttpResponse response, FailureEvent failure, Audience audience)
    {
        var headers = response.Headers;
        headers[ProxyStatusField.Name] = ProxyStatusField.Of(failure, audience);
        headers[IdField] = failure.Id;
        headers.CacheControl = "no-store";
        headers.Vary = "Accept";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (RetryAfter(failure.Diagnosis.Failure.Cause) is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Seconds; absent where waiting is not known to help.</summary>
    public static int? RetryAfter(Cause cause) => cause.Retryable ? cause.RetryAfterSeconds : null;

    private static ReadOnlyMemory<byte> ForOperators(HttpResponse response, AnswerFormat format, FailureEvent failure)
    {
        if (format == AnswerFormat.Html) response.Headers.ContentSecurityPolicy = PageAssets.SecurityPolicy;
        return format switch
        {
            AnswerFormat.Html => OperatorPage.Write(failure),
            AnswerFormat.ProblemJson => ProblemAnswer.Write(failure, Audience.Operator),
            AnswerFormat.Markdown => MarkdownAnswer.Write(failure, Audience.Operator),
            _ => TextAnswer.Write(failure, Audience.Operator),
        };
    }
}
