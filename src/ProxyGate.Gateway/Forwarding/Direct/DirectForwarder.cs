using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Forwarding.Http1;
using Yarp.ReverseProxy.Forwarder;

namespace ProxyGate.Gateway.Forwarding.Direct;

/// <summary>
/// Forwards a request to an HTTP/1.1 upstream from the server's own fields and buffers to the connection's and back, where nothing of the route needs
/// YARP's message. It ends as YARP's forwarder would: with the same errors, the same features set and the same state of the response.
/// </summary>
internal static class DirectForwarder
{
    /// <summary>Begins the attempt. Absent where only YARP's forwarder can make it.</summary>
    public static BegunAttempt? TryBegin(in Exchange exchange)
    {
        var (record, destination, id, address, client, config, plan, timeouts, headLimit) = exchange;
        var context = record.Context;
        if (!plan.IsDirect || client is not ClusterClient { Handler: var handler } || IsUpgrade(context.Request)) return null;
        DirectRequest request;
        UpstreamConnections? connections;
        try
        {
            connections = handler.Http1For(address, config.Version ?? HttpVersion.Version20, config.VersionPolicy ?? HttpVersionPolicy.RequestVersionOrLower, out var prefix);
            if (connections is null) return null;
            request = new DirectRequest(record, plan, destination, RequestTarget.Of(context, prefix, plan.OfTarget));
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException)
        {
            // No such address can be asked: YARP's forwarder finds the same, and says so as always.
            return null;
        }

        return new BegunAttempt(request, record.Begin(id, address, timeouts, headLimit), handler, connections);
    }

    /// <summary>A change of protocol, which YARP's forwarder knows how to carry on.</summary>
    private static bool IsUpgrade(HttpRequest request) => HttpMethods.IsConnect(request.Method) || request.Headers.Upgrade.Count > 0;

    /// <param name="begun">The attempt.</param>
    /// <param name="ends">What can end it from our side.</param>
    /// <param name="load">The destination's load, which it leaves in the end.</param>
    public static async ValueTask<ForwarderError> SendAsync(BegunAttempt begun, RequestEnds ends, DestinationLoad load = default)
    {
        var (request, attempt, handler, connections) = begun;
        var context = attempt.Request.Context;
        try
        {
            var connection = await handler.RentAsync(connections, attempt, Idempotence.Of(context.Request.Method), ends);
            var head = connection is null ? null : await connection.ExchangeAsync(request, attempt, ends);
            var error = head is null ? await FailedAsync(context, request, ends)
                : await AnswerAsync(context, request, attempt, connection!, head, ends);
            return AttemptEnding.Settle(context, attempt.Request, error);
        }
        finally
        {
            load.Leave();
        }
    }

    private static async ValueTask<ForwarderError> AnswerAsync(
        HttpContext context, DirectRequest request, Attempt attempt, Http1Connection connection, ResponseHead head, RequestEnds ends)
    {
        if (attempt.Request.ThrowsAway is { } throwsAway && throwsAway(attempt.Request, head.Status))
        {
            connection.Abandoned();
            await request.StopAsync();
            return ForwarderError.None;
        }

        try
        {
            CopyHead(context, head, attempt);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The server takes no such field.
            connection.Abandoned();
            await request.StopAsync();
            Report(context, ForwarderError.ResponseHeaders, StatusCodes.Status502BadGateway, e);
            return ForwarderError.ResponseHeaders;
        }

        if (!Http1Connection.HasBody(request, head)) connection.Completed();
        else if (!connection.TryTakeWholeBody(head, context.Response.BodyWriter) && await CopyBodyAsync(context, connection, head, ends) is not ForwarderError.None and var failed)
        {
            await request.StopAsync();
            return failed;
        }

        if (request.Sending is not (null or { IsCompletedSuccessfully: true })) return await EndUploadAsync(context, request);
        request.Sent();
        attempt.Request.ForwardedWell = true;
        return ForwarderError.None;
    }

    private static void CopyHead(HttpContext context, ResponseHead head, Attempt attempt)
    {
        var response = context.Response;
        response.StatusCode = head.Status;
        if (head.Reason is { } reason && !HttpProtocol.IsHttp2(context.Request.Protocol) && reason != ReasonPhrases.GetReasonPhrase(head.Status))
        {
            context.Features.Get<IHttpResponseFeature>()!.ReasonPhrase = reason;
        }

        var headers = response.Headers;
        var mayRepeat = head.HasRepeatedNames || headers.Count > 0;
        foreach (ref readonly var field in head.Fields)
        {
            if (field.IsOfThisHop) continue;
            if (field.Kind == ResponseFieldKind.ContentLength)
            {
                if (head.MayTellLength) headers.ContentLength = head.ContentLength;
            }
            else if (!mayRepeat || !headers.TryGetValue(field.Name, out var before) || before.Count == 0)
            {
                headers[field.Name] = field.Value;
            }
            else if (field.Kind != ResponseFieldKind.StrictTransportSecurity)
            {
                headers[field.Name] = Microsoft.Extensions.Primitives.StringValues.Concat(before, field.Value);
            }
        }

        if (attempt.IsTroubled()) AnswerMark.Add(response, head.Status);
    }

    private static async ValueTask<ForwarderError> CopyBodyAsync(HttpContext context, Http1Connection connection, ResponseHead head, RequestEnds ends)
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        using var body = new ResponseBodyStream(connection, head);
        if (trailers is { IsReadOnly: false })
        {
            body.OnTrailer = (name, value) =>
            {
                // Appending would leave an empty value out.
                if (!HopByHop.Contains(name)) trailers[name] = Microsoft.Extensions.Primitives.StringValues.Concat(trailers[name], value);
            };
        }

        var writer = context.Response.BodyWriter;
        try
        {
            // Before memory is taken from the writer: a flush in between would take it back.
            if (connection.Buffered.IsEmpty) await LiveAnswer.SendHeadAsync(context);
            if (BodyPipe.TryOpen(context, body) is { } whole) return await PipeBodyAsync(context, body, whole, ends);
            for (var first = true; ; first = false)
            {
                var read = await body.ReadAsync(writer.GetMemory(body.ReadSize));
                if (read == 0) return ForwarderError.None;
                writer.Advance(read);
                // An answer that has not begun goes out as one, and so does the end of chunks; what is left of a length would stay behind.
                var atEnd = body.IsAtEnd();
                if (atEnd && (head.Chunked || !context.Response.HasStarted)) return ForwarderError.None;
                if (first && BodyPipe.TryOpen(context, body) is { } rest)
                {
                    // What came with the head goes out with what follows.
                    if (!context.Response.HasStarted) await context.Response.StartAsync();
                    return await PipeBodyAsync(context, body, rest, ends);
                }

                if (await FlushAsync(context, ends) is not ForwarderError.None and var failed) return failed;
                if (atEnd) return ForwarderError.None;
            }
        }
        catch (UpstreamBodyException e)
        {
            return Broken(context, ends.HaveCome ? ForwarderError.ResponseBodyCanceled : ForwarderError.ResponseBodyDestination, e);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            return Broken(context, ends.HaveCome ? ForwarderError.ResponseBodyCanceled : ForwarderError.ResponseBodyClient, e);
        }
    }

    /// <summary>The body, or what is left of it, through the kernel.</summary>
    private static async ValueTask<ForwarderError> PipeBodyAsync(HttpContext context, ResponseBodyStream body, BodyPipe pipe, RequestEnds ends)
    {
        using (pipe)
        {
            var filling = pipe.FillAsync(body);
            if (!filling.IsCompleted && context.Response.HasStarted)
            {
                // What was written before must not wait for it.
                var early = await FlushAsync(context, ends);
                if (early != ForwarderError.None)
                {
                    // Nothing may come into the pipe any more when it is given back.
                    body.Dispose();
                    await ((Task)filling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    return early;
                }
            }

            while (true)
            {
                await filling;
                await pipe.WriteAsync();
                if (await FlushAsync(context, ends) is not ForwarderError.None and var failed) return failed;
                if (body.IsAtEnd()) return ForwarderError.None;
                filling = pipe.FillAsync(body);
            }
        }
    }

    /// <summary>A client that leaves ends this by itself; the limit of the whole request and the gateway's stop do not.</summary>
    private static async ValueTask<ForwarderError> FlushAsync(HttpContext context, RequestEnds ends)
    {
        Exception? exception = null;
        try
        {
            var flushed = await context.Response.BodyWriter.FlushAsync(ends.Second);
            if (!flushed.IsCompleted && !flushed.IsCanceled && !ends.HaveCome) return ForwarderError.None;
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or InvalidOperationException)
        {
            exception = e;
        }

        return Broken(context, ends.HaveCome ? ForwarderError.ResponseBodyCanceled : ForwarderError.ResponseBodyClient, exception);
    }

    /// <summary>The answer broke off. What has begun cannot be taken back, only be kept from looking whole.</summary>
    private static ForwarderError Broken(HttpContext context, ForwarderError error, Exception? exception)
    {
        if (!context.Response.HasStarted)
        {
            Report(context, error, StatusCodes.Status502BadGateway, exception);
            return error;
        }

        context.Features.Set<IForwarderErrorFeature>(new Error(error, exception));
        const int Cancelled = 0x8, InternalError = 0x2; // RFC 9113 section 7
        if (context.Features.Get<IHttpResetFeature>() is { } stream) stream.Reset(error == ForwarderError.ResponseBodyCanceled ? Cancelled : InternalError);
        else context.Abort();
        return error;
    }

    /// <summary>There is no answer.</summary>
    private static async ValueTask<ForwarderError> FailedAsync(HttpContext context, DirectRequest request, RequestEnds ends)
    {
        var upload = request.Sending;
        var clientFailed = upload is { IsFaulted: true } or { IsCanceled: true };
        var error = ends.HaveCome ? (clientFailed ? ForwarderError.RequestBodyCanceled : ForwarderError.RequestCanceled)
            : clientFailed ? ForwarderError.RequestBodyClient
            : request.Body is { Failed: true } ? ForwarderError.RequestBodyDestination
            : ForwarderError.Request;
        var exception = clientFailed ? upload!.Exception?.InnerException : null;
        await request.StopAsync();
        var status = exception is BadHttpRequestException bad ? bad.StatusCode
            : error == ForwarderError.RequestBodyClient || context.RequestAborted.IsCancellationRequested ? StatusCodes.Status400BadRequest
            : StatusCodes.Status502BadGateway;
        Report(context, error, status, exception);
        return error;
    }

    /// <summary>The answer is whole, but the upload is not: the upstream wanted no more of it, or the client broke it off.</summary>
    private static async ValueTask<ForwarderError> EndUploadAsync(HttpContext context, DirectRequest request)
    {
        var broken = request.Sending is { IsFaulted: true } sending ? sending.Exception!.InnerException : null;
        if (broken is null)
        {
            // The server has the close that ends an answer in HTTP/1.0 wait for the upload, and what was written last would wait for it too.
            if (HttpProtocol.IsHttp10(context.Request.Protocol)) await context.Response.BodyWriter.FlushAsync();
            await context.Response.CompleteAsync();
        }

        await request.StopAsync();
        if (broken is null) return ForwarderError.None;
        context.Features.Set<IForwarderErrorFeature>(new Error(ForwarderError.RequestBodyClient, broken));
        return ForwarderError.RequestBodyClient;
    }

    private static void Report(HttpContext context, ForwarderError error, int status, Exception? exception)
    {
        context.Features.Set<IForwarderErrorFeature>(new Error(error, exception));
        if (context.Response.HasStarted) return;
        if (context.Response.Headers.Count > 0) context.Response.Clear();
        context.Response.StatusCode = status;
    }

    /// <summary>An attempt that has begun, and what carries it.</summary>
    public readonly record struct BegunAttempt(DirectRequest Request, Attempt Attempt, UpstreamHandler Handler, UpstreamConnections Connections);

    private sealed class Error(ForwarderError error, Exception? exception) : IForwarderErrorFeature
    {
        ForwarderError IForwarderErrorFeature.Error => error;

        public Exception? Exception => exception;
    }
}
