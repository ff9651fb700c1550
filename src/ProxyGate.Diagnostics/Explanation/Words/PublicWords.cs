using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Diagnostics.Causes;
using ProxyGate.Diagnostics.Classification;

namespace ProxyGate.Diagnostics.Explanation.Words;

/// <summary>
/// One sentence for the public. The same for all causes of a kind, so that a page does not tell a stranger how things look inside;
/// no value of any kind goes in.
/// </summary>
internal static class PublicWords
{
    private const string NotYou = "This is not caused by your connection.";

    public static string Of(Failure failure) => failure.Cause.Id switch
    {
        CauseId.RouteNotFound => "There is nothing at this address. Please check it for a typing mistake.",
        CauseId.RateLimited => "You have sent many requests in a short time. Please wait a moment and try again.",
        CauseId.DeniedByPolicy => "You are not allowed to open this page.",
        CauseId.ClientBodyFailed => "Your request did not arrive completely. Please try again.",
        CauseId.ClientBodyTimeout or CauseId.ClientHeadTimeout => "Your request took too long to arrive. Please check your connection and try again.",
        CauseId.ClientRequestMalformed => "Your browser or program sent a request that could not be understood.",
        CauseId.ClientRequestTooLarge => failure.Status == 431
            ? "Your browser sent too much data along with the request. Deleting the cookies of this site usually helps."
            : "What you sent is larger than this service accepts.",
        CauseId.ClientDisconnected => "The connection was closed before the answer was complete.",
        CauseId.UploadRejectedEarly => "The service did not accept what you sent.",
        CauseId.GatewayOverloaded or CauseId.DestinationLimitReached or CauseId.ListenBacklogFull or CauseId.GatewayPortsExhausted or CauseId.GatewayFdsExhausted =>
            $"The service has too much to do at the moment. {NotYou} Please try again shortly.",
        CauseId.GatewayDraining or CauseId.UpstreamRestarting or CauseId.UpstreamStarting =>
            $"The service is being restarted. {NotYou} Please try again shortly.",
        _ when failure.Party == Party.Client => "The connection ended before the answer was complete. Please try again.",
        _ when failure.Cause.Status == 504 => $"The service did not answer in time. {NotYou} Please try again in a little while.",
        _ when failure.Cause.Retryable => $"The service is not available at the moment. {NotYou} Please try again in a little while.",
        _ => $"The service is not available at the moment. {NotYou} Trying again will probably not help until it has been repaired.",
    };
}
