using ProxyGate.Diagnostics.Explanation.Words;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Diagnostics.Explanation.Findings;

/// <summary>Commands that confirm a finding and steps that mend it, with what the look saw filled in.</summary>
internal static class FoundSteps
{
    public static string Step(string text) => Shell.Step(text);

    public static string Listeners(Look look) => $"ss -ltnp 'sport = :{look.PortText}'";

    public static string Process(ProcessFacts process) => Amounts.Invariant($"ps -o pid,stat,etime,args -p {process.Pid}");

    /// <summary>How the app's service is asked: by its unit or container where the look knows it, otherwise all kinds.</summary>
    public static IEnumerable<string> Status(Look look)
    {
        var owner = look.Facts.Process ?? look.Facts.ProcessBefore;
        if (owner?.OwnUnit is { } unit) yield return $"systemctl status --no-pager -- {Shell.Word(unit)}";
        else if (owner?.Container is { } container) yield return $"docker ps -a --filter id={Shell.Word(Brief(container))}";
        else
        {
            foreach (var line in Checks.App(look.Seen)) yield return line;
        }
    }

    /// <summary>The file the app's output goes to, where the look found it.</summary>
    public static IEnumerable<string> LogFile(Look look)
    {
        if (look.Facts.Log is { } log && log.File.StartsWith('/')) yield return $"tail -n 50 {Shell.Word(log.File)}";
    }

    /// <summary>The last words of the app.</summary>
    public static IEnumerable<string> Log(Look look)
    {
        var owner = look.Facts.ProcessBefore ?? look.Facts.Process;
        if (owner?.OwnUnit is { } unit) yield return $"journalctl --no-pager -n 50 -u {Shell.Word(unit)}";
        else if (owner?.Container is { } container) yield return $"docker logs --tail 50 {Shell.Word(Brief(container))}";
        else
        {
            foreach (var line in Checks.AppLog(look.Seen)) yield return line;
        }
    }

    /// <summary>Starting it again, behind the step that says so.</summary>
    public static IEnumerable<string> Start(Look look)
    {
        var owner = look.Facts.ProcessBefore ?? look.Facts.Process;
        if (owner?.OwnUnit is { } unit)
        {
            yield return Step("This starts the app's service again:");
            yield return $"systemctl restart -- {Shell.Word(unit)}";
        }
        else if (owner?.Container is { } container)
        {
            yield return Step("This starts the app's container again:");
            yield return $"docker start {Shell.Word(Brief(container))}";
        }
        else if (owner?.CommandLine is { Length: > 0 } command)
        {
            yield return Step($"Start the app again. It was started as: {Seen.Short(command)}");
        }
        else
        {
            yield return Step("Start the app again.");
        }
    }

    /// <summary>Who looks at a URL by hand has no configuration to change.</summary>
    public static string Configure(Look look, string url) => look.Facts.Destination.Contains("://", StringComparison.Ordinal)
        ? Step($"The address of the app is then {url}, not {look.DestinationName}")
        : Step($"In ProxyGate's configuration, set the address of {look.Seen.DestinationInConfig} to {url.TrimEnd('/')}. ProxyGate takes the changed file over by itself.");

    /// <summary>The destination's address with another host and port, e.g. <c>http://127.0.0.1:5001</c>.</summary>
    public static string UrlAt(Look look, string hostPort) => $"{look.Seen.Destination.Scheme}://{Seen.Short(hostPort)}";

    private static string Brief(string container) => container.Length > 12 ? container[..12] : container;
}
