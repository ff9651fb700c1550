using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ProxyGate.Gateway.Draining;

/// <summary>
/// While the gateway finishes, every answer is the last on its connection: <c>Connection: close</c>, or GOAWAY in HTTP/2. A client that is told
/// sends its next request elsewhere; one whose connection just closes may have sent it already.
/// </summary>
internal sealed class ClosingConnections(RequestDelegate next, DrainState drain)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (drain.Phase >= DrainPhase.Finishing)
        {
            drain.SawRequest();
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        }

        return next(context);
    }
}
