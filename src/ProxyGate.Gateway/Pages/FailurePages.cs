using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Html;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Pages;

/// <summary>
/// Answers a failed request: the right form for the client's program, the right words for who reads them. Expects that the answer has not
/// begun; replaces whatever was prepared.
/// </summary>
internal sealed class FailurePages(AudiencePolicy audiences)
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

        var method = context.Request.Method;
        return WriteBodyAsync(context, format, failure, audience, safeToRepeat: HttpMethods.IsGet(method) || HttpMethods.IsHead(method));
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

    private static int? RetryAfter(Cause cause) => cause.Retryable ? cause.RetryAfterSeconds : null;

    private static async Task WriteBodyAsync(HttpContext context, AnswerFormat format, FailureEvent failure, Audience audience, bool safeToRepeat)
    {
        var response = context.Response;
        using var buffer = new AnswerBuffer();
        ReadOnlyMemory<byte>? own = null;
        switch (format)
        {
            case AnswerFormat.Html:
                response.ContentType = "text/html; charset=utf-8";
                response.Headers.ContentSecurityPolicy = audience == Audience.Operator ? OperatorAssets.SecurityPolicy : PageAssets.SecurityPolicy;
                if (audience == Audience.Operator) OperatorPage.Write(buffer, failure);
                else own = PublicPage.Write(failure, safeToRepeat);
                break;
            case AnswerFormat.ProblemJson:
                response.ContentType = "application/problem+json";
                ProblemAnswer.Write(buffer, failure, audience);
                break;
            case AnswerFormat.Markdown:
                response.ContentType = "text/markdown; charset=utf-8";
                MarkdownAnswer.Write(buffer, failure, audience);
                break;
            default:
                response.ContentType = "text/plain; charset=utf-8";
                TextAnswer.Write(buffer, failure, audience);
                break;
        }

        var body = own ?? buffer.Written;
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method)) await response.Body.WriteAsync(body, context.RequestAborted);
    }
}
