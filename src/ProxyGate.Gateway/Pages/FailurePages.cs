using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Gateway.Pages.Operator;
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
        return audience == Audience.Operator
            ? ForOperatorsAsync(context, format, failure)
            : SendAsync(context, publicAnswers.Write(context, format, failure));
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
        if (failure.Diagnosis.Failure.RetryAfterSeconds is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task ForOperatorsAsync(HttpContext context, AnswerFormat format, FailureEvent failure)
    {
        using var buffer = new AnswerBuffer();
        switch (format)
        {
            case AnswerFormat.Html:
                context.Response.Headers.ContentSecurityPolicy = OperatorAssets.SecurityPolicy;
                OperatorPage.Write(buffer, failure);
                break;
            case AnswerFormat.ProblemJson:
                ProblemAnswer.Write(buffer, failure);
                break;
            case AnswerFormat.Markdown:
                MarkdownAnswer.Write(buffer, failure);
                break;
            default:
                TextAnswer.Write(buffer, failure);
                break;
        }

        await SendAsync(context, buffer.Written);
    }

    private static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
