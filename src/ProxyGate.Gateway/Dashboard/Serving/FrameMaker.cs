using Microsoft.AspNetCore.Http;
using ProxyGate.Gateway.Dashboard.Views;

namespace ProxyGate.Gateway.Dashboard.Serving;

/// <summary>Makes what stands around every screen.</summary>
internal sealed class FrameMaker(Readiness readiness, TimeProvider clock)
{
    public FrameView Of(HttpContext context) => new(
        context.Request.Path.Value ?? "/",
        readiness.State,
        clock.GetUtcNow(),
        context.User.Identity is { IsAuthenticated: true, Name: { } name } ? Shown.Line(name, 60) : null);
}
