using System.Net;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Pages.Operator;

namespace ProxyGate.Gateway.Pages;

/// <summary>One page of the gallery.</summary>
/// <param name="Example">The example failure's name.</param>
/// <param name="Cause">What failed in it.</param>
/// <param name="Operator">Whether it is the operator's view.</param>
/// <param name="Body">The HTML; empty where this view is never shown.</param>
/// <param name="Fields">The answer's header fields.</param>
internal sealed record GalleryPage(string Example, Cause Cause, bool Operator, ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields);

/// <summary>The page of every example failure, written by what answers real failures.</summary>
internal static class PageGallery
{
    private static readonly DateTimeOffset Time = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    public static async Task<IReadOnlyList<GalleryPage>> RenderAsync()
    {
        var settings = new DefaultSettings();
        var pages = new FailurePages(new AudiencePolicy(settings), new Public.PublicAnswers(settings), new OperatorAnswers());
        var gallery = new List<GalleryPage>();
        foreach (var name in ExampleFailures.Names)
        {
            gallery.Add(await RenderAsync(pages, name, forOperator: true));
            gallery.Add(await RenderAsync(pages, name, forOperator: false));
        }

        return gallery;
    }

    private static async Task<GalleryPage> RenderAsync(FailurePages pages, string name, bool forOperator)
    {
        var failure = EventOf(name);
        var cause = failure.Diagnosis.Failure.Cause;
        var seen = IsAnswered(failure);
        if (!seen && !forOperator) return new GalleryPage(name, cause, forOperator, default, []);

        var context = new DefaultHttpContext();
        context.Features.Set(new RealPeer(forOperator ? IPAddress.Loopback : IPAddress.Parse("203.0.113.9"), IsUnixSocket: false));
        context.Request.Method = HttpMethods.Get;
        context.Request.Headers.Accept = "text/html";
        using var body = new MemoryStream();
        context.Response.Body = body;
        if (seen)
        {
            await pages.WriteAsync(context, failure);
        }
        else
        {
            // Nobody gets it as an answer; who looks the failure up later does.
            using var buffer = new AnswerBuffer();
            OperatorPage.Write(buffer, failure);
            body.Write(buffer.Written.Span);
        }

        return new GalleryPage(name, cause, forOperator, body.ToArray(), [.. context.Response.Headers.Select(f => KeyValuePair.Create(f.Key, f.Value.ToString()))]);
    }

    /// <summary>Not where the client has gone, its answer has begun, or the app's own answer is passed on.</summary>
    private static bool IsAnswered(FailureEvent failure) =>
        failure.Diagnosis.Failure.Cause.Status is not (0 or StatusCodes.Status499ClientClosedRequest) && !failure.Request.ResponseStarted;

    private static FailureEvent EventOf(string name)
    {
        var facts = ExampleFailures.All[name];
        var failure = ExampleFailures.Verdict(name);
        return new FailureEvent
        {
            Time = Time,
            Id = "k7mq-3f9x",
            Incident = "inc-2b5c-9dkw",
            Request = facts.Request,
            Attempts = facts.Attempts,
            Diagnosis = Explainer.Explain(facts, failure, ExampleContexts.Of(name) ?? ContextOf(facts, failure.Stage)),
            Status = failure.Status != 0 ? failure.Status : failure.Attempt?.UpstreamStatus ?? StatusCodes.Status502BadGateway,
            ClientAddress = "203.0.113.9",
        };
    }

    /// <summary>A failure in the middle of an outage; none where a request was never routed.</summary>
    private static FailureContext? ContextOf(FailureFacts facts, Stage stage)
    {
        if (facts.Request.Route is null || facts.Attempts.Count == 0) return null;
        var reachedApp = stage is Stage.Send or Stage.Head or Stage.Body or Stage.Upgrade;
        return new FailureContext
        {
            Now = Time,
            RouteSource = "proxygate.json:14",
            RouteMatch = "shop.example/{**rest}",
            DestinationSource = "proxygate.json:31",
            FirstSeen = Time.AddMinutes(-4),
            Count = 213,
            LastSuccess = Time.AddMinutes(-4).AddSeconds(-2),
            GatewayStarted = Time.AddDays(-6),
            Neighbours = [new NeighbourState("app-2", Time.AddSeconds(-1), null)],
            OtherFailingRoutes = reachedApp ? [] : ["blog"],
            Paths = [facts.Request.Path],
            OtherPathsAnswer = reachedApp,
        };
    }

    private sealed class DefaultSettings : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; } = new();

        public event Action<GatewaySettings>? Changed
        {
            add { }
            remove { }
        }
    }
}
