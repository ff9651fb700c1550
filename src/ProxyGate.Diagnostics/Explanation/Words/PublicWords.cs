using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>
/// What the public reads under the title. The same for all causes of a kind, so that a page does not tell a stranger how things look inside;
/// no value of any kind goes in.
/// </summary>
internal static class PublicWords
{
    private const string NotYou = "Your connection is working; the trouble is on the side of this site.";

    public static string Of(Failure failure) => failure.Cause.Id switch
    {
        CauseId.RouteNotFound => "Please check the address for a typing mistake.",
        CauseId.RateLimited => "Many requests came from you in a short time. Please wait a moment and try again.",
        CauseId.DeniedByPolicy => "The people who run this site have not opened this page to you.",
        CauseId.ClientBodyFailed => "Not all of it arrived. Please try again.",
        CauseId.ClientBodyTimeout or CauseId.ClientHeadTimeout => "Please check your connection and try again.",
        CauseId.ClientRequestMalformed => "Your browser or program sent something that is no proper request.",
        CauseId.ClientRequestTooLarge => failure.Status == 431
            ? "Your browser sent too much data along with the request. Deleting the cookies of this site usually helps."
            : "What you sent is larger than this service accepts.",
        CauseId.ClientDisconnected => "The connection was closed before the answer was complete.",
        CauseId.UploadRejectedEarly => "It may be too large, or you may have to sign in first.",
        CauseId.GatewayOverloaded or CauseId.DestinationLimitReached or CauseId.ListenBacklogFull or CauseId.GatewayPortsExhausted or CauseId.GatewayFdsExhausted =>
            $"{NotYou} Please try again shortly.",
        CauseId.GatewayDraining or CauseId.UpstreamRestarting or CauseId.UpstreamStarting =>
            $"This takes a moment. {NotYou} Please try again shortly.",
        _ when failure.Party == Party.Client => "The connection ended before the answer was complete. Please try again.",
        _ when failure.Cause.Retryable => $"{NotYou} Please try again in a little while.",
        _ => $"{NotYou} Trying again will probably not help until the service has been repaired.",
    };
}
