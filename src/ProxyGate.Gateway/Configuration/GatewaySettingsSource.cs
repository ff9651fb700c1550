using Microsoft.Extensions.Logging;

namespace ProxyGate.Gateway.Configuration;

/// <summary>The settings in force.</summary>
internal sealed class GatewaySettingsSource(GatewaySettings initial, ILogger<GatewaySettingsSource> logger) : IGatewaySettingsSource
{
    private volatile GatewaySettings _current = initial;

    public event Action<GatewaySettings>? Changed;

    public GatewaySettings Current => _current;

    public void TakeOver(GatewaySettings settings)
    {
        _current = settings;
        foreach (var subscriber in (Changed?.GetInvocationList() ?? []).Cast<Action<GatewaySettings>>())
        {
            try
            {
                subscriber(settings);
            }
            catch (Exception e)
            {
                // One that cannot follow must not keep the change from the others.
                logger.LogError(e, "{Subscriber:l} could not follow a change of the configuration.", subscriber.Method.DeclaringType?.Name);
            }
        }
    }
}
