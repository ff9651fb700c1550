using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Explanation.Examples;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Listeners;
using ProxyGate.Gateway.Pages;
using ProxyGate.Gateway.Pages.Operator;
using ProxyGate.Gateway.Pages.Public;

namespace ProxyGate.Gateway.Tests.Pages;

/// <summary>A failed request and the answer to it, without a server.</summary>
internal static class PageHarness
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 3, 0, 0, TimeSpan.Zero);

    public static readonly IPAddress Stranger = IPAddress.Parse("203.0.113.9");

    public static TheoryData<string> Samples => [.. ExampleFailures.Names];

    public static FailureEvent Event(string sample) => Event(ExampleFailures.All[sample], ExampleFailures.Verdict(sample), ExampleContexts.Of(sample));

    public static FailureEvent Event(FailureFacts facts) => Event(facts, Classifier.Classify(facts));

    private static FailureEvent Event(FailureFacts facts, Failure failure, FailureContext? context = null) => new()
    {
        Time = Now,
        Id = "k7mq-3f9x",
        Incident = "i4rt-0c2d",
        Request = facts.Request,
        Attempts = facts.Attempts,
        Diagnosis = Explainer.Explain(facts, failure, context),
        Status = failure.Status,
        ClientAddress = Stranger.ToString(),
    };

    public static async Task<Answer> AnswerAsync(FailureEvent failure, bool near, string? accept = null, string method = "GET", string? contentType = null, string? language = null, PageSettings? pages = null)
    {
        var context = Context(near ? IPAddress.Loopback : Stranger);
        context.Request.Method = method;
        if (accept is not null) context.Request.Headers.Accept = accept;
        if (contentType is not null) context.Request.ContentType = contentType;
        if (language is not null) context.Request.Headers.AcceptLanguage = language;
        var body = new MemoryStream();
        context.Response.Body = body;
        context.Response.Headers["X-From-Upstream"] = "left over";
        var settings = new Settings(new GatewaySettings { Pages = pages ?? new PageSettings() });
        await new FailurePages(new AudiencePolicy(settings), new PublicAnswers(settings), new OperatorAnswers()).WriteAsync(context, failure);
        return new Answer(context.Response.StatusCode, context.Response.Headers, Encoding.UTF8.GetString(body.ToArray()));
    }

    public static DefaultHttpContext Context(IPAddress? peer, bool unixSocket = false)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(new RealPeer(peer, unixSocket));
        context.Connection.RemoteIpAddress = peer;
        return context;
    }

    internal sealed record Answer(int Status, IHeaderDictionary Headers, string Body);

    internal sealed class Settings(GatewaySettings current) : IGatewaySettingsSource
    {
        public GatewaySettings Current { get; private set; } = current;

        public event Action<GatewaySettings>? Changed;

        public void Change(GatewaySettings to)
        {
            Current = to;
            Changed?.Invoke(to);
        }
    }
}
