using System.Net;
using ProxyGate.Gateway.Configuration;

namespace ProxyGate.Gateway.Listeners;

/// <summary>Whose forwarding fields are believed.</summary>
internal sealed class TrustedProxies
{
    private volatile State _state;

    public TrustedProxies(IGatewaySettingsSource settings)
    {
        _state = State.Of(settings.Current);
        settings.Changed += changed => _state = State.Of(changed);
    }

    public bool Any => _state.UnixSockets || _state.Networks.Length > 0;

    public bool Trusts(RealPeer peer) => peer.IsUnixSocket ? _state.UnixSockets : peer.Address is not null && Trusts(peer.Address);

    public bool Trusts(IPAddress address)
    {
        var plain = RealPeer.Plain(address)!;
        foreach (var network in _state.Networks)
        {
            if (network.Contains(plain))
                return true;
        }

        return false;
    }

    private sealed record State(IPNetwork[] Networks, bool UnixSockets)
    {
        public static State Of(GatewaySettings settings)
        {
            var networks = new List<IPNetwork>();
            foreach (var text in settings.TrustedProxies)
            {
                if (NetworkRange.TryParse(text, out var network, out _, out _))
                    networks.Add(network);
            }

            return new State([.. networks], settings.TrustedProxies.Contains("unix:"));
        }
    }
}
