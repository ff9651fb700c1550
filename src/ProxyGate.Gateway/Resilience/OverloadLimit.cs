using System.Globalization;
using ProxyGate.Diagnostics.Attempts;
using ProxyGate.Gateway.Configuration;
using ProxyGate.Gateway.Forwarding;

namespace ProxyGate.Gateway.Resilience;

/// <summary>Turns requests away when the gateway as a whole has as many under way as it may, before they cost more than a counter.</summary>
internal sealed class OverloadLimit
{
    private readonly IGatewaySettingsSource _source;
    private readonly Action<RequestRecord> _becameTunnel;
    private int _underWay;

    public OverloadLimit(IGatewaySettingsSource source)
    {
        _source = source;
        _becameTunnel = _ => Interlocked.Decrement(ref _underWay);
    }

    /// <summary>Counts a request in. False when there is no place for it. It must <see cref="Leave"/> either way.</summary>
    public bool Enter(RequestRecord record)
    {
        var underWay = Interlocked.Increment(ref _underWay);
        if (_source.Current.Overload.MaxRequests is { } max && underWay > max)
        {
            record.Decide(GatewayDecision.Overloaded, string.Create(CultureInfo.InvariantCulture, $"{max} requests under way"));
            return false;
        }

        record.BecameTunnel = _becameTunnel;
        return true;
    }

    public void Leave(RequestRecord record)
    {
        if (!record.IsTunnel) Interlocked.Decrement(ref _underWay);
    }
}
