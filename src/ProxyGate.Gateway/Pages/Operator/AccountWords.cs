using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Events;
using ProxyGate.Diagnostics.Explanation;
using ProxyGate.Diagnostics.Investigations;

namespace ProxyGate.Gateway.Pages.Operator;

/// <summary>The words that go around a diagnosis in its long forms.</summary>
internal static class AccountWords
{
    /// <summary>Where a root cause is mended, which may be elsewhere than where the failure showed.</summary>
    private static readonly Dictionary<string, string> s_places = new()
    {
        ["wrong_port"] = "The address: what is configured, or where the app listens.",
        ["app_bound_to_loopback"] = "The address: where the app listens, or what is configured.",
        ["app_bound_elsewhere"] = "The address: where the app listens, or what is configured.",
        ["localhost_ipv6"] = "The address: what is configured, or where the app listens.",
        ["localhost_in_container"] = "The address: what is configured, or where the app runs.",
        ["scheme_http_to_https"] = "The configured address: http or https.",
        ["scheme_https_to_http"] = "The configured address: http or https.",
        ["self_signed"] = "The app's certificate, or ProxyGate's trust in it.",
        ["port_taken"] = "The app's machine: which program has the app's port.",
        ["app_hung"] = "The app's process: why it does not answer.",
        ["worker_pool_full"] = "The app: how much it can do at once.",
        ["app_down"] = "The app's process: whether it runs.",
        ["crashed"] = "The app's process: why it ended.",
        ["oom_killed"] = "The app's process: how much memory it needs, and may use.",
        ["slow_request"] = "The app itself: why this request takes so long.",
        ["egress_rule"] = "The firewall rules of ProxyGate's own machine.",
        ["no_route"] = "The network settings of ProxyGate's own machine, or its router.",
    };

    /// <summary>Whose it is to act, in words for who asks that first.</summary>
    public static string Act(Diagnosis diagnosis) =>
        diagnosis.Hints is [{ Confidence: not Confidence.Possible } surest, ..] && s_places.TryGetValue(surest.Id, out var place) ? place : Act(diagnosis.Failure);

    private static string Act(Failure failure) => failure.Party switch
    {
        Party.Client => "The client: the browser or program that sent this request.",
        Party.Gateway => "ProxyGate: its configuration, or the machine it runs on.",
        Party.Network when failure.Stage == Stage.Dns => "The name service: the name itself, or the server that was asked for it.",
        Party.Network => "The network between ProxyGate and the app, or the app's machine.",
        Party.UpstreamProcess => failure.Stage switch
        {
            Stage.Connect => "The app's process: whether it runs, and where it listens.",
            Stage.Tls => "The server in front of the app, where TLS is set up: often the app's own.",
            _ => "The app's process, or the server it runs in.",
        },
        Party.UpstreamApp => "The app itself: its code or its settings.",
        Party.NextGateway => "The gateway behind this one.",
        _ => "Not known yet.",
    };

    public static string Retry(Failure failure) => (failure.Cause.Retryable, failure.RetryAfterSeconds) switch
    {
        (true, { } seconds) => string.Create(CultureInfo.InvariantCulture, $"Can help; clients are told to wait {seconds} s."),
        (true, null) => "Can help.",
        _ => "Will not help until something is changed.",
    };

    public static string Reasons(IReadOnlyList<Hint> hints) => (hints.Count, hints[0].Confidence) switch
    {
        ( > 1, _) => "Reasons, the surest first",
        (_, Confidence.Proved) => "The reason",
        (_, Confidence.Likely) => "The likely reason",
        _ => "A possible reason",
    };

    public static string Label(CommandKind kind) => kind switch
    {
        CommandKind.Check => "Check",
        CommandKind.Fix => "Fix",
        _ => "What to do",
    };

    public static string LabelNote(CommandKind kind) => kind switch
    {
        CommandKind.Check => "only looks, changes nothing",
        CommandKind.Fix => "changes what each step says",
        _ => "",
    };

    /// <summary>The moment all relative times are counted from: the event's own.</summary>
    public static DateTimeOffset Now(FailureEvent failure) => failure.Diagnosis.Context?.Now ?? failure.Time;

    /// <summary>E.g. <c>Looked 12 s ago at 127.0.0.1:5000, for 38 ms.</c></summary>
    public static string Looked(InvestigationFacts look, DateTimeOffset now) =>
        $"Looked {Ago(now - look.At)} at {HostileText.Line(look.Address, 100)}, for {Time(look.DurationMs)}.";

    public static string Ago(TimeSpan ago) => ago.TotalSeconds switch
    {
        < 1.5 => "just now",
        < 119.5 => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalSeconds:0} s ago"),
        < 7200 => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalMinutes:0} min ago"),
        < 172_800 => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalHours:0} h ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ago.TotalDays:0} days ago"),
    };

    public static string Time(double ms) => ms switch
    {
        double.NaN or < 0 => "0 ms",
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{ms:0.#} ms"),
        < 9_999.5 => string.Create(CultureInfo.InvariantCulture, $"{ms:0} ms"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{ms / 1000:0.#} s"),
    };
}
