using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Classification;
using ProxyGate.Diagnostics.Explanation;

namespace ProxyGate.Gateway.Pages;

/// <summary>What the parts of a diagnosis are called on pages.</summary>
internal static class LinkWords
{
    public static string State(ChainState state) => state switch
    {
        ChainState.Passed => "passed",
        ChainState.Failed => "failed",
        ChainState.Skipped => "skipped",
        _ => "not_reached",
    };

    public static string StateForReaders(ChainState state) => state switch
    {
        ChainState.Passed => "held",
        ChainState.Failed => "failed here",
        ChainState.Skipped => "nothing to do",
        _ => "not reached",
    };

    public static string Mark(ChainState state) => state switch
    {
        ChainState.Passed => "✓",
        ChainState.Failed => "✗",
        ChainState.Skipped => "–",
        _ => "·",
    };

    public static string Name(string link) => link switch
    {
        "client" => "Client",
        "gateway" => "ProxyGate",
        "name" => "Name",
        "tcp" => "Connection",
        "tls" => "TLS",
        "request" => "Request",
        "answer" => "Answer",
        _ => link,
    };

    public static string Party(Party party) => party switch
    {
        Diagnostics.Attempts.Party.Client => "the client",
        Diagnostics.Attempts.Party.Gateway => "ProxyGate: its configuration or its machine",
        Diagnostics.Attempts.Party.Network => "the network, or the machine behind it",
        Diagnostics.Attempts.Party.UpstreamProcess => "the app's process: is it running, and how is it set up?",
        Diagnostics.Attempts.Party.UpstreamApp => "the app itself",
        Diagnostics.Attempts.Party.NextGateway => "the gateway behind this one",
        _ => "not known",
    };

    public static string Confidence(Confidence confidence) => confidence switch
    {
        Diagnostics.Classification.Confidence.Proved => "proved",
        Diagnostics.Classification.Confidence.Likely => "likely",
        _ => "possible",
    };

    public static string Retry(Failure failure) => (failure.Cause.Retryable, failure.Cause.RetryAfterSeconds) switch
    {
        (true, { } seconds) => $"can help, after {seconds} s",
        (true, null) => "can help",
        _ => "will not help until something is changed",
    };
}
