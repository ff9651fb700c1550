using System.Text;
using System.Text.Json.Nodes;
using NJsonSchema;
using ProxyGate.EndToEnd.Tests.Support;
using ProxyGate.Simulation;
using ProxyGate.Simulation.Clients;

namespace ProxyGate.EndToEnd.Tests.Matrix;

/// <summary>The one assertion of the matrix: what the client saw, the header, the page, the JSON and the event all name the same cause.</summary>
internal static class Verdicts
{
    private static readonly Lazy<Task<JsonSchema>> Schema = new(async () =>
    {
        var assembly = typeof(ProxyGate.Diagnostics.Events.FailureEventJson).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith("proxygate.failure.1.schema.json", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return await JsonSchema.FromJsonAsync(await reader.ReadToEndAsync());
    });

    /// <param name="gateway">The gateway in front of the fault.</param>
    /// <param name="fault">What is running behind it.</param>
    /// <param name="format">The format of the page that is asked for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="mark">A last segment of the path that no other request has, so that runs at the same time can tell their events apart.</param>
    public static async Task AssertAsync(GatewayProcess gateway, Fault fault, string format, CancellationToken cancellationToken, string mark = "")
    {
        var since = DateTimeOffset.UtcNow;
        var request = fault.Request with { Headers = [.. fault.Request.Headers, new("Accept", format)], Path = fault.Request.Path + mark };
        gateway.AssertAlive();
        var seen = await FaultClient.SendAsync(gateway.Server, request, FaultGatewayConfig.PrefixOf(fault), cancellationToken);
        var what = $"{fault.Id} ({format}): status {seen.Status}, {seen.End}, body: {Start(seen)}";
        if (fault.Expect.Cause is null)
        {
            Assert.True(seen.Status == fault.Expect.Status, what);
            Assert.True(seen.End == AnswerEnd.Complete, what);
            return;
        }

        // Some oddities may pass as well as be refused; then no event is owed.
        if (fault.Expect.Accepted.Any(e => e.Cause is null && e.Status == seen.Status) && seen.Field("ProxyGate-Failure") is null) return;

        var failureEvent = await EventAsync(gateway, fault, mark, seen, since, cancellationToken);
        var told = $"{what}\n{failureEvent.ToJsonString()}";
        var accepted = fault.Expect.Accepted.FirstOrDefault(e => Matches(e, failureEvent));
        Assert.True(accepted is not null, $"Expected {string.Join(" or ", fault.Expect.Accepted.Select(Words))}; the event says {Words(failureEvent)}. {told}");
        var errors = (await Schema.Value).Validate(failureEvent.ToJsonString());
        Assert.True(errors.Count == 0, $"The event breaks its schema: {string.Join("; ", errors)}. {told}");
        AssertSeen(accepted, seen, failureEvent, format, told);
    }

    private static bool Matches(FaultExpectation expected, JsonObject e) => Words(expected) == Words(e);

    private static string Words(FaultExpectation e) => $"{e.Cause} {e.Stage} {e.Party} {e.Status} '{e.ProxyError}'";

    private static string Words(JsonObject e) => $"{e["cause"]} {e["stage"]} {e["party"]} {e["status"]} '{e["proxy_status"]}'";

    private static void AssertSeen(FaultExpectation expected, ClientObservation seen, JsonObject failureEvent, string format, string told)
    {
        switch (expected.ClientSees)
        {
            case ClientSees.Page:
                if (seen.Field("ProxyGate-Failure") is null && failureEvent["client"]!["path"]!.ToString().Length == 0)
                {
                    // Refused by the server before it was a request of ours: its bare status is all there is.
                    Assert.True(seen.Status == expected.Status, told);
                    return;
                }

                Assert.True(seen.Status == expected.Status, told);
                Assert.True(seen.End == AnswerEnd.Complete, told);
                Assert.True(seen.Field("ProxyGate-Failure") == (string?)failureEvent["id"], told);
                Assert.True(seen.Field("Proxy-Status")?.StartsWith($"proxygate; error={expected.ProxyError}", StringComparison.Ordinal) == true, told);
                Assert.True(seen.Field("Cache-Control") == "no-store", told);
                // The page of a loop is made at the second pass, for whoever a forwarding proxy brings: the public. It passes through the first.
                if (expected.Cause != "proxy_loop") AssertBody(expected, seen, failureEvent, format, told);
                break;
            case ClientSees.Aborted:
                Assert.True(seen.End is AnswerEnd.Closed or AnswerEnd.Reset, told);
                break;
            case ClientSees.PassedThrough:
                Assert.True(seen.Status == expected.Status, told);
                Assert.True(seen.Field("ProxyGate-Failure") is null, told);
                break;
        }
    }

    private static void AssertBody(FaultExpectation expected, ClientObservation seen, JsonObject failureEvent, string format, string told)
    {
        var body = Text(seen);
        var type = seen.Field("Content-Type") ?? "";
        Assert.True(type.StartsWith(format, StringComparison.Ordinal), $"Content-Type {type}. {told}");
        Assert.True(body.Contains((string)failureEvent["id"]!, StringComparison.Ordinal), $"The page does not show the id. {told}");
        Assert.True(body.Contains(expected.Cause!, StringComparison.Ordinal), $"The operator's page does not name the cause. {told}");
        if (expected.Before is { } before) AssertBefore(before, body, failureEvent, format, told);
        if (format != "application/problem+json") return;
        var problem = JsonNode.Parse(body)!;
        Assert.True((int?)problem["status"] == expected.Status, told);
        Assert.True((string?)problem["cause"] == expected.Cause, told);
        Assert.True((string?)problem["incident"] == (string?)failureEvent["incident"], told);
        Assert.True(problem["attempts"]!.AsArray().Count == failureEvent["attempts"]!.AsArray().Count, told);
    }

    /// <summary>Who was sent nowhere is told what the failures before met: their cause, the last of them in words, and that it was then.</summary>
    private static void AssertBefore(string cause, string body, JsonObject failureEvent, string format, string told)
    {
        var open = failureEvent["open_circuit"]!;
        Assert.True((string?)open["cause"] == cause && open["reason"] is not null && open["failed_at"] is not null && (double?)open["retry_in_ms"] is >= 0, told);
        Assert.True(body.Contains(cause, StringComparison.Ordinal) && body.Contains((string)open["failure"]!, StringComparison.Ordinal), $"The page does not tell of the failure before. {told}");
        if (format != "application/problem+json") return;
        var problem = JsonNode.Parse(body)!;
        Assert.True((string?)problem["open_circuit"]!["reason"] == (string?)open["reason"], told);
        Assert.True(JsonNode.DeepEquals(problem["hints"], failureEvent["hints"]), told);
    }

    /// <summary>By its id where the client got one; by its path where it did not; by its cause where the request never got as far as a path.</summary>
    private static async Task<JsonObject> EventAsync(
        GatewayProcess gateway, Fault fault, string mark, ClientObservation seen, DateTimeOffset since, CancellationToken cancellationToken)
    {
        if (seen.Field("ProxyGate-Failure") is { } id) return await gateway.EventAsync(id, cancellationToken);
        var prefix = FaultGatewayConfig.PrefixOf(fault) + "/";
        var logged = await gateway.Events.TakeAsync(
            e => e.Time >= since && (e.Path.Length > 0
                ? e.Path.StartsWith(prefix, StringComparison.Ordinal) && e.Path.EndsWith(mark, StringComparison.Ordinal)
                : fault.Expect.Accepted.Any(x => x.Cause == e.Cause)),
            $"There is no event of {fault.Id} (client saw {seen.Status} {seen.End}) in {gateway.EventFile}.",
            cancellationToken);
        return logged.Json();
    }

    private static string Text(ClientObservation seen) => Encoding.UTF8.GetString(seen.Body);

    private static string Start(ClientObservation seen) => Encoding.UTF8.GetString(seen.Body, 0, Math.Min(seen.Body.Length, 2000));
}
