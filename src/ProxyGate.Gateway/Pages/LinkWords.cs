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
        ChainState.Passed => "ok",
        ChainState.Failed => "failed here",
        ChainState.Skipped => "not needed",
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

    public static string Confidence(Confidence confidence) => confidence switch
    {
        Diagnostics.Classification.Confidence.Proved => "proved",
        Diagnostics.Classification.Confidence.Likely => "likely",
        _ => "possible",
    };
}
