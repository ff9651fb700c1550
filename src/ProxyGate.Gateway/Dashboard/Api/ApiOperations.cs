using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProxyGate.Gateway.Dashboard.Live;
using ProxyGate.Gateway.Dashboard.Reading;
using ProxyGate.Gateway.Dashboard.Serving;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.Api;

/// <summary>Everything the API answers.</summary>
internal static class ApiOperations
{
    private static readonly ApiParameter s_limit = new("limit", "How many at most: 1 to 200; 50 when left out.", "integer");
    private static readonly ApiParameter s_cursor = new("cursor", "The next of the page before.");
    private static readonly ApiParameter s_cause = new("cause", "Only of this cause.");
    private static readonly ApiParameter s_route = new("route", "Only of this route.");
    private static readonly ApiParameter s_destination = new("destination", "Only of this destination.");

    private static readonly byte[] s_document = ApiDocument.Of(All());

    public static IReadOnlyList<ApiOperation> All() =>
    [
        Get("/api/overview", "How the gateway does.", [new("span", "How far back: 1h, 6h or 24h; 1h when left out.")], [ApiAnswer.Of<OverviewView>()],
            static async (context, _) => await ApiJson.WriteAsync(context, await Of<GatewayReader>(context).OverviewAsync(Asked.Of(context).Minutes, context.RequestAborted))),
        Get("/api/incidents", "Incidents: the open ones first, then by the last failure.",
            [new("open", "Only the open ones.", "boolean"), s_cause, s_route, s_destination, s_limit, s_cursor], [ApiAnswer.Of<IncidentsView>()],
            static async (context, _) => await ApiJson.WriteAsync(context, await Of<IncidentsReader>(context).ListAsync(Asked.Of(context), context.RequestAborted))),
        Get("/api/incidents/{id}", "One incident with samples, findings and what happened when.", [Id("Its id.")], [ApiAnswer.Of<IncidentView>(), NotThere],
            static async (context, id) => await AnswerAsync(context, await Of<IncidentsReader>(context).OneAsync(id, context.RequestAborted), "There is no incident of this id, or no longer.")),
        new(new AdminRoute("POST", "/api/incidents/{id}/look", AdminAccess.Operator, LookAsync),
            "Has the incident's destination looked at again: network and host, changing nothing. The incident then says how it goes.", [Id("Its id.")],
            [ApiAnswer.Of<LookView>("Asked for, or already going on.", 202), ApiAnswer.Of<LookView>("Not now, and why.", 409), NotThere]),
        Get("/api/failures", "Failures that were kept, newest first.",
            [
                s_cause, new("party", "Only where this party must act."), s_route, s_destination, new("incident", "Only of this incident."),
                new("from", "Not before this moment.", Format: "date-time"), new("to", "Before this moment.", Format: "date-time"),
                new("text", "With this text in id, cause, route, destination, request, client or sentence."), s_limit, s_cursor,
            ],
            [ApiAnswer.Of<FailuresView>()],
            static async (context, _) => await ApiJson.WriteAsync(context, await Of<FailuresReader>(context).ListAsync(Asked.Of(context), context.RequestAborted))),
        Get("/api/failures/{id}", "One failure: the same object as its line in the event log, or its line in the list when another version of ProxyGate wrote it. For one of a storm that has no record of its own: what stands for it.",
            [Id("Its id, as it is written or typed.")], [new(200, "OK", Schema: FailureOrRow), NotThere], FailureAsync),
        Get("/api/routes", "Routes, destinations and certificates in force.", [], [ApiAnswer.Of<RoutesView>()],
            static (context, _) => ApiJson.WriteAsync(context, Of<ClustersReader>(context).Routes())),
        Get("/api/causes", "The manual: all causes and root causes, or what a text can mean.", [new("q", "A cause, another proxy's message, a code or a whole log line.")], [ApiAnswer.Of<CausesView>()],
            static (context, _) => ApiJson.WriteAsync(context, CausesView.Of(context.Request.Query["q"].ToString()))),
        Get("/api/causes/{id}", "The manual's page of a cause.", [Id("The cause's id.")], [ApiAnswer.Of<CauseView>(), NotThere],
            static (context, id) => AnswerAsync(context, CauseView.Of(id), "No cause has this id.")),
        Get("/api/root-causes/{id}", "The manual's page of a root cause.", [Id("The root cause's id.")], [ApiAnswer.Of<RootCauseView>(), NotThere],
            static (context, id) => AnswerAsync(context, RootCauseView.Of(id), "No root cause has this id.")),
        Get("/api/config", "The configuration in force, the last refused change, the logs and the store.", [], [ApiAnswer.Of<ConfigView>()],
            static (context, _) => ApiJson.WriteAsync(context, Of<GatewayReader>(context).Config())),
        Get("/api/stream", "What changes, as server-sent events: each is named change, and its data is a LiveChange. With Last-Event-ID, what happened since comes first.", [],
            [new(200, "Until the reader or the gateway goes.", "text/event-stream", typeof(LiveChange)), ApiAnswer.Problem(503, "Too many follow already.")],
            static (context, _) => Of<LiveStream>(context).WriteAsync(context)),
        Get("/api/openapi.json", "This document.", [], [new(200, "OK", Schema: static () => new JsonObject { ["type"] = "object" })], DocumentAsync),
    ];

    private static ApiAnswer NotThere => ApiAnswer.Problem(404, "There is none.");

    private static ApiOperation Get(string path, string summary, IReadOnlyList<ApiParameter> parameters, IReadOnlyList<ApiAnswer> answers, Func<HttpContext, string, Task> answer) =>
        new(new AdminRoute("GET", path, AdminAccess.Operator, answer), summary, parameters, answers);

    private static ApiParameter Id(string what) => new("id", what, IsInPath: true);

    private static T Of<T>(HttpContext context) where T : notnull => context.RequestServices.GetRequiredService<T>();

    private static Task AnswerAsync<T>(HttpContext context, T? view, string missing) where T : class =>
        view is null ? ApiJson.NotFoundAsync(context, missing) : ApiJson.WriteAsync(context, view);

    private static async Task FailureAsync(HttpContext context, string id)
    {
        var failure = await Of<FailuresReader>(context).OneAsync(id, context.RequestAborted);
        await (failure switch
        {
            null => ApiJson.NotFoundAsync(context, "No failure of this id was kept; look for it in the event log."),
            { Folded: { } folded } => ApiJson.WriteAsync(context, folded),
            { Event: { } whole } => ApiJson.WriteAsync(context, whole),
            _ => ApiJson.WriteAsync(context, failure.Line),
        });
    }

    private static async Task LookAsync(HttpContext context, string id)
    {
        var look = await Of<IncidentLooks>(context).AskAsync(id, context.RequestAborted);
        await (look is null
            ? ApiJson.NotFoundAsync(context, "There is no incident of this id, or no longer.")
            : ApiJson.WriteAsync(context, look, look.State == "failed" ? StatusCodes.Status409Conflict : StatusCodes.Status202Accepted));
    }

    private static JsonObject FailureOrRow() => new()
    {
        ["anyOf"] = new JsonArray(new JsonObject { ["$ref"] = "#/components/schemas/Failure" }, new JsonObject { ["$ref"] = "#/components/schemas/FailureRow" }, new JsonObject { ["$ref"] = "#/components/schemas/Folded" }),
    };

    private static Task DocumentAsync(HttpContext context, string _)
    {
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = s_document.Length;
        return context.Response.Body.WriteAsync(s_document, context.RequestAborted).AsTask();
    }
}
