using System.Globalization;
using System.Net;
using System.Text;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Apps;

/// <summary>A page the sample app serves beside its own.</summary>
/// <param name="Body">HTML.</param>
/// <param name="Fields">Further header fields.</param>
public sealed record SamplePage(ReadOnlyMemory<byte> Body, IReadOnlyList<KeyValuePair<string, string>> Fields);

/// <summary>A healthy app: its front page lists the faults that are running, with links to each.</summary>
public sealed class SampleApp : IAsyncDisposable
{
    private readonly FaultListener _listener;
    private readonly SamplePage _front;
    private readonly IReadOnlyDictionary<string, SamplePage> _pages;

    private SampleApp(FaultEnvironment environment, string page, IReadOnlyDictionary<string, SamplePage> pages)
    {
        _front = new SamplePage(Encoding.UTF8.GetBytes(page), []);
        _pages = pages;
        _listener = new FaultListener(new IPEndPoint(IPAddress.Loopback, 0), environment, ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Address => $"http://127.0.0.1:{_listener.Port.ToString(CultureInfo.InvariantCulture)}";

    /// <param name="gallery">Pages by their path; the first is what the front page links to.</param>
    public static SampleApp Start(FaultEnvironment environment, IReadOnlyList<RunningFault> running, IReadOnlyDictionary<string, SamplePage>? gallery = null) =>
        new(environment, FrontPage(running, gallery?.Keys.FirstOrDefault()), gallery ?? new Dictionary<string, SamplePage>());

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReadRequestAsync(cancellationToken) is { } head)
        {
            var page = head.Split(' ') is [_, var path, ..] && _pages.TryGetValue(path, out var found) ? found : _front;
            var fields = string.Concat(page.Fields.Select(f => $"{f.Key}: {f.Value}\r\n"));
            await connection.SendAsync(
                $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-cache\r\n{fields}Content-Length: {page.Body.Length}\r\n\r\n",
                cancellationToken);
            if (!head.StartsWith("HEAD ", StringComparison.Ordinal))
                await connection.SendAsync(page.Body, cancellationToken);
        }
    }

    private static string FrontPage(IReadOnlyList<RunningFault> running, string? gallery)
    {
        var page = new StringBuilder(
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <title>ProxyGate demo</title>
            <style>
            body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1d2430; background: #fff }
            table { border-collapse: collapse; width: 100% } td { border-top: 1px solid #dde2ea; padding: .4rem .6rem .4rem 0; vertical-align: top }
            h2 { margin-top: 2.5rem } code { font-size: .9em } td:first-child { white-space: nowrap }
            @media (prefers-color-scheme: dark) { body { color: #e4e8ef; background: #14181f } td { border-color: #333b48 } a { color: #8ab4ff } }
            </style></head><body>
            <h1>ProxyGate demo</h1>
            <p>This page comes from a healthy app behind the gateway. Each link leads to an upstream that misbehaves in one way;
            the gateway says what happened, whose fault it is and what to do.</p>
            """);
        if (gallery is not null)
            page.Append(CultureInfo.InvariantCulture, $"\n<p>To read without provoking anything: <a href=\"{gallery}\">the page of every cause</a>, as operators and as visitors see it.</p>\n");
        foreach (var family in running.GroupBy(one => one.Fault.Family).OrderBy(group => FaultFamily.All.ToList().IndexOf(group.Key)))
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{WebUtility.HtmlEncode(family.Key)}</h2>\n<table>\n");
            foreach (var fault in family.Select(one => one.Fault))
                page.Append(Row(fault));
            page.Append("</table>\n");
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static string Row(Fault fault)
    {
        var path = FaultGatewayConfig.PrefixOf(fault) + fault.Request.Path;
        var expected = fault.Expect.Cause is { } cause ? $"<code>{cause}</code>, {fault.Expect.Status}" : $"no failure, {fault.Expect.Status}";
        return $"<tr><td><a href=\"{path}\">{fault.Id}</a></td><td>{WebUtility.HtmlEncode(fault.Summary)}{HowToMeet(fault.Request)}</td><td>{expected}</td></tr>\n";
    }

    /// <summary>What a link alone does not do.</summary>
    private static string HowToMeet(FaultRequest request) => request switch
    {
        { Behaviour: not ClientBehaviour.Normal } => "<br><small>The link alone does not meet it: the client has to misbehave.</small>",
        { WebSocket: true } => "<br><small>The link alone does not meet it: it takes a WebSocket.</small>",
        { BodyLength: > 0 } => $"<br><small>Takes a {request.Method} of {request.BodyLength} bytes.</small>",
        { WarmUps: 1 } => "<br><small>Take the link twice: the second request meets it.</small>",
        { WarmUps: > 1 and var before } => $"<br><small>Take the link {before + 1} times: the last request meets it.</small>",
        { Crowd: > 0 } => "<br><small>Take the link again in another tab while this one still loads.</small>",
        { Method: not "GET" } => $"<br><small>Takes a {request.Method}.</small>",
        _ => "",
    };
}
