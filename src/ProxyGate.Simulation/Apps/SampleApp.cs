using System.Globalization;
using System.Net;
using System.Text;
using ProxyGate.Simulation.Wire;

namespace ProxyGate.Simulation.Apps;

/// <summary>A healthy app: its front page lists the faults that are running, with links to each.</summary>
public sealed class SampleApp : IAsyncDisposable
{
    private readonly FaultListener _listener;
    private readonly byte[] _page;

    private SampleApp(FaultEnvironment environment, string page)
    {
        _page = Encoding.UTF8.GetBytes(page);
        _listener = new FaultListener(new IPEndPoint(IPAddress.Loopback, 0), environment, ServeAsync);
    }

    /// <summary>Where it listens.</summary>
    public string Address => $"http://127.0.0.1:{_listener.Port.ToString(CultureInfo.InvariantCulture)}";

    public static SampleApp Start(FaultEnvironment environment, IReadOnlyList<RunningFault> running) => new(environment, FrontPage(running));

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    private async Task ServeAsync(UpstreamConnection connection, CancellationToken cancellationToken)
    {
        while (await connection.ReadRequestAsync(cancellationToken) is { } head)
        {
            await connection.SendAsync(
                $"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nCache-Control: no-cache\r\nContent-Length: {_page.Length}\r\n\r\n",
                cancellationToken);
            if (!head.StartsWith("HEAD ", StringComparison.Ordinal))
                await connection.SendAsync(_page, cancellationToken);
        }
    }

    private static string FrontPage(IReadOnlyList<RunningFault> running)
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
        { WarmUps: > 0 } => "<br><small>Take the link twice: the second request meets it.</small>",
        { Method: not "GET" } => $"<br><small>Takes a {request.Method}.</small>",
        _ => "",
    };
}
