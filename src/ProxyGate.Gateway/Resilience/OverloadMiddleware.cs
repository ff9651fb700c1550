using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Gateway.Resilience;

/// <summary>Turns requests away when the gateway as a whole has as many under way as it may, before they cost more than a counter.</summary>
internal sealed class OverloadMiddleware
{
    private readonly RequestDelegate _next;
    private readonly IGatewaySettingsSource _source;
    private readonly Action<RequestRecord> _becameTunnel;
    private int _underWay;

    public OverloadMiddleware(RequestDelegate next, IGatewaySettingsSource source)
    {
        (_next, _source) = (next, source);
        _becameTunnel = _ => Interlocked.Decrement(ref _underWay);
    }

    public async Task InvokeAsync(HttpContext context)
    {
        if (context.Features.Get<RequestRecord>() is not { } record)
        {
            await _next(context);
            return;
        }

        var underWay = Interlocked.Increment(ref _underWay);
        try
        {
            if (_source.Current.Overload.MaxRequests is { } max && underWay > max)
            {
                record.Decide(GatewayDecision.Overloaded, string.Create(CultureInfo.InvariantCulture, $"{max} requests under way"));
                return;
            }

            record.BecameTunnel = _becameTunnel;
            await _next(context);
        }
        finally
        {
            if (!record.IsTunnel) Interlocked.Decrement(ref _underWay);
        }
    }
}
