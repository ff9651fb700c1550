using System.Globalization;
using System.Text.Json;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation.Guides;
using ProxyGate.Diagnostics.Explanation.Hints;

namespace ProxyGate.Output;

/// <summary>
/// One failure of the event log as a page: the only one there is where the answer had begun or the client had gone. The log is a file others may
/// have written to: everything in it is cleaned again.
/// </summary>
internal static class FailureText
{
    private const int MostLines = 60;

    /// <param name="page">Where it goes.</param>
    /// <param name="failure">Its event.</param>
    /// <param name="findings">What was found out about its incident afterwards, the newest last.</param>
    public static void Write(PageText page, JsonElement failure, IReadOnlyList<JsonElement> findings)
    {
        var cause = Text(failure, "cause");
        page.Title($"{Text(failure, "id")}: {cause}");
        page.Blank();
        page.Paragraph(CauseCatalogue.TryGet(cause, out _) ? CauseGuides.Of(cause).Meaning : "This version of ProxyGate does not know that cause.");
        page.Heading("The request");
        var client = Member(failure, "client");
        page.Paragraph($"{Text(client, "method")} {Text(client, "host")}{Text(client, "path")}, {Text(failure, "@t")}");
        page.Paragraph($"route {Text(failure, "route")}, destination {Text(failure, "destination")} of cluster {Text(failure, "cluster")}");
        page.Paragraph(Status(failure));
        page.Heading("The attempts");
        foreach (var attempt in Items(failure, "attempts")) page.Paragraph(Attempt(attempt), $"{Text(attempt, "n")}. ");
        Hints(page, failure, "What points to the reason");
        if (findings.Count > 0) Found(page, findings[^1]);
        page.Heading("More");
        if (Text(failure, "nginx_message") is { Length: > 0 } nginx) page.Paragraph($"nginx would have logged: {nginx}");
        page.Paragraph($"proxygate explain {cause} has the usual reasons and what to do about each.");
    }

    private static void Found(PageText page, JsonElement finding)
    {
        page.Heading($"What a look afterwards found ({Text(finding, "@t")})");
        foreach (var line in Items(finding, "findings")) page.Paragraph(Clean(line), "- ");
        Hints(page, finding, "What that points to");
    }

    private static void Hints(PageText page, JsonElement of, string heading)
    {
        var first = true;
        foreach (var hint in Items(of, "hints"))
        {
            if (first) page.Heading(heading);
            first = false;
            var id = Text(hint, "id");
            var words = Text(hint, "sentence") is { Length: > 0 } sentence ? sentence : HintGuides.TryGet(id, out var guide) ? guide.Title : id;
            page.Paragraph($"{words} ({id})", $"{Text(hint, "confidence")}: ", emphasis: true);
            foreach (var evidence in Items(hint, "evidence")) page.Paragraph(Clean(evidence), "because: ", 4);
            page.Commands([.. Items(hint, "try").Select(Clean)], 6);
        }
    }

    private static string Attempt(JsonElement a)
    {
        var reused = Member(a, "reused") is { ValueKind: JsonValueKind.True } ? $", kept connection, its request number {Text(a, "request_no")}" : "";
        var body = Member(a, "body") is { ValueKind: JsonValueKind.Object } b && Text(b, "bytes_received") is { Length: > 0 } got
            ? $", {got}{(Text(b, "content_length") is { Length: > 0 } all ? $" of {all}" : "")} bytes of the body" : "";
        // Where no connection was made, what was tried tells where.
        var address = Text(a, "address") is { Length: > 0 } connected ? connected : string.Join(", ", Items(a, "addresses_tried").Select(t => Text(t, "address")));
        return $"{Text(a, "destination")} ({(address.Length > 0 ? address : "no address")}){reused}: {Text(a, "bytes_sent")} bytes sent, {Text(a, "bytes_received")} received{body}, {(Text(a, "cause") is { Length: > 0 } cause ? cause : "ended")} after {Milliseconds(a)}";
    }

    private static string Status(JsonElement failure)
    {
        var (sent, own) = (Text(failure, "status"), Text(failure, "upstream_status"));
        return $"status sent to the client: {sent}{(own.Length > 0 ? $"; the app's own: {own}" : "")}";
    }

    private static string Milliseconds(JsonElement of) => Member(of, "duration_ms") is { ValueKind: JsonValueKind.Number } ms ? string.Create(CultureInfo.InvariantCulture, $"{ms.GetDouble():0.#} ms") : "an unknown time";

    private static JsonElement Member(JsonElement of, string name) => of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var value) ? value : default;

    private static IEnumerable<JsonElement> Items(JsonElement of, string name) => Member(of, name) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Take(MostLines) : [];

    private static string Text(JsonElement of, string name) => Clean(Member(of, name));

    private static string Clean(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => HostileText.Line(value.GetString()!, 1024),
        JsonValueKind.Number => HostileText.Line(value.GetRawText(), 40),
        _ => "",
    };
}
