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
internal sealed class FailurePages(AudiencePolicy audiences, PublicAnswers publicAnswers, OperatorAnswers operatorAnswers)
{
    public const string IdField = "ProxyGate-Failure";

    private const int FirstRoom = 32 * 1024;

    public Task WriteAsync(HttpContext context, FailureEvent failure)
    {
        var response = context.Response;
        response.Clear();
        response.StatusCode = failure.Status;
        if (failure.Status == StatusCodes.Status499ClientClosedRequest) return Task.CompletedTask;

        var audience = audiences.Of(context);
        var format = FormatChoice.Of(context.Request);
        var stencil = audience == Audience.Operator && format != AnswerFormat.Grpc ? operatorAnswers.Find(format, failure) : null;
        WriteFields(response, failure, stencil?.ProxyStatus ?? ProxyStatusField.Of(failure, audience));
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
        return WriteBodyAsync(context, format, audience, failure, stencil);
    }

    private static void WriteFields(HttpResponse response, FailureEvent failure, string proxyStatus)
    {
        var headers = response.Headers;
        headers[ProxyStatusField.Name] = proxyStatus;
        headers[IdField] = failure.Id;
        headers.CacheControl = "no-store";
        headers.Vary = "Accept";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        if (failure.Diagnosis.Failure.RetryAfterSeconds is { } seconds) headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
    }

    private async Task WriteBodyAsync(HttpContext context, AnswerFormat format, Audience audience, FailureEvent failure, OperatorStencil? stencil)
    {
        using var buffer = new AnswerBuffer(stencil?.Length ?? FirstRoom);
        if (audience == Audience.Public)
        {
            publicAnswers.Write(context, format, failure, buffer);
        }
        else
        {
            if (format == AnswerFormat.Html) context.Response.Headers.ContentSecurityPolicy = OperatorAssets.SecurityPolicy;
            if (stencil is not null) stencil.Fill(buffer, failure);
            else OperatorAnswers.Write(buffer, format, failure);
        }

        await SendAsync(context, buffer.Written);
    }

    private static Task SendAsync(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }
}
