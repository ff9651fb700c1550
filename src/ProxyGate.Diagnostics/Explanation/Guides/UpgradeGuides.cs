using ProxyGate.Diagnostics.Causes;

namespace ProxyGate.Diagnostics.Explanation.Guides;

/// <summary>WebSockets and other connections that stay open both ways.</summary>
internal static class UpgradeGuides
{
    public static readonly Dictionary<string, GuideText> Table = new()
    {
        [CauseId.UpgradeFailed] = new(
            "The visitor's page asked for a live connection (WebSocket), and the app did not open it in the right form.",
            new("upgrade_not_supported", "The app answers 200, 400 or 404 instead of 101: there is no WebSocket at this path, or it is switched off."),
            new("middle_proxy", "Asked directly, the app opens it: a proxy in between drops the headers Upgrade and Connection."),
            new("wrong_sni_or_host", "The app answers 403: it does not accept the Origin or Host it sees."),
            new("app_bug", "The app answers 101, with a missing or wrong Sec-WebSocket-Accept.")),
        [CauseId.UnexpectedUpgrade] = new(
            "The app switched to another protocol (status 101) although nobody had asked for that, so ProxyGate ended the connection.",
            new("app_bug", "The app answers 101 to an ordinary request sent with curl, too."),
            new("wrong_port", "The port belongs to a service that expects WebSockets or HTTP/2 only."),
            new("middle_proxy", "Asked directly, the app answers as it should: something in between adds the request for the switch.")),
        [CauseId.UpgradeIdleTimeout] = new(
            "The live connection (WebSocket) carried nothing in either direction for longer than the limit allows, so ProxyGate closed it.",
            new("no_heartbeat", "Neither app nor page sends pings, and it ends after the same quiet time each time: switch pings on, at less than that time."),
            new("client_left", "The visitor's device went to sleep or lost the network without saying goodbye: it happens after different times."),
            new("limit_too_low", "The quiet time is normal for this app: give the route a longer Idle time."),
            new("app_hung", "Pings come from the page and the app no longer answers.")),
        [CauseId.UpgradeBroken] = new(
            "The live connection (WebSocket) was open and then broke on one side. The failure says which side.",
            new("restarted", "All live connections of the app break at the same moment: it was restarted or deployed."),
            new("client_left", "It broke on the visitor's side: the page was closed or the network changed. This is everyday."),
            new("app_crashed_on_request", "The app's process ended, or its log has an exception for this connection."),
            new("middlebox_cut", "It breaks after the same time each time, and neither side did it: a load balancer or firewall in between.")),
    };
}
